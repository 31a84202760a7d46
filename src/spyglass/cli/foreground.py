"""A command in the foreground of a terminal, which begins only when it is let: so that it is watched from its first instruction on.

In: an argv. Out: its pid before it runs, and how it ended. It has the terminal and all signals of it; whoever waits for it ignores those.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Foreground", "Person", "behind_sudo", "launch", "patient"]

_PR_SET_DUMPABLE: Final = 4  # linux/prctl.h
_NOT_FOUND, _NOT_RUN, _LEFT = 127, 126, 125  # as shells have it


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a command belongs to."""

    uid: int
    gid: int
    name: str
    home: str


def behind_sudo(environment: Mapping[str, str]) -> Person | None:
    """Who called sudo, when we are root because of it: their commands shall not be root's."""
    if os.geteuid() != 0 or not environment.get("SUDO_UID", "").isdigit() or environment["SUDO_UID"] == "0":
        return None
    try:
        known = pwd.getpwuid(int(environment["SUDO_UID"]))
    except KeyError:
        return None
    return Person(known.pw_uid, known.pw_gid, known.pw_name, known.pw_dir)


class Foreground:
    """A child that waits to be let go."""

    def __init__(self, pid: int, gate: int) -> None:
        self.pid, self._gate = pid, gate

    def go(self) -> None:
        """Let it become its command."""
        with suppress(BrokenPipeError):  # it was killed meanwhile; `wait` tells how
            os.write(self._gate, b"!")
        os.close(self._gate)

    def give_up(self) -> None:
        """It shall not run after all."""
        os.close(self._gate)
        os.waitpid(self.pid, 0)

    def wait(self) -> int:
        """Its exit code when it has ended; 128 + the signal's number when one ended it. Blocks."""
        _, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code


def launch(argv: Sequence[str], environment: Mapping[str, str], person: Person | None = None) -> Foreground:
    """Make the child. To be called before there are threads: it is a fork."""
    ready, gate = os.pipe()  # neither is inherited by what is executed
    pid = os.fork()
    if pid:
        os.close(ready)
        return Foreground(pid, gate)
    os.close(gate)
    try:
        _become(argv, environment, person, ready)
    except FileNotFoundError:
        _say(f"spyglass: {argv[0]}: there is no such command")
        os._exit(_NOT_FOUND)
    except OSError as error:
        _say(f"spyglass: {argv[0]}: {error.strerror}")
        os._exit(_NOT_RUN)
    finally:
        os._exit(_LEFT)


def _become(argv: Sequence[str], environment: Mapping[str, str], person: Person | None, ready: int) -> None:
    own = dict(environment)
    if person is not None:  # before it is watched: a probe lets nobody watch processes of others
        os.initgroups(person.name, person.gid)
        os.setgid(person.gid)
        os.setuid(person.uid)
        _be_owned()
        own |= {"HOME": person.home, "USER": person.name, "LOGNAME": person.name}
        own = {name: value for name, value in own.items() if not name.startswith("SUDO_")}
    if not os.read(ready, 1):  # whoever would have watched is gone
        os._exit(_LEFT)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.execvpe(argv[0], list(argv), own)  # noqa: S606 - the user's own command, as it was written


def _be_owned() -> None:
    """Be the user's process as if it had been theirs from its begin: the kernel calls one that gave up its rights root's until it runs a program."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def patient(pid: int) -> Iterator[None]:
    """While a command has the terminal: its Ctrl-C is not ours, and who ends us ends it."""

    def forward(number: int, _frame: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    handlers: dict[signal.Signals, Any] = {signal.SIGINT: signal.SIG_IGN, signal.SIGQUIT: signal.SIG_IGN, signal.SIGTERM: forward, signal.SIGHUP: forward}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
