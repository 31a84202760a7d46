"""Which processes are watched: the roots and all that descend from them; whose pid is whose, also shortly after they ended.

Bounded by the kernel's own count of pids.
"""

from __future__ import annotations

import os
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol, TypeAlias

from spyglass.collect.fallback import portable, proc
from spyglass.collect.records import Actor

__all__ = ["Tracked", "View", "Wanted"]

Wanted: TypeAlias = "Callable[[str, str], bool]"
"""Path of a program and its short name in; whether the process that runs it shall be watched as a root."""

_LINGER_S: Final = 5.0  # what is told late of a process that has ended still finds it
_MAX_ENDED: Final = 50_000


class View(Protocol):
    """How processes are looked at: `proc` or `portable`, which say what each of these gives."""

    def look(self, pid: int) -> proc.Look | None:
        """The process."""

    def all_stats(self) -> Iterator[proc.Look]:
        """All that can be seen and live."""

    def user(self, pid: int) -> int:
        """Its effective user."""

    def program(self, pid: int) -> proc.Program:
        """What it runs."""

    def children(self, pid: int, threads: int) -> list[int] | None:
        """Its children's pids; None: they are not listed."""

    def newest_pid(self) -> str:
        """Another text after each new process; empty: not known."""


_VIEW: Final[View] = proc if sys.platform == "linux" else portable


class Tracked:
    """The watched processes. One thread."""

    def __init__(self, roots: Iterable[int] = (), wanted: Wanted | None = None, everything: bool = False, view: View = _VIEW) -> None:
        self.view = view
        self.live: dict[int, Actor] = {}
        self.wanted = wanted
        self.everything = everything
        self._ended: OrderedDict[int, tuple[Actor, float]] = OrderedDict()
        self._first = tuple(roots)
        self._ourselves = os.getpid() if everything else 0

    def begin(self) -> list[Actor]:
        """Find the roots and what descends from them already; those that were found. News of forks must be awaited already, so that none is missed."""
        looks = {seen.pid: seen for seen in self.view.all_stats()}
        for root in self._first:
            if root in looks:
                self.adopt(looks[root], root)
        if self.wanted is not None:
            for seen in looks.values():
                if self.wanted(self.view.program(seen.pid).path, seen.command):
                    self.adopt(seen, self.live[seen.ppid].root if seen.ppid in self.live else seen.pid)
        self.grow(looks)
        return list(self.live.values())

    def grow(self, looks: dict[int, proc.Look]) -> list[Actor]:
        """Adopt whoever descends from a watched process; those that are new."""
        found: list[Actor] = []
        kin: dict[int, list[proc.Look]] = {}
        for seen in looks.values():
            kin.setdefault(seen.ppid, []).append(seen)
        edge = [0] if self.everything else list(self.live)
        reached = set(edge)
        while edge:
            parent = edge.pop()
            for seen in kin.get(parent, ()):
                if seen.pid == self._ourselves:
                    continue  # what we do to tell would be told, and so on
                if seen.pid not in self.live:
                    root = self.live[parent].root if parent in self.live else seen.pid
                    found.append(self.adopt(seen, seen.pid if self.everything and parent in (0, 1, 2) else root))
                if seen.pid not in reached:
                    reached.add(seen.pid)
                    edge.append(seen.pid)
        return found

    def adopt(self, seen: proc.Look, root: int) -> Actor:
        """Watch a process that was found."""
        actor = self.live[seen.pid] = Actor(seen.pid, seen.started_ns, seen.ppid, self.view.user(seen.pid), root, seen.pid, seen.command)
        self._ended.pop(seen.pid, None)
        return actor

    def forked(self, parent_pid: int, child: int, started_ns: int) -> tuple[Actor, Actor] | None:
        """Parent and child of a fork; None: nobody that is watched."""
        parent = self.get(parent_pid)
        if parent is None:
            return None
        self._ended.pop(child, None)
        born = self.live[child] = parent._replace(pid=child, tid=child, started_ns=started_ns, ppid=parent.pid)
        return parent, born

    def renamed(self, pid: int, command: str, uid: int | None = None) -> Actor | None:
        """The process has another short name, or user."""
        actor = self.get(pid)
        if actor is None:
            return None
        actor = actor._replace(command=command or actor.command, uid=actor.uid if uid is None else uid)
        if pid in self.live:
            self.live[pid] = actor
        else:
            self._ended[pid] = (actor, self._ended[pid][1])
        return actor

    def ended(self, pid: int) -> Actor | None:
        """Who ended; None: nobody that is watched."""
        actor = self.live.pop(pid, None)
        if actor is not None:
            self._ended[pid] = (actor, time.monotonic() + _LINGER_S)
            self._ended.move_to_end(pid)
            self._tidy()
        return actor

    def get(self, pid: int) -> Actor | None:
        """Who has this pid, or had it until lately."""
        actor = self.live.get(pid)
        if actor is not None or pid not in self._ended:
            return actor
        return self._ended[pid][0]

    def _tidy(self) -> None:
        now = time.monotonic()
        while self._ended:
            pid, (_, until) = next(iter(self._ended.items()))
            if until > now and len(self._ended) <= _MAX_ENDED:
                return
            del self._ended[pid]
