"""What watched programs use, each with all processes that descend from it: a look at the processes in, points with OpenTelemetry's names for processes out.

A tree's counters go on when a process of it ends: they are the sum of what was seen of each. What a process did after it was last looked at is not in them.
"""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final, NamedTuple

import psutil

from spyglass.collect.readings import gauge, level, total
from spyglass.model.told import Point, Value

__all__ = ["Seen", "Trees"]

_MOST_TREES: Final = 100
_INTERPRETERS: Final = ("node", "python*", "bun", "deno", "ruby", "sh", "bash")  # what runs is their first argument

Identity = tuple[int, float]  # pid and when it started: pids are used again


class Seen(NamedTuple):
    """A watched program at one moment."""

    name: str
    resource: dict[str, Value]
    points: list[Point]


class _Figures(NamedTuple):
    """Of one process."""

    counters: dict[str, float]
    levels: dict[str, float]


@dataclass(slots=True)
class _Tree:
    """What is remembered of a watched program between two looks."""

    since_ns: int
    totals: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    last: dict[Identity, dict[str, float]] = field(default_factory=dict)  # of those that lived at the last look
    cpu_s: float = 0.0
    looked_ns: int = 0


class Trees:
    """Programs whose name is like one of the patterns, with their descendants."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._trees: dict[Identity, _Tree] = {}
        self._names: dict[Identity, str] = {}  # the program that each living process is; empty: none that is watched
        self.hidden = 0  # processes of watched programs that could not be read whole
        self.beyond = 0  # watched programs that are not told, as there are too many

    def look(self, now_ns: int) -> Iterator[Seen]:
        """Every watched program that lives."""
        if not self._patterns:
            return
        processes = {_identity(process): process for process in psutil.process_iter()}
        self._names = {identity: self._name(identity, process) for identity, process in processes.items()}
        roots = list(self._roots(processes))
        self.hidden, self.beyond = 0, max(0, len(roots) - _MOST_TREES)
        trees, self._trees = self._trees, {}
        for identity, members in roots[:_MOST_TREES]:
            tree = trees.get(identity) or _Tree(int(identity[1] * 1e9))
            self._trees[identity] = tree
            yield Seen(self._names[identity], _resource(processes[identity], identity), list(self._points(tree, members, now_ns)))

    def _name(self, identity: Identity, process: psutil.Process) -> str:
        known = self._names.get(identity)
        if known:  # one that is none may become one: it is another program after an exec
            return known
        try:
            names = list(_names_of(process))
        except psutil.Error:
            return ""
        return next((name for name in names for pattern in self._patterns if fnmatch.fnmatchcase(name, pattern)), "")

    def _roots(self, processes: dict[Identity, psutil.Process]) -> Iterator[tuple[Identity, list[tuple[Identity, psutil.Process]]]]:
        """Watched programs that descend from no other, with all below them."""
        by_pid = {identity[0]: identity for identity in processes}
        parents = {pid: _parent(processes[identity]) for pid, identity in by_pid.items()}
        root_of: dict[int, int] = {}  # 0: none
        for pid in by_pid:
            path: list[int] = []
            at = pid
            while at in by_pid and at not in root_of and at not in path:
                path.append(at)
                at = parents[at]
            above = root_of.get(at, 0)
            for one in reversed(path):
                above = root_of[one] = above or (one if self._names[by_pid[one]] else 0)
        members: dict[int, list[tuple[Identity, psutil.Process]]] = defaultdict(list)
        for pid, root in root_of.items():
            if root:
                members[root].append((by_pid[pid], processes[by_pid[pid]]))
        yield from ((by_pid[root], below) for root, below in sorted(members.items()))

    def _points(self, tree: _Tree, members: Iterable[tuple[Identity, psutil.Process]], now: int) -> Iterator[Point]:
        levels: defaultdict[str, float] = defaultdict(float)
        latest: dict[Identity, dict[str, float]] = {}
        for identity, process in members:
            figures = self._figures(process)
            before = tree.last.get(identity, {})
            for name, value in figures.counters.items():
                tree.totals[name] += max(0.0, value - before.get(name, 0.0))
            for name, value in figures.levels.items():
                levels[name] += value
            latest[identity] = before | figures.counters
        tree.last = latest
        since = tree.since_ns
        for mode in ("user", "system"):
            yield total("process.cpu.time", tree.totals[mode], "s", now, since, cpu__mode=mode)
        yield from _utilization(tree, now)
        yield level("process.memory.usage", levels["memory"], "By", now)
        yield level("process.memory.virtual", levels["virtual"], "By", now)
        for direction in ("read", "write"):
            yield total("process.disk.io", tree.totals[direction], "By", now, since, disk__io__direction=direction)
        yield level("process.thread.count", levels["threads"], "{thread}", now)
        yield level("process.unix.file_descriptor.count", levels["files"], "{file_descriptor}", now)
        for sort in ("voluntary", "involuntary"):
            yield total("process.context_switches", tree.totals[sort], "{context_switch}", now, since, process__context_switch__type=sort)
        yield gauge("process.uptime", max(0.0, (now - since) / 1e9), "s", now)
        yield gauge("spyglass.process.count", len(latest), "{process}", now)

    def _figures(self, process: psutil.Process) -> _Figures:
        """As much of it as may be read; what may be read by its owner alone comes last."""
        counters: dict[str, float] = {}
        levels: dict[str, float] = {}
        try:
            with process.oneshot():
                cpu, memory = process.cpu_times(), process.memory_info()
                counters |= {"user": cpu.user, "system": cpu.system}
                levels |= {"memory": memory.rss, "virtual": memory.vms, "threads": process.num_threads()}
                switches = process.num_ctx_switches()
                counters |= {"voluntary": switches.voluntary, "involuntary": switches.involuntary}
                levels["files"] = process.num_fds()
                if hasattr(process, "io_counters"):
                    moved = process.io_counters()
                    counters |= {"read": moved.read_bytes, "write": moved.write_bytes}
        except psutil.AccessDenied:
            self.hidden += 1
        except (psutil.Error, OSError):
            pass  # it has just ended
        return _Figures(counters, levels)


def _utilization(tree: _Tree, now: int) -> Iterator[Point]:
    """Of all processors, since the last look."""
    cpu_s = tree.totals["user"] + tree.totals["system"]
    if tree.looked_ns and now > tree.looked_ns:
        spent = (cpu_s - tree.cpu_s) / ((now - tree.looked_ns) / 1e9) / (psutil.cpu_count() or 1)
        yield gauge("process.cpu.utilization", spent, "1", now)
    tree.cpu_s, tree.looked_ns = cpu_s, now


def _identity(process: psutil.Process) -> Identity:
    try:
        return process.pid, process.create_time()
    except psutil.Error:
        return process.pid, 0.0


def _parent(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except psutil.Error:
        return 0


def _names_of(process: psutil.Process) -> Iterator[str]:
    """What a program may be called: by the kernel, by its first argument, or, of an interpreter, by the script that it runs."""
    name = process.name()
    yield name
    arguments = process.cmdline()
    if not arguments:
        return
    first = PurePath(arguments[0]).name
    yield first
    if any(fnmatch.fnmatchcase(called, pattern) for called in (name, first) for pattern in _INTERPRETERS):
        script = next((argument for argument in arguments[1:] if not argument.startswith("-")), "")
        yield PurePath(script).name
        yield PurePath(script).stem


def _resource(process: psutil.Process, identity: Identity) -> dict[str, Value]:
    pid, created = identity
    found: dict[str, Any] = {
        "process.pid": pid,
        "process.creation.time": datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "spyglass.root_pid": pid,
    }
    try:
        found["process.command"] = process.name()
        found["process.parent_pid"] = process.ppid()
        path = process.exe()
        found |= {"process.executable.path": path, "process.executable.name": PurePath(path).name} if path else {}
    except psutil.Error:
        pass  # not ours to see, or it has just ended
    return found
