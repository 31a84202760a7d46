"""What a collector may ask of the probe: track, untrack, attach, status. A request (a JSON object) and its peer in, an answer out, at once or later."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from spyglass.collect.probe.attach import Attacher, libraries_of_machine
from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.kernel import Kernel
from spyglass.collect.probe.layout import WANTS
from spyglass.collect.probe.peer import Peer
from spyglass.collect.probe.track import Tracker

__all__ = ["Requests"]

Content: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Callable[[Content], None]
Later: TypeAlias = Callable[[Callable[[], int], Callable[[int], None]], None]


class Requests:
    """Does them. `later` runs work in the attacher's thread and then the second function in ours; `account` is what the server itself adds to a status."""

    def __init__(self, kernel: Kernel, tracker: Tracker, attacher: Attacher, later: Later, account: Callable[[], Content]) -> None:
        self._kernel, self._tracker, self._attacher, self._later, self._account = kernel, tracker, attacher, later, account
        self._does: dict[str, Callable[[Peer, Content, Answer], None]] = {
            "track": self._track,
            "untrack": self._untrack,
            "attach": self._attach,
            "status": self._status,
        }

    def do(self, peer: Peer, request: Content, answer: Answer) -> None:
        """Answer once, with an error where it could not be done."""
        try:
            does = self._does.get(str(request.get("do")))
            if does is None:
                raise ProbeError("request", f"the probe can do {', '.join(self._does)}; it was asked for something else")
            does(peer, request, answer)
        except ProbeError as error:
            answer({"error": {"code": error.code, "message": error.message}, "idle": self._tracker.idle})
        except ValueError as error:  # such as names that cannot be told to the system
            answer({"error": {"code": "request", "message": f"a value of the request cannot be used: {type(error).__name__}"}})

    def rest(self) -> None:
        """When nobody watches anything, nobody shall pay for it."""
        if self._tracker.idle:
            self._kernel.rest()
            self._attacher.submit(self._attacher.detach_all)

    def _track(self, peer: Peer, request: Content, answer: Answer) -> None:
        """By `pid`, `command` or `cgroup`; with `want` (names of WANTS). Answers when what the processes have loaded is attached to."""
        wants = wants_of(request)
        self._kernel.work()
        if wants & WANTS["tls"]:
            self._attacher.submit(lambda: self._attacher.attach_all(libraries_of_machine()))
        try:
            pids = self._follow(peer, request, wants)
        except ProbeError:
            self.rest()
            raise
        if wants & WANTS["tls"]:
            self._later(lambda: sum(self._attacher.attach_process(pid, peer.number) for pid in pids), lambda _count: answer({"pids": pids}))
        else:
            answer({"pids": pids})

    def _follow(self, peer: Peer, request: Content, wants: int) -> list[int]:
        if "pid" in request:
            return self._tracker.follow_pid(number_of(request, "pid"), peer.uid, wants, peer.number)
        if "cgroup" in request:
            return self._tracker.follow_cgroup(Path(str(request["cgroup"])), peer.uid, wants, peer.number)
        if "command" not in request:
            raise ProbeError("request", "track needs a pid, a command or a cgroup")
        self._tracker.follow_command(str(request["command"]), peer.uid, wants, peer.number)
        return []

    def _untrack(self, peer: Peer, request: Content, answer: Answer) -> None:
        count = self._tracker.unfollow(number_of(request, "pid"), peer.number)
        self.rest()
        answer({"processes": count, "idle": self._tracker.idle})

    def _attach(self, peer: Peer, request: Content, answer: Answer) -> None:
        """To a program that is about to be launched (`path`), and to the libraries of the machine."""
        path = Path(str(request.get("path", "")))
        may_probe(path, peer.uid)
        self._later(lambda: self._attacher.attach_all(libraries_of_machine()) + self._attacher.attach_program(path), lambda count: answer({"probes": count}))

    def _status(self, peer: Peer, _request: Content, answer: Answer) -> None:
        answer(
            {
                "counts": self._kernel.counts(),
                "roots": [root for number, root in self._tracker.roots if number == peer.number],
                "libraries": self._attacher.attached,
                "skipped_attachments": self._attacher.skipped,
                **self._account(),
            }
        )


def number_of(request: Content, name: str) -> int:
    """A whole number of a request.

    Raises:
        ProbeError: it is not one.
    """
    value = request.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 0x7FFFFFFF:
        raise ProbeError("request", f"{name} should be a whole number from 0 to 2147483647")
    return value


def wants_of(request: Content) -> int:
    """The bits of what a request wants.

    Raises:
        ProbeError: it names something unknown.
    """
    names = request.get("want", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name in WANTS for name in names):
        raise ProbeError("request", f"want should be a list of {', '.join(WANTS)}")
    return sum(WANTS[name] for name in set(names))


def may_probe(path: Path, uid: int) -> None:
    """Check that a peer may have a program probed: it must be able to read it.

    Raises:
        ProbeError: it is no file, or not for this peer.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else "not a path"
        raise ProbeError("request", f"{path} cannot be attached to: {why}") from error
    if uid not in (0, status.st_uid) and not status.st_mode & 0o004:
        raise ProbeError("refused", f"{path} cannot be read by user {uid}, so it is not attached to")
