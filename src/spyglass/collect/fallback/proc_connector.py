"""The process connector as a source: each fork, exec and exit of watched processes, none missed silently.

What a program's arguments were is seen when it lives long enough. Needs root or CAP_NET_ADMIN, or Linux 6.6 and later; and the host's own namespaces of
pids and users.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Final

from spyglass.collect.fallback import proc
from spyglass.collect.fallback.netlink import BUFFER_BYTES, Connector, News, Overrun
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Actor, Exec, Exit, Fork, Lost, Record

__all__ = ["ProcConnector"]

_MAX_NEWS: Final = 50_000  # taken at once
_RECHECK_S: Final = 0.05
_SAME_NS: Final = 1_000_000_000  # starts that are nearer to each other are those of one process: pids are used again later
_NO_PROGRAM: Final = proc.Program("", (), "", False)


class ProcConnector:
    """Reads news and tells records. One thread.

    Raises:
        ConfigError: the connector is not to be had here.
    """

    def __init__(self, tracked: Tracked, buffer_bytes: int = BUFFER_BYTES) -> None:
        self._tracked = tracked
        self._connector = Connector(buffer_bytes)
        self._offset_ns = time.time_ns() - time.monotonic_ns()
        self._leaving: dict[int, tuple[News, int]] = {}  # main threads that ended while others of their process still run, and what CPU time was seen
        self._overrun: Overrun | None = None
        self._takers: dict[str, Callable[[News], list[Record]]] = {"fork": self._fork, "exec": self._exec, "user": self._user, "exit": self._exit}
        tracked.begin()

    def fileno(self) -> int:
        """Readable when there is something to take."""
        return self._connector.fileno()

    @property
    def due_s(self) -> float:
        """It wants to be asked again after so many seconds at the latest."""
        return _RECHECK_S if self._leaving else 60.0

    def close(self) -> None:
        """Stop listening."""
        self._connector.close()

    def take(self) -> list[Record]:
        """All that happened since; never blocks."""
        self._offset_ns = time.time_ns() - time.monotonic_ns()  # anew each time: clocks are set, and machines sleep
        out: list[Record] = []
        for told in islice(self._connector.news(), _MAX_NEWS):
            if isinstance(told, Overrun):
                self._overrun = self._overrun or told
            else:
                out.extend(self._takers[told.what](told))
        if self._overrun is not None and len(out) < _MAX_NEWS:  # not at once: what still fitted into the queue comes after the notice
            out.extend(self._catch_up(self._overrun))
            self._overrun = None
        if self._leaving:
            out.extend(self._left())
        return out

    def _at(self, told: News | Overrun) -> int:
        return told.monotonic_ns + self._offset_ns

    def _fork(self, told: News) -> list[Record]:
        if self._tracked.get(told.pid) is None:
            return self._stranger(told) if self._tracked.everything else []
        time_ns = self._at(told)
        if told.other in self._tracked.live:  # found by the first look, or its exit was lost
            before = self._tracked.live[told.other]
            if abs(before.started_ns - time_ns) < _SAME_NS:
                return []
        pair = self._tracked.forked(told.pid, told.other, time_ns)
        return [Fork(time_ns, pair[0], told.other, time_ns)] if pair else []

    def _stranger(self, told: News) -> list[Record]:
        seen = self._tracked.view.look(told.other)
        if seen is not None:
            self._tracked.adopt(seen, told.other)
        return []

    def _exec(self, told: News) -> list[Record]:
        self._leaving.pop(told.pid, None)  # another thread than the main one called exec
        if told.pid not in self._tracked.live and not self._is_wanted(told):
            return []
        runs, seen = self._tracked.view.program(told.pid), self._tracked.view.look(told.pid)
        if seen is None or seen.gone:
            runs = _NO_PROGRAM if not runs.argv else runs
        actor = self._tracked.renamed(told.pid, seen.command if seen else proc.short_name(runs.path))  # it may have ended between the two looks
        if actor is None:
            return []
        record = Exec(self._at(told), actor, runs.path, runs.argv, runs.cwd, runs.truncated)
        return [record] if runs.argv or runs.path else [record, Lost(record.time_ns, {"arguments_unseen": 1})]

    def _is_wanted(self, told: News) -> bool:
        if self._tracked.wanted is None and not self._tracked.everything:
            return False
        seen = self._tracked.view.look(told.pid)
        if seen is None:
            return False
        if self._tracked.wanted is None or self._tracked.wanted(self._tracked.view.program(told.pid).path, seen.command):
            self._tracked.adopt(seen, told.pid)
            return True
        return False

    def _user(self, told: News) -> list[Record]:
        if told.pid in self._tracked.live:
            self._tracked.renamed(told.pid, "", told.other)
        return []

    def _exit(self, told: News) -> list[Record]:
        if told.pid not in self._tracked.live:
            return []
        seen = self._tracked.view.look(told.pid)
        if seen is not None and (not seen.gone or seen.threads > 1):
            self._leaving[told.pid] = (told, seen.cpu_ns)
            return []
        return self._ended(told, seen.cpu_ns if seen else -1)

    def _ended(self, told: News, cpu_ns: int) -> list[Record]:
        actor = self._tracked.ended(told.pid)
        return [Exit(self._at(told), actor, told.other >> 8 & 0xFF, told.other & 0x7F, cpu_ns=cpu_ns)] if actor else []

    def _left(self) -> list[Record]:
        """Processes whose last thread has ended since."""
        out: list[Record] = []
        for pid, (told, cpu_ns) in list(self._leaving.items()):
            seen = self._tracked.view.look(pid)
            if seen is None or (seen.gone and seen.threads <= 1):
                del self._leaving[pid]
                out.extend(self._ended(told, seen.cpu_ns if seen else cpu_ns))
        return out

    def _catch_up(self, told: Overrun) -> list[Record]:
        """News were lost: look at all processes, and tell what can be seen of what was missed."""
        time_ns = self._at(told)
        looks = {seen.pid: seen for seen in self._tracked.view.all_stats()}
        gone = [pid for pid, actor in self._tracked.live.items() if pid not in looks or looks[pid].started_ns - actor.started_ns > _SAME_NS]
        out: list[Record] = [Lost(time_ns, {"netlink_queue_full": 1})]
        for pid in gone:
            actor = self._tracked.ended(pid)
            self._leaving.pop(pid, None)
            if actor is not None:
                out.append(Exit(time_ns, actor, -1, 0))
        for actor in self._tracked.grow(looks):
            out.extend(_born(self._tracked, actor))
        return out


def _born(tracked: Tracked, actor: Actor) -> list[Record]:
    """The records of a process that was found: its fork, and what it runs."""
    out: list[Record] = []
    parent = tracked.get(actor.ppid)
    if parent is not None:
        out.append(Fork(actor.started_ns, parent, actor.pid, actor.started_ns))
    runs = tracked.view.program(actor.pid)
    if runs.argv or runs.path:
        out.append(Exec(actor.started_ns, actor, runs.path, runs.argv, runs.cwd, runs.truncated))
    return out
