"""`spyglass …` in a process of its own, forked from one that has loaded everything: a start costs a third, and is else what `python -m spyglass …` is.

Forked is after the libraries are loaded and before any of them does anything: the engine, the event loop, each thread of ours and all that is read of the
environment begin in the new process. What a start loads, and how, tests of it say with processes of their own (`tests/app/test_light.py`).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

LOAD_S = 180.0  # on a machine with much else to do
MESSAGE_BYTES = 2**20
STATUS_BYTES = 8
FORKS = sys.platform == "linux"  # elsewhere libraries of the system do not bear it


class Forked:
    """A process, with what tests ask of `subprocess.Popen`."""

    def __init__(self, pid: int, status: socket.socket, stdout: IO[bytes] | None) -> None:
        self.pid, self.stdout = pid, stdout
        self.returncode: int | None = None
        self._status, self._lock = status.detach(), threading.Lock()
        weakref.finalize(self, os.close, self._status)  # not before: one thread may wait while another one ends it

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended."""
        ended = select.poll()
        ended.register(self._status, select.POLLIN)
        if self.returncode is None and not ended.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired(["spyglass"], timeout or 0)
        with self._lock:
            if self.returncode is None:
                told = os.read(self._status, STATUS_BYTES)
                assert told, "who forked it is gone"
                self.returncode = os.waitstatus_to_exitcode(int.from_bytes(told))
            return self.returncode

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def send_signal(self, number: int) -> None:
        """As long as it runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """At once."""
        self.send_signal(signal.SIGKILL)


class Forkery:
    """The process that has loaded everything; it begins with the first that is wanted of it, and ends with the tests."""

    def __init__(self) -> None:
        self._begun: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        self._lock = threading.Lock()

    def begin(
        self, arguments: Sequence[str], *, env: dict[str, str], cwd: Path, stdout: int | IO[bytes], stderr: int | IO[bytes]
    ) -> Forked | subprocess.Popen[bytes]:
        """Run `spyglass` with these arguments; its standard input is empty, `stdout` may be `subprocess.PIPE`."""
        if not FORKS:
            return subprocess.Popen([sys.executable, "-m", "spyglass", *arguments], env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        with contextlib.ExitStack() as closing:
            reads: IO[bytes] | None = None
            if stdout == subprocess.PIPE:
                read, write = os.pipe()
                closing.callback(os.close, write)
                reads, stdout = os.fdopen(read, "rb"), write
            empty = closing.enter_context(Path(os.devnull).open("rb"))
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            closing.enter_context(theirs)
            request = {"argv": ["spyglass", *arguments], "env": env, "cwd": str(cwd)}
            fds = [empty.fileno(), *(one if isinstance(one, int) else one.fileno() for one in (stdout, stderr)), theirs.fileno()]
            socket.send_fds(self._control(), [json.dumps(request).encode()], fds)
        ours.settimeout(LOAD_S)
        pid = int.from_bytes(ours.recv(STATUS_BYTES))
        assert pid, "who forks did not come up"
        return Forked(pid, ours, reads)

    def run(self, arguments: Sequence[str], *, env: dict[str, str], cwd: Path, timeout_s: float = LOAD_S) -> subprocess.CompletedProcess[str]:
        """The same until it ends; with what it said."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            process = self.begin(arguments, env=env, cwd=cwd, stdout=out, stderr=errors)
            try:
                code = process.wait(timeout_s)
            finally:
                process.kill()
            said = [(one.seek(0), one.read().decode())[1] for one in (out, errors)]
        return subprocess.CompletedProcess(list(arguments), code, *said)

    def end(self) -> None:
        """Of what it forked nothing is ended."""
        if self._begun is not None:
            process, control = self._begun
            control.close()
            process.wait(LOAD_S)

    def _control(self) -> socket.socket:
        with self._lock:
            if self._begun is None:
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                with theirs:
                    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SPYGLASS_", "COLUMNS", "LINES"))}
                    command = [sys.executable, __file__, str(theirs.fileno())]
                    self._begun = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=clean), ours
            return self._begun[1]


def _load() -> None:
    """What a server loads, in the order in which it does."""
    import spyglass.cli.main
    from spyglass.app.light import load_light

    load_light()
    import spyglass.app.lifecycle
    import spyglass.show.app  # noqa: F401

    gc.freeze()
    gc.enable()


def _children(control: socket.socket) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """What is wanted, in each process that is forked for it; it ends in the process that forks, when nobody can want anything more."""
    statuses: dict[int, socket.socket] = {}
    woken, waking = socket.socketpair()
    waking.setblocking(False)
    signal.set_wakeup_fd(waking.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready = select.select([control, woken], [], [])[0]
        if woken in ready:
            woken.recv(MESSAGE_BYTES)
            _reap(statuses)
        if control not in ready:
            continue
        message, fds, *_ = socket.recv_fds(control, MESSAGE_BYTES, 4)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for one in (control, woken, waking, *statuses.values()):
                one.close()
            os.close(fds.pop())
            yield json.loads(message), fds
        statuses[pid] = socket.socket(fileno=fds.pop())
        statuses[pid].send(pid.to_bytes(STATUS_BYTES))
        for one in fds:
            os.close(one)


def _reap(statuses: dict[int, socket.socket]) -> None:
    while statuses:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with statuses.pop(pid) as told, contextlib.suppress(BrokenPipeError):
            told.send(status.to_bytes(STATUS_BYTES))


def _become(wanted: dict[str, Any], fds: list[int]) -> None:
    """As if it had been begun with these arguments, this environment, and these files."""
    for standard, one in enumerate(fds):
        os.dup2(one, standard)
        os.close(one)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", buffering=1, closefd=False)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    time.tzset()
    sys.argv = wanted["argv"]


if __name__ == "__main__":
    warnings.filterwarnings("ignore", message=".*multi-threaded", category=DeprecationWarning)  # those of libraries, which expect it
    sys.path.pop(0)  # this folder
    _load()
    for wanted, fds in _children(socket.socket(fileno=int(sys.argv[1]))):
        _become(wanted, fds)
        sys.exit(sys.modules["spyglass.cli.main"].main())
