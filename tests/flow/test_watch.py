"""A command under `spyglass watch` does what it always does, and is seen doing it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import pwd
import re
import secrets
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.flow.conftest import Client

from spyglass.collect.fallback.levels import survey

ORDER = ("minimal", "partial", "full")
SCRIPT = "echo hello > a.txt; mv a.txt b.txt; rm b.txt; sleep 0.4; echo done; exit 3"


@contextmanager
def watching(client: Client, *arguments: str, input: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[str]]:  # noqa: A002 - its standard input
    """A watch that goes on until it is told to end; it looks already. A test that fails leaves none."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPYGLASS_"))}
    command = [sys.executable, "-m", "spyglass", "watch", "--endpoint", client.server.endpoint, "--project", client.project, *arguments]
    with subprocess.Popen(command, text=True, stdin=input, stderr=subprocess.PIPE, env=clean) as begun:
        assert begun.stderr is not None
        try:
            first = begun.stderr.readline()
            assert "watching" in first, first + begun.stderr.read()
            yield begun
        finally:
            begun.kill()


def ended(begun: subprocess.Popen[str]) -> str:
    """What it said when it was interrupted."""
    begun.send_signal(signal.SIGINT)
    _, said = begun.communicate(timeout=60)
    assert begun.returncode == 0, said
    return said


@pytest.fixture
def container() -> Iterator[Path]:
    """A control group (version 2) with the name that Docker gives those of its containers."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    roots = [Path(mount[1]) for mount in mounts if mount[2] == "cgroup2"]
    if not roots:
        pytest.skip("control groups of version 2 are not mounted here")
    group = roots[0] / f"docker-{secrets.token_hex(32)}.scope"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    yield group
    for _ in range(100):  # those in it have to be gone
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        threading.Event().wait(0.1)


def watch(client: Client, *arguments: str, endpoint: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run it to its end, in an environment without addresses of others."""
    where = [] if "--url" in arguments else ["--endpoint", endpoint or client.server.endpoint]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPYGLASS_"))}
    command = [sys.executable, "-m", "spyglass", "watch", *where, "--project", client.project, *arguments]
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
    assert (run["agent"], run["status"]) == ("agent", "failed")
    processes = client.told(f"/executions/{run['id']}/processes")["items"]
    assert ["sleep", "0.4"] in [program for one in processes for program in one["programs"]]


def test_a_probe_that_is_killed_takes_nobody_with_it(client: Client, eventually: Callable[..., Any]) -> None:
    """The command goes on, and so does the watch; that there was a gap is told."""
    possible("full")
    kill = "import os, signal, time, psutil; own = psutil.Process(os.getppid()); "
    kill += "[one.kill() for one in own.children() if 'spyglass.collect.probe' in one.cmdline()]; time.sleep(1); os.execvp('sleep', ['sleep', '0.5'])"
    ran = watch(client, "--", sys.executable, "-c", kill)
    assert ran.returncode == 0, ran.stderr
    assert "was killed by signal 9" in ran.stderr
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    assert "watch.interrupted" in {one["event_name"] for one in found}
    assert ["sleep", "0.5"] in [one["attributes"].get("process.command_args") for one in found]


FAILING = """
import os, sys, time
from spyglass.cli.watching import Opening, Order, run
from spyglass.collect.sources import Opened
from spyglass.config.spec import Settings
from spyglass.model.errors import Refused
from spyglass.plugin.contracts import RunnerHealth

opened = []
def failing(level):
    async def batches():
        opened.append(level)
        raise Refused(f"the {level} source failed")
        yield []
    async def close(): pass
    return Opened(batches(), RunnerHealth(level), close, {})
async def best(target, want, level, uid):
    if opened: raise Refused("the probe does not come back")
    return failing("full")
order = Order({"host.id": "h", "spyglass.watch.id": "w"}, "agent", (os.getpid(),), "", None, Settings(), (), True)
begun = time.monotonic()
code = run(order, None, None, sys.argv[1], sys.argv[2], opening=Opening(best, lambda target: failing("minimal"), (0.01, 0.2, 0.2)))
print(code, opened, round(time.monotonic() - begun, 1) >= 0.2)
"""


