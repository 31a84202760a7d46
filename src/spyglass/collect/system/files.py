"""Opens, sums of reading and writing, and changes of names become file events; noise is counted by rule."""

from __future__ import annotations

import os
from errno import ENOENT, ENOTDIR, errorcode
from typing import Final

from spyglass.collect.records import FileChange, FileIo, FileOpen
from spyglass.collect.system.notes import Notes
from spyglass.collect.system.sieve import PathView, Sieve
from spyglass.collect.system.text import clean
from spyglass.collect.system.tree import Process
from spyglass.model.told import Value

__all__ = ["Files", "error_name"]

_ACCESS: Final = {os.O_RDONLY: "read", os.O_WRONLY: "write", os.O_RDWR: "read_write"}
_REPEATED: Final = "repeated_open"
_PLAIN: Final = "plain_read"  # opened to read, nothing interesting: what is read of it is told as a sum
_ABSENT: Final = "not_found"  # programs look in many places


def error_name(result: int) -> str:
    """`ENOENT` for -2."""
    return errorcode.get(-result, str(-result))


class _Use:
    """What a process did with a file in this window."""

    __slots__ = ("last_ns", "opened", "read_bytes", "reads", "unknown", "view", "writes", "written_bytes")

    def __init__(self, view: PathView) -> None:
        self.view = view
        self.opened: tuple[tuple[bool, int], ...] = ()  # told already: to write or not, and how it went
        self.unknown = False  # the source does not tell sizes
        self.read_bytes = self.written_bytes = self.reads = self.writes = self.last_ns = 0


class Files:
    """Tells what happens to files. Sums wait for the end of the window, or of the process, or until there are too many of them."""

    def __init__(self, notes: Notes, sieve: Sieve, bound: int = 20_000, min_bytes: int = 0) -> None:
        self._notes, self._sieve, self._bound, self._min_bytes = notes, sieve, bound, min_bytes
        self._uses: dict[Process, dict[str, _Use]] = {}
        self._count = 0

    def opened(self, record: FileOpen, process: Process) -> None:
        """It opened a file, or could not."""
        view, flags = self._sieve.path(record.path), record.flags
        writes = record.created or bool(flags & (os.O_ACCMODE | os.O_CREAT | os.O_TRUNC))
        if not self._wanted(process, view) or self._noise(process, view, writes):
            return
        if rule := self._boring(record, process, view, writes):
            self._notes.fold(process.root, rule)
            return
        attributes: dict[str, Value] = {**view.attributes, "file.access": _ACCESS.get(flags & os.O_ACCMODE, "write")}
        if record.created:
            attributes["file.created"] = True
        self._tell(process, "file.open", record.time_ns, attributes, record.result)

    def _boring(self, record: FileOpen, process: Process, view: PathView, writes: bool) -> str:
        """The rule under which an open is only counted; empty: it is told."""
        if not writes and not view.interesting:
            if record.result >= 0:
                return _PLAIN
            if record.result in (-ENOENT, -ENOTDIR):
                return _ABSENT
        use, how = self._use(process, record.path, view), (writes, min(record.result, 0))
        if how in use.opened and not record.created:
            return _REPEATED
        use.opened += (how,)
        return ""

    def used(self, record: FileIo, process: Process) -> None:
        """It read from a file or wrote to it. Sizes of -1 are not known."""
        view = self._sieve.path(record.path)
        if not self._wanted(process, view) or self._noise(process, view, bool(record.writes or record.written_bytes > 0)):
            return
        use = self._use(process, record.path, view)
        use.read_bytes += max(record.read_bytes, 0)
        use.written_bytes += max(record.written_bytes, 0)
        use.unknown = use.unknown or record.read_bytes < 0 or record.written_bytes < 0
        use.reads += record.reads
        use.writes += record.writes
        use.last_ns = max(use.last_ns, record.time_ns)

    def changed(self, record: FileChange, process: Process) -> None:
        """It changed a name, or what a name stands for, or could not."""
        view = self._sieve.path(record.path)
        target = self._sieve.path(record.target) if record.target else view
        if (view.unwanted or not process.wanted) and not self._wanted(process, target):
            return
        if view.write_rule and target.write_rule:
            self._notes.fold(process.root, view.write_rule)
            return
        attributes: dict[str, Value] = dict(view.attributes)
        if record.target:
            attributes["file.target_path"] = clean(record.target)
        if record.change in ("chmod", "mkdir") and record.mode:
            attributes["file.mode"] = f"{record.mode & 0o7777:04o}"
        self._tell(process, f"file.{record.change}", record.time_ns, attributes, record.result)

    def ended(self, process: Process) -> None:
        """The process is gone: tell its sums."""
        uses = self._uses.pop(process, None)
        if uses:
            self._count -= len(uses)
            self._sum_up(process, uses)

    def flush(self) -> None:
        """The window is over: tell all sums."""
        everything, self._uses, self._count = self._uses, {}, 0
        for process, uses in everything.items():
            self._sum_up(process, uses)

    def _use(self, process: Process, path: str, view: PathView) -> _Use:
        uses = self._uses.get(process)
        if uses is None:
            uses = self._uses[process] = {}
        use = uses.get(path)
        if use is None:
            if self._count >= self._bound:
                self.flush()
                uses = self._uses.setdefault(process, {})
            use = uses[path] = _Use(view)
            self._count += 1
        return use

    def _wanted(self, process: Process, view: PathView) -> bool:
        if process.wanted and not view.unwanted:
            return True
        self._notes.drop(view.unwanted if process.wanted else "filtered")
        return False

    def _noise(self, process: Process, view: PathView, writes: bool) -> bool:
        rule = view.write_rule if writes else view.read_rule
        if not rule or (view.interesting and not writes):
            return False
        self._notes.fold(process.root, rule)
        return True

    def _sum_up(self, process: Process, uses: dict[str, _Use]) -> None:
        for use in uses.values():
            if use.reads or use.read_bytes:
                self._tell_sum(process, use, "file.read", "file.read_bytes", use.read_bytes)
            if use.writes or use.written_bytes:
                self._tell_sum(process, use, "file.write", "file.written_bytes", use.written_bytes)

    def _tell_sum(self, process: Process, use: _Use, name: str, figure: str, size_bytes: int) -> None:
        if size_bytes < self._min_bytes and not use.unknown:
            self._notes.drop("filtered")
            return
        attributes: dict[str, Value] = dict(use.view.attributes)
        if size_bytes or not use.unknown:
            attributes[figure] = size_bytes
        self._notes.event(process, name, use.last_ns, attributes)

    def _tell(self, process: Process, name: str, time_ns: int, attributes: dict[str, Value], result: int) -> None:
        if result < 0:
            attributes["error.type"] = error_name(result)
        self._notes.event(process, name, time_ns, attributes, len(str(attributes["file.path"])))
