"""Looking at `/proc` again and again as a source: the processes of watched trees, without any privilege. What lives shorter than a look apart is missed.

A look is one small file as long as no process or thread was made on the whole machine; then only the children of watched processes are listed. How processes
end is told by the kernel at once (pidfd).
"""

from __future__ import annotations

import os
import select
import sys
import time
from dataclasses import dataclass
from typing import Final

from spyglass.collect.fallback import pidfd, proc
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Actor, Exec, Exit, Fork, Record

__all__ = ["Polling"]

_SHORTEST_S, _LONGEST_S = 0.03, 0.07  # between looks
_SHARE: Final = 0.05  # of one CPU that looking may take
_SWEEP_S: Final = 1.0  # a look at all processes, for what was missed
_RELOOK_S: Final = 0.15  # at what each watched process runs
_YOUNG_S: Final = 0.5  # a new process may yet become another program
_UNREAPED_S: Final = 1.0  # how long to wait for a parent to ask how its child ended
_UNTOLD: Final = ("", "")
_MAX_ENDED: Final = 4096
_MAX_PIDFDS: Final = 400  # the limit of open files is often 1024


@dataclass(slots=True)
class _Seen:
    actor: Actor
    image: tuple[str, str]
    cpu_ns: int
    fd: int
    found_at: float
    turning: bool = False  # its code was not there at the last look