def test_sources_that_all_fail_are_opened_again_a_few_times_and_no_more(client: Client, eventually: Callable[..., Any]) -> None:
    """After pauses; then the watch says that it sees nothing, tells it, and ends."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPYGLASS_"))}
    command = [sys.executable, "-c", FAILING, client.server.endpoint, client.project]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, env=clean, check=False)
    code, opened = ran.stdout.split(" ", 1)[0], ran.stdout.count("minimal")
    assert (code, ran.stdout.count("full"), ran.stdout.endswith("True\n")) == ("1", 1, True), ran.stdout + ran.stderr
    assert 1 <= opened <= 4
    assert "nothing is left to look with" in ran.stderr
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    interruptions = [one["attributes"]["error.message"] for one in found if one["event_name"] == "watch.interrupted"]
    assert sorted(interruptions) == sorted(["the full source failed", *["the minimal source failed"] * opened])


def test_what_a_terminal_is_told_fits_it(client: Client) -> None:
    """Lines of 80 columns, that end between words: what is not seen, and what would have to be granted."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPYGLASS_")) and name != "COLUMNS"}
    command = [sys.executable, "-m", "spyglass", "watch", "--endpoint", client.server.endpoint, "--project", client.project, "--level", "minimal", "--", "true"]
    begun = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env={**clean, "TERM": "xterm", "NO_COLOR": "1"}, start_new_session=True)
    os.close(slave)
    said = b""
    with contextlib.suppress(OSError):  # the terminal of a process that has ended
        while data := os.read(master, 4096):
            said += data
    os.close(master)
    assert begun.wait(60) == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", said.decode()).splitlines()
    assert any("not seen: what is said over" in line for line in lines)
    assert max(map(len, lines)) <= 80, lines


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
        (["--level", "best", "--", "true"], 2, "watch.level: input should be 'auto', 'full', 'partial' or 'minimal', got 'best'"),
        (["--pid", "1", "--", "true"], 2, "say what to watch"),
        ([], 2, "say what to watch"),
        (["--only-port", "http", "--", "true"], 2, "watch.only_ports: expected a port or a range such as 8000-8999, got 'http'"),
        (["--level", "minimal", "--pid", "4000000"], 2, "there is no process 4000000"),
        (["--host", "--stoppable"], 2, "--host and --stoppable (watch.stoppable) do not go together"),
    ],
)
def test_what_cannot_be_done_is_said(client: Client, arguments: list[str], code: int, says: str) -> None:
    """As shells have it, where a command is concerned."""
    ran = watch(client, *arguments)
    assert says in ran.stderr
    assert ran.returncode == code


def test_a_whole_machine_is_nothing_that_others_may_end(client: Client, tmp_path: Path) -> None:
    """Where the settings allow stops for every watch, too: nothing is watched before whoever asks has chosen."""
    (tmp_path / "settings.yaml").write_text("watch: {level: minimal, stoppable: true}")
    ran = watch(client, "--config", str(tmp_path / "settings.yaml"), "--host")
    assert (ran.returncode, "--no-stoppable" in ran.stderr, "watching" in ran.stderr) == (2, True, False), ran.stderr
    with watching(client, "--config", str(tmp_path / "settings.yaml"), "--host", "--no-stoppable") as begun:
        assert "spyglass: " in ended(begun)


def test_a_server_that_is_named_says_itself_where_it_takes_records(client: Client, eventually: Callable[..., Any]) -> None:
    """`--url` alone is enough, whatever its ports are."""
    ran = watch(client, "--url", client.server.url, "--level", "minimal", "--", "true")
    assert ran.returncode == 0, ran.stderr
    eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))


def test_what_an_agent_tells_names_its_watch(client: Client) -> None:
    """Beside what the user had set."""
    own = "import os, json; print(json.dumps(os.environ['OTEL_RESOURCE_ATTRIBUTES']))"
    ran = watch(client, "--level", "minimal", "--quiet", "--", sys.executable, "-c", own)
    assert ran.stderr == ""
    assert "spyglass.watch.id=" in json.loads(ran.stdout)


