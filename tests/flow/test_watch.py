"""A command under `spyglass watch` does what it always does, and is seen doing it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.flow.conftest import Client

from spyglass.collect.fallback.levels import survey

ORDER = ("minimal", "partial", "full")
SCRIPT = "echo hello > a.txt; mv a.txt b.txt; rm b.txt; sleep 0.4; echo done; exit 3"


def watch(client: Client, *arguments: str, endpoint: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run it to its end, in an environment without addresses of others."""
    where = ["--endpoint", endpoint or client.server.endpoint, "--project", client.project]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPYGLASS_"))}
    command = [sys.executable, "-m", "spyglass", "watch", *where, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=clean, check=False, **options)


def possible(level: str) -> str:
    """The level, where this machine and user allow it."""
    here = survey()
    if ORDER.index(here.level) < ORDER.index(level):
        pytest.skip(f"{level} evidence is not to be had here: {'; '.join(here.problems)}")
    return level


@pytest.mark.parametrize("level", ORDER)
def test_a_command_runs_as_ever_and_is_seen(client: Client, tmp_path: Path, eventually: Callable[..., Any], level: str) -> None:
    """With its output and its exit code; at every level its processes, and its files where the kernel tells them."""
    ran = watch(client, "--level", possible(level), "--name", "agent", "--", "bash", "-c", SCRIPT, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (3, "done\n"), ran.stderr
    assert f"watching agent ({level} evidence)" in ran.stderr
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    seen = [(one["event_name"], one["attributes"]) for one in found]
    programs = [told["process.command_args"] for name, told in seen if name == "process.exec" and "process.command_args" in told]
    assert ["sleep", "0.4"] in programs
    assert any(name == "process.exit" and told["process.exit.code"] == 3 for name, told in seen if "process.exit.code" in told)
    files = {(name, Path(told["file.path"]).name) for name, told in seen if name.startswith("file.")}
    if level == "full":
        assert {("file.write", "a.txt"), ("file.rename", "a.txt"), ("file.delete", "b.txt")} <= files
    elif level == "partial":
        assert ("file.delete", "b.txt") in files
    [run] = eventually(lambda: client.items("/executions"), lambda items: bool(items) and items[0]["status"] != "running")
    assert (run["agent"], run["status"]) == ("agent", "error")
    processes = client.told(f"/executions/{run['id']}/processes")["items"]
    assert ["sleep", "0.4"] in [program for one in processes for program in one["programs"]]


def test_a_probe_that_is_killed_takes_nobody_with_it(client: Client, eventually: Callable[..., Any]) -> None:
    """The command goes on, and so does the watch; that there was a gap is told."""
    possible("full")
    kill = "import os, signal, time, psutil; own = psutil.Process(os.getppid()); "
    kill += "[one.kill() for one in own.children() if 'spyglass.collect.probe' in one.cmdline()]; time.sleep(3); os.execvp('sleep', ['sleep', '0.5'])"
    ran = watch(client, "--", sys.executable, "-c", kill)
    assert ran.returncode == 0, ran.stderr
    assert "was killed by signal 9" in ran.stderr
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    assert "watch.interrupted" in {one["event_name"] for one in found}
    assert ["sleep", "0.5"] in [one["attributes"].get("process.command_args") for one in found]


def test_nothing_runs_when_nobody_would_be_told(client: Client, tmp_path: Path) -> None:
    """A server that is not there is told before the command begins, with code 3."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ran = watch(client, "--level", "minimal", "--", "touch", "made", endpoint=f"http://127.0.0.1:{free.getsockname()[1]}", cwd=tmp_path)
    assert ran.returncode == 3
    assert "no server answers" in ran.stderr
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--level", "minimal", "--", "no-such-command"], 127, "there is no such command"),
        (["--level", "minimal", "--", "/etc/passwd"], 126, "Permission denied"),
        (["--level", "best", "--", "true"], 2, "--level: expected auto, full, partial, minimal"),
        (["--pid", "1", "--", "true"], 2, "say what to watch"),
        ([], 2, "say what to watch"),
        (["--level", "minimal", "--pid", "4000000"], 2, "there is no process 4000000"),
    ],
)
def test_what_cannot_be_done_is_said(client: Client, arguments: list[str], code: int, says: str) -> None:
    """As shells have it, where a command is concerned."""
    ran = watch(client, *arguments)
    assert says in ran.stderr
    assert ran.returncode == code


def test_what_an_agent_tells_names_its_watch(client: Client) -> None:
    """Beside what the user had set."""
    own = "import os, json; print(json.dumps(os.environ['OTEL_RESOURCE_ATTRIBUTES']))"
    ran = watch(client, "--level", "minimal", "--quiet", "--", sys.executable, "-c", own)
    assert ran.stderr == ""
    assert "spyglass.watch.id=" in json.loads(ran.stdout)
