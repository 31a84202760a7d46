"""The tree of watched processes: who it was that had a pid at a time. Fed by whatever names a process, in any order; bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from spyglass.collect.records import Actor
from spyglass.collect.system.text import clean
from spyglass.model.told import Attributes

__all__ = ["Process", "Tree", "iso"]

_SAME_NS: Final = 50_000_000  # /proc counts starts in ticks of 10 ms, and clocks are set: closer than this, and of the same pid, is the same process
_SLACK_NS: Final = 2_000_000_000  # records of a process may come this late after its end when their source does not say when it started
_DEEPEST: Final = 64  # processes above one that are looked at


def iso(time_ns: int) -> str:
    """UTC time as ISO 8601 with microseconds; empty when the number is no date."""
    try:
        whole = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
        return whole.replace(tzinfo=None, microsecond=time_ns // 1000 % 1_000_000).isoformat(timespec="microseconds") + "Z"
    except (ValueError, OverflowError, OSError):
        return ""


@dataclass(slots=True, eq=False)
class Process:
    """One process, whichever programs it became."""

    pid: int
    started_ns: int  # 0: not known
    ppid: int
    root: int
    uid: int
    command: str
    parent: tuple[int, int] | None = None  # pid and start of the parent, when it was seen; kept when that has ended and this one has another
    path: str = ""  # of the program; empty: its exec was not seen
    argv: tuple[str, ...] = ()  # as told: bounded and redacted
    cwd: str = ""
    container: str = ""
    ended_ns: int = 0  # 0: it lives
    seen_ns: int = 0
    wanted: bool = True  # what the filters say about its program
    sampled: bool = True
    met: bool = False  # it did something itself, so that it was looked at
    _identity: dict[str, object] = field(default_factory=dict)

    @property
    def identity(self) -> Attributes:
        """The attributes that each of its events has."""
        if not self._identity:
            told: dict[str, object] = {"process.pid": self.pid, "process.parent_pid": self.ppid, "process.user.id": self.uid, "spyglass.root_pid": self.root}
            told["process.command"] = clean(self.command or self.path.rpartition("/")[2], 64)
            if created := self.started_ns and iso(self.started_ns):
                told["process.creation.time"] = created
            if self.container:
                told["container.id"] = self.container
            self._identity = told
        return self._identity  # type: ignore[return-value]  # plain values, mutable only here

    def changed(self) -> None:
        """Something that identity tells has changed."""
        self._identity = {}


class Tree:
    """All processes of a watch that live, and those that ended lately."""

    def __init__(self, bound: int = 20_000, linger_s: float = 60) -> None:
        self.forgotten = 0  # living ones that had to make room
        self._bound = bound
        self._linger_ns = round(linger_s * 1e9)
        self._by_pid: dict[int, list[Process]] = {}  # of one pid, in the order seen
        self._ended: deque[Process] = deque()
        self._count = 0

    def __len__(self) -> int:
        """Processes kept."""
        return self._count

    def __iter__(self) -> Iterator[Process]:
        """All that are kept, in no order."""
        for same in self._by_pid.values():
            yield from same

    def see(self, actor: Actor, time_ns: int) -> tuple[Process, bool]:
        """The actor's process, and whether it is new here. What the record says of it is taken over."""
        process = self._known(actor.pid, actor.started_ns, time_ns)
        if process is None:
            return self._add(Process(actor.pid, actor.started_ns, actor.ppid, actor.root, actor.uid, actor.command), time_ns), True
        process.seen_ns = max(time_ns, process.seen_ns)
        if process.command != actor.command or process.uid != actor.uid or process.ppid != actor.ppid or not process.started_ns:
            self._update(process, actor)
        return process, False

    def forked(self, parent: Process, pid: int, started_ns: int, time_ns: int) -> tuple[Process, bool]:
        """The child of a fork, and whether it is new here; it may have been seen before its fork."""
        child, new = self._known(pid, started_ns, time_ns), False
        if child is None:
            child = self._add(Process(pid, started_ns, parent.pid, parent.root, parent.uid, parent.command, container=parent.container), time_ns)
            child.path, child.argv, child.cwd, child.wanted, new = parent.path, parent.argv, parent.cwd, parent.wanted, True
        child.parent = (parent.pid, parent.started_ns)
        if child is not parent and not child.started_ns:
            child.started_ns = started_ns
            child.changed()
        return child, new

    def end(self, process: Process, time_ns: int) -> None:
        """It has ended; it is kept a while, as records may come late."""
        if not process.ended_ns:
            self._ended.append(process)
        process.ended_ns = max(time_ns, 1)

    def at(self, pid: int, time_ns: int) -> Process | None:
        """Who had this pid at that time, as far as it was seen and is kept."""
        for process in reversed(self._by_pid.get(pid, ())):
            if process.started_ns <= time_ns + _SAME_NS and (not process.ended_ns or time_ns <= process.ended_ns + _SAME_NS):
                return process
        return None

    def of(self, pid: int) -> tuple[Process, ...]:
        """All that had this pid and are kept, in the order seen."""
        return tuple(self._by_pid.get(pid, ()))

    def parent(self, process: Process) -> Process | None:
        """The process that forked it, when that is kept; else who had its parent's pid when it started."""
        if process.parent is None:
            return self.at(process.ppid, process.started_ns or process.seen_ns)
        return self._known(*process.parent, process.started_ns)

    def above(self, process: Process) -> Iterator[Process]:
        """Those that it descends from, the nearest first."""
        for _ in range(_DEEPEST):
            parent = self.parent(process)
            if parent is None:
                return
            yield (process := parent)

    def sweep(self, now_ns: int) -> None:
        """Forget those that ended long ago."""
        while self._ended and self._ended[0].ended_ns + self._linger_ns < now_ns:
            self._drop(self._ended.popleft())

    def _known(self, pid: int, started_ns: int, time_ns: int) -> Process | None:
        same = self._by_pid.get(pid)
        if same is None:
            return None
        last = same[-1]
        if started_ns and -_SAME_NS <= last.started_ns - started_ns <= _SAME_NS:
            return last
        for process in reversed(same):
            if started_ns and process.started_ns:
                if abs(process.started_ns - started_ns) <= _SAME_NS:
                    return process
            elif not process.ended_ns or time_ns <= process.ended_ns + _SLACK_NS:
                return process
        return None

    def _update(self, process: Process, actor: Actor) -> None:
        process.command = actor.command or process.command
        process.uid = actor.uid
        process.ppid = actor.ppid or process.ppid
        process.started_ns = process.started_ns or actor.started_ns
        process.changed()

    def _add(self, process: Process, time_ns: int) -> Process:
        if self._count >= self._bound:
            self._make_room()
        process.seen_ns = time_ns
        self._by_pid.setdefault(process.pid, []).append(process)
        self._count += 1
        return process

    def _make_room(self) -> None:
        wanted = max(1, self._bound // 10)
        while self._ended and wanted:
            self._drop(self._ended.popleft())
            wanted -= 1
        if wanted and self._count >= self._bound:
            for process in sorted(self, key=lambda process: process.seen_ns)[:wanted]:
                self._drop(process)
                self.forgotten += 1

    def _drop(self, process: Process) -> None:
        same = self._by_pid.get(process.pid, [])
        if process in same:
            same.remove(process)
            self._count -= 1
            if not same:
                del self._by_pid[process.pid]
