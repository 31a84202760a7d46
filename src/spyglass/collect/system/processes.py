"""Exec, fork and exit records become process events, and tell the tree who is who."""

from __future__ import annotations

import signal
from typing import Final

from spyglass.collect.records import Exec, Exit, Fork
from spyglass.collect.system.arguments import Teller
from spyglass.collect.system.notes import Notes
from spyglass.collect.system.sieve import Sieve
from spyglass.collect.system.text import clean
from spyglass.collect.system.tree import Process, Tree
from spyglass.model.told import Value

__all__ = ["Processes", "signal_name"]

_FIRST_REAL: Final = int(getattr(signal, "SIGRTMIN", 1 << 16))  # some systems have none
_LAST_REAL: Final = int(getattr(signal, "SIGRTMAX", 0))


def signal_name(number: int) -> str:
    """`SIGTERM` for 15; those of real time count from the first, `SIGRTMIN+3`."""
    if _FIRST_REAL < number < _LAST_REAL:
        return f"SIGRTMIN+{number - _FIRST_REAL}"
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


class Processes:
    """Tells what processes start as and how they end."""

    def __init__(self, tree: Tree, notes: Notes, sieve: Sieve, teller: Teller, tells: bool = True) -> None:
        self._tree, self._notes, self._sieve, self._teller, self._tells = tree, notes, sieve, teller, tells

    def execed(self, record: Exec, process: Process) -> None:
        """It runs another program now."""
        line = self._teller.tell(record.argv, record.truncated)
        if line.failed:
            self._notes.lose({"redaction_failed": 1})
        process.path, process.argv, process.cwd = clean(record.path), line.args, clean(record.cwd)
        process.wanted = self._sieve.takes_command(record.path, process.command)
        process.changed()
        if not self._wanted(process):
            return
        attributes: dict[str, Value] = {}
        if line.args:  # none: it had ended when it was looked at
            attributes |= {"process.command_args": line.args, "process.args_count": max(line.length, record.args_count)}
        if process.path:
            attributes["process.executable.path"] = process.path
            attributes["process.executable.name"] = process.path.rpartition("/")[2]
        if process.cwd:
            attributes["process.working_directory"] = process.cwd
        if line.cut:
            attributes["spyglass.truncated"] = True
        self._notes.event(process, "process.exec", record.time_ns, attributes, sum(map(len, line.args)))

    def forked(self, record: Fork, process: Process) -> None:
        """It has a child."""
        self._tree.forked(process, record.child, record.child_started_ns, record.time_ns)
        if self._wanted(process):
            self._notes.event(process, "process.fork", record.time_ns, {"process.child.pid": record.child})

    def exited(self, record: Exit, process: Process) -> None:
        """It has ended."""
        self._tree.end(process, record.time_ns)
        if not self._wanted(process):
            return
        attributes: dict[str, Value] = {}
        if record.signal:
            attributes["process.exit.signal"] = signal_name(record.signal)
        elif record.code >= 0:
            attributes["process.exit.code"] = record.code
        if process.path:
            attributes["process.executable.name"] = process.path.rpartition("/")[2]
        if process.started_ns and record.time_ns >= process.started_ns:
            attributes["process.duration_ns"] = record.time_ns - process.started_ns
        figures = {
            "process.cpu_ns": record.cpu_ns,
            "process.max_memory_bytes": record.max_memory_bytes,
            "process.read_bytes": record.read_bytes,
            "process.written_bytes": record.written_bytes,
        }
        attributes.update((name, value) for name, value in figures.items() if value >= 0)
        self._notes.event(process, "process.exit", record.time_ns, attributes)

    def _wanted(self, process: Process) -> bool:
        if not self._tells:
            return False
        if process.wanted and process.sampled:
            return True
        self._notes.drop("sampled" if process.wanted else "filtered")
        return False