class Polling:
    """Looks, and tells records. One thread."""

    def __init__(self, tracked: Tracked) -> None:
        self._tracked, self._view = tracked, tracked.view
        self._poll = select.epoll() if sys.platform == "linux" else None
        self._seen: dict[int, _Seen] = {}
        self._by_fd: dict[int, int] = {}
        self._ending: dict[int, tuple[float, int]] = {}  # ended, and how is not known yet: since when, and at what wall time
        self._ended: dict[int, int] = {}  # when they started: those whose parents have not asked yet can still be looked at
        self._newest = ""
        self._lists = self._view.children(os.getpid(), 1) is not None  # else each look is at all processes
        self._sweep_at = self._relook_at = self._look_at = 0.0
        for actor in tracked.begin():
            self._know(actor)

    def fileno(self) -> int:
        """Readable when a process has ended; -1: it is only seen by looking."""
        return self._poll.fileno() if self._poll is not None else -1

    @property
    def due_s(self) -> float:
        """It wants to be asked again after so many seconds at the latest."""
        return max(0.0, self._look_at - time.monotonic())

    def close(self) -> None:
        """Let go of all processes."""
        for fd in self._by_fd:
            os.close(fd)
        self._by_fd.clear()
        if self._poll is not None:
            self._poll.close()

    def take(self) -> list[Record]:
        """What was seen to have happened; never blocks."""
        started, busy = time.monotonic(), time.thread_time()
        out: list[Record] = []
        if started >= self._look_at:
            newest = self._view.newest_pid()
            if newest != self._newest or not newest:
                self._newest = newest
                out.extend(self._children() if self._lists else self._sweep())
            out.extend(self._changed(started))
            if started >= self._sweep_at:
                self._sweep_at = started + _SWEEP_S
                out.extend(self._sweep())
        out.extend(self._ends(started))
        if started >= self._look_at:
            self._look_at = time.monotonic() + min(max(_SHORTEST_S, (time.thread_time() - busy) / _SHARE), _LONGEST_S)
        return out

    def _know(self, actor: Actor) -> _Seen | None:
        seen = self._view.look(actor.pid)
        if seen is None:
            return None
        fd = pidfd.open_pidfd(actor.pid) if self._poll is not None and len(self._by_fd) < _MAX_PIDFDS else -1
        known = self._seen[actor.pid] = _Seen(actor, seen.image, seen.cpu_ns, fd, time.monotonic())
        if fd >= 0 and self._poll is not None:
            self._by_fd[fd] = actor.pid
            self._poll.register(fd, select.EPOLLIN)
        return known

    def _children(self) -> list[Record]:
        """New processes, found from those that are known."""
        out: list[Record] = []
        edge = list(self._seen.values())
        while edge:
            parent = edge.pop()
            pids = self._view.children(parent.actor.pid, 0)
            for pid in pids or ():
                if pid not in self._seen and (seen := self._view.look(pid)) is not None:
                    out.extend(self._found(seen, parent.actor.root))
                    if pid in self._seen:
                        edge.append(self._seen[pid])
        return out

    def _found(self, seen: proc.Look, root: int) -> list[Record]:
        if self._ended.get(seen.pid) == seen.started_ns:
            return []
        actor = self._tracked.adopt(seen, root)
        known = self._know(actor)
        parent = self._seen.get(seen.ppid)
        out: list[Record] = []
        if parent is not None:
            out.append(Fork(seen.started_ns, parent.actor, seen.pid, seen.started_ns))
        if parent is None or self._differs(seen, parent):
            record = self._exec(actor)
            if known is not None and (not record.argv or (parent is not None and _loads(parent.image, known.image))):
                known.image = _UNTOLD  # told with the next changes
            else:
                out.append(record)
        if known is None:
            self._tracked.ended(seen.pid)
            out.append(Exit(time.time_ns(), actor, *pidfd.UNKNOWN))
        return out

    def _differs(self, seen: proc.Look, parent: _Seen) -> bool:
        """Whether a new process runs something else than its parent, which may have become another program itself since it was looked at."""
        if (seen.image, seen.command) == (parent.image, parent.actor.command):
            return False
        now = self._view.look(parent.actor.pid)
        return now is None or (seen.image, seen.command) != (now.image, now.command)

    def _exec(self, actor: Actor) -> Exec:
        runs = self._view.program(actor.pid)
        return Exec(time.time_ns(), actor, runs.path, runs.argv, runs.cwd, runs.truncated)

    def _changed(self, now: float) -> list[Record]:
        """Young processes may become another program between two looks, old ones seldom do: they are looked at less often."""
        out: list[Record] = []
        every = now >= self._relook_at
        if every:
            self._relook_at = now + _RELOOK_S
        for pid, known in list(self._seen.items()):
            if pid in self._ending or not (every or now - known.found_at < _YOUNG_S):
                continue
            seen = self._view.look(pid)
            if seen is None or seen.gone:
                continue
            if seen.started_ns != known.actor.started_ns:  # the pid is another's now
                out.append(self._end(pid, pidfd.UNKNOWN, time.time_ns()))
                continue
            known.cpu_ns = seen.cpu_ns
            if seen.image != known.image or seen.command != known.actor.command:
                execed = seen.image != known.image or seen.image[0] == "0"  # a program may also just have changed its name
                if _loads(known.image, seen.image) and not known.turning:
                    known.turning = True
                    continue
                known.turning = False
                record = self._exec(known.actor)
                if execed and not record.argv and now - known.found_at < _YOUNG_S:
                    continue  # it is about to become it
                known.image = seen.image
                known.actor = self._tracked.renamed(pid, seen.command, self._view.user(pid)) or known.actor
                if execed:
                    out.append(record._replace(actor=known.actor))
        return out

    def _sweep(self) -> list[Record]:
        """Look at all processes: children that another process took over when their parent ended are found by their session, and ends without pidfd."""
        out: list[Record] = []
        looks = {seen.pid: seen for seen in self._view.all_stats()}
        ours = looks.get(os.getpid())
        sessions = {
            looks[pid].session: known.actor.root for pid, known in self._seen.items() if pid in looks and not (ours and looks[pid].session == ours.session)
        }
        for seen in looks.values():
            if seen.pid in self._seen:
                continue
            if seen.ppid in self._seen:
                out.extend(self._found(seen, self._seen[seen.ppid].actor.root))
            elif seen.session in sessions or self._wanted(seen):
                out.extend(self._found(seen, sessions.get(seen.session, seen.pid)))
        for pid, known in list(self._seen.items()):
            if pid not in looks and known.fd < 0:
                out.append(self._end(pid, pidfd.UNKNOWN, time.time_ns()))
        return out

    def _wanted(self, seen: proc.Look) -> bool:
        wanted = self._tracked.wanted
        return self._tracked.everything or (wanted is not None and wanted(self._view.program(seen.pid).path, seen.command))

    def _ends(self, now: float) -> list[Record]:
        out: list[Record] = []
        for fd, _ in self._poll.poll(0) if self._poll is not None else ():
            pid = self._by_fd.get(fd)
            if pid is not None and pid not in self._ending:
                self._ending[pid] = (now, time.time_ns())
                self._poll.unregister(fd)  # type: ignore[union-attr]  # it was asked a moment ago
        for pid, (since, time_ns) in list(self._ending.items()):
            how = pidfd.ended(self._seen[pid].fd) or self._zombie(pid)
            if how is not None or now - since >= _UNREAPED_S:
                del self._ending[pid]
                out.append(self._end(pid, how or pidfd.UNKNOWN, time_ns))
        return out

    def _zombie(self, pid: int) -> pidfd.Ended | None:
        """How it ended, by its own entry as long as its parent has not asked."""
        seen, known = self._view.look(pid), self._seen[pid]
        if seen is None or not seen.gone or seen.started_ns != known.actor.started_ns:
            return None
        known.cpu_ns = seen.cpu_ns
        if not seen.status and os.geteuid() not in (0, known.actor.uid):
            return None
        return pidfd.Ended(seen.status >> 8 & 0xFF, seen.status & 0x7F)

    def _end(self, pid: int, how: pidfd.Ended, time_ns: int) -> Record:
        known = self._seen.pop(pid)
        if known.fd >= 0:
            del self._by_fd[known.fd]
            os.close(known.fd)
        actor = self._tracked.ended(pid) or known.actor
        while len(self._ended) >= _MAX_ENDED:
            del self._ended[next(iter(self._ended))]
        self._ended[pid] = known.actor.started_ns
        return Exit(time_ns, actor, how.code, how.signal, cpu_ns=known.cpu_ns)


def _loads(before: tuple[str, str], now: tuple[str, str]) -> bool:
    """Whether a process may be on its way into another program: the kernel tells where code begins last, and never of what we may not read."""
    return now[0] == "0" != before[0]