def test_what_is_set_is_what_is_told(client: Client, tmp_path: Path, eventually: Callable[..., Any]) -> None:
    """By a file, and by options, which win."""
    (tmp_path / "settings.yaml").write_text("watch: {level: minimal, skip_commands: ['*/sleep', sleep], max_argument_chars: 16, reads: true, redact: true}")
    secret = "sk-ant-api03-" + "aB3dE5gH" * 11
    script = f"import subprocess, time; note = '{secret}'; subprocess.run(['sleep', '0.4']); time.sleep(0.4)"
    ran = watch(client, "--config", str(tmp_path / "settings.yaml"), "--no-reads", "--", sys.executable, "-c", script)
    assert ran.returncode == 0, ran.stderr
    assert "minimal evidence" in ran.stderr
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    programs = [
        one["attributes"]["process.command_args"] for one in found if one["event_name"] == "process.exec" and "process.command_args" in one["attributes"]
    ]
    assert programs
    assert not [argv for argv in programs if argv[0] == "sleep"]
    assert max(len(argument) for argv in programs for argument in argv) <= 16
    [begin] = [one for one in found if one["event_name"] == "watch.start"]
    assert "reads" not in begin["attributes"]["spyglass.want"]
    [run] = eventually(lambda: client.items("/executions"), lambda items: bool(items) and items[0]["status"] != "running")
    assert secret not in json.dumps(client.told(f"/traces/{run['trace_id']}"))


def test_what_cannot_be_read_is_said(client: Client, tmp_path: Path, eventually: Callable[..., Any]) -> None:
    """A library whose TLS is not seen: in the last lines, as an event, and among the problems of the watch."""
    library = tmp_path / "client.abi3.so"
    library.write_bytes(Path("/bin/sh").read_bytes() + bytes(1 << 20) + b"/registry/src/rustls-0.23.40/src/conn.rs")
    ran = watch(client, "--level", possible("full"), "--", "dd", f"if={library}", "of=/dev/null", "status=none")
    why = "it has rustls 0.23.40 inside, whose calls are not found"
    assert f"TLS of {library} is not read: {why}" in ran.stderr
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    told = {one["event_name"]: one["attributes"] for one in found}
    assert (told["evidence.unread"]["file.path"], told["evidence.unread"]["error.message"]) == (str(library), why)
    assert told["watch.end"]["spyglass.problems"] == [f"TLS of {library} is not read: {why}"]


@pytest.mark.parametrize("allowed", [True, False])
def test_a_watched_command_stops_when_the_server_says_so(client: Client, tmp_path: Path, eventually: Callable[..., Any], allowed: bool) -> None:
    """Where that is allowed: with what it has started, and on record, as called off and not as failed. Else it goes on, and nobody has heard."""
    (tmp_path / "settings.yaml").write_text("watch: {level: minimal, stop_interval_s: 0.1, stop_grace_s: 60}")
    script = "import subprocess; subprocess.run(['sleep', '600'])" if allowed else "import sys; sys.stdin.read()"
    options = [
        *(["--stoppable"] if allowed else []),
        "--url",
        client.server.url,
        "--config",
        str(tmp_path / "settings.yaml"),
        "--",
        sys.executable,
        "-c",
        script,
    ]
    with watching(client, *options, input=subprocess.PIPE) as begun:
        [run] = eventually(lambda: client.items("/executions"), bool)
        asked = {"execution_id": run["id"], "who": "ann", "note": "it loops"}
        client.http.post(f"{client.server.url}/api/v1/execution-stops", params={"project": client.project}, json=asked).raise_for_status()
        if allowed:
            begun.wait(timeout=60)
        _, said = begun.communicate(timeout=60)
    assert begun.returncode == (128 + signal.SIGTERM if allowed else 0), said
    [stop] = client.items("/execution-stops")
    assert bool(stop["heard"]) is allowed
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    told = [one["attributes"] for one in found if one["event_name"] == "watch.stopped"]
    assert [(one["spyglass.stop.who"], one["spyglass.stop.asked"], one["spyglass.stop.left"]) for one in told] == ([("ann", 2, 0)] if allowed else [])
    [run] = eventually(lambda: client.items("/executions"), lambda items: items[0]["status"] != "running")
    assert run["status"] == ("cancelled" if allowed else "succeeded")


def test_a_container_is_watched_by_its_control_group(client: Client, container: Path, tmp_path: Path, eventually: Callable[..., Any]) -> None:
    """Who is in it already, who comes, and nobody else; each with the container's id."""
    possible("full")
    enter = f"echo $$ > {container}/cgroup.procs; "
    script = "read go; /bin/mkdir made; exec /bin/rmdir made"
    with subprocess.Popen(["sh", "-c", enter + script], stdin=subprocess.PIPE, cwd=tmp_path, text=True) as before:
        eventually(lambda: str(before.pid) in (container / "cgroup.procs").read_text().split())
        with watching(client, "--cgroup", str(container)) as begun:
            before.communicate("go\n", timeout=60)
            subprocess.run(["sh", "-c", enter + "exec /bin/uname -a"], check=True, stdout=subprocess.DEVNULL, timeout=60)
            subprocess.run(["/bin/true"], check=True, timeout=60)
            ended(begun)
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    told = [one["attributes"] for one in found if one["event_name"] == "process.exec"]
    programs = {Path(one["process.executable.path"]).name for one in told}
    assert {"mkdir", "rmdir", "uname"} <= programs
    assert "true" not in programs
    identity = container.name.removeprefix("docker-").removesuffix(".scope")
    assert {one.get("container.id") for one in told} == {identity}


def test_a_control_group_that_is_none_is_said(client: Client, tmp_path: Path) -> None:
    """Before anything is watched."""
    possible("full")
    ran = watch(client, "--cgroup", str(tmp_path))
    assert (ran.returncode, f"{tmp_path} is not a control group" in ran.stderr) == (2, True), ran.stderr


def test_behind_sudo_the_command_is_its_users(client: Client, tmp_path: Path, eventually: Callable[..., Any]) -> None:
    """Its user, groups, home and files; the collector too; only the probe is root's, and sees everything."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user, as sudo does")
    possible("full")
    nobody = pwd.getpwnam("nobody")
    os.chown(tmp_path, nobody.pw_uid, nobody.pw_gid)
    for above in tmp_path.parents:
        if above.stat().st_uid == 0 and above != above.parent and "pytest" in str(above):
            above.chmod(0o755)
    script = "id -u; id -g; id -G; echo $HOME; env | grep -c ^SUDO_; touch made; sleep 0.3; for p in /proc/[0-9]*; do :; done; cat /proc/$PPID/status"
    sudo = {"SUDO_UID": str(nobody.pw_uid), "SUDO_GID": str(nobody.pw_gid), "SUDO_USER": "nobody"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPYGLASS_"))}
    command = [sys.executable, "-m", "spyglass", "watch", "--endpoint", client.server.endpoint, "--project", client.project, "--", "sh", "-c", script]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, env=clean | sudo, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[:5] == [str(nobody.pw_uid), str(nobody.pw_gid), str(nobody.pw_gid), nobody.pw_dir, "0"], ran.stdout
    collector = dict(line.split(":", 1) for line in lines[5:] if ":" in line)
    assert set(collector["Uid"].split()) == set(collector["Gid"].split()) == {str(nobody.pw_uid)}, "real, effective, saved and of files"
    assert int(collector["CapEff"], 16) == 0
    assert (tmp_path / "made").stat().st_uid == nobody.pw_uid
    assert "full evidence" in ran.stderr
    found = eventually(lambda: client.items("/events", limit=1000), lambda items: any(one["event_name"] == "watch.end" for one in items))
    told = [one["attributes"] for one in found]
    assert ["sleep", "0.3"] in [one.get("process.command_args") for one in told]
    assert {one["process.user.id"] for one in told if "process.command_args" in one} == {nobody.pw_uid}
    assert any(one.get("file.name") == "made" for one in told)


def test_whoever_is_killed_takes_nobody_with_it() -> None:
    """The watch, the probe, the command or the server, at random: nothing hangs, nothing is told twice. `bench/kill_watch.py` has more trials."""
    command = [sys.executable, "-m", "bench.kill_watch", "--json", "--trials", "1"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=600, check=False)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert (told["wrong"], told["trials"]) == ([], 4)
