"""All that can be seen without programs in the kernel, as one source: processes in the best way that is to be had, files where permitted, connections."""

from __future__ import annotations

import select
import sys
import time
from typing import Literal

from spyglass.collect.fallback.fanotify import Fanotify
from spyglass.collect.fallback.polling import Polling
from spyglass.collect.fallback.proc import short_name
from spyglass.collect.fallback.proc_connector import ProcConnector
from spyglass.collect.fallback.sockets import Sockets
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Exec, Exit, Fork, Record
from spyglass.model.errors import ConfigError

__all__ = ["Sources"]


class Sources:
    """Reads everything in the order in which it makes sense. One thread.

    `level` is what came of it: `partial` when processes and files are seen by the kernel's account, else `minimal`; `problems` say what is in the way.
    """

    def __init__(self, tracked: Tracked, *, connector: bool = True, files: bool = True, network: bool = True) -> None:
        self.problems: list[str] = []
        self._tracked = tracked
        self._files = self._open_files(tracked) if files else None  # first: the processes that are found then have all their files seen
        self._processes = self._open_processes(tracked, connector)
        self._sockets = Sockets(tracked) if network and sys.platform == "linux" else None
        self._poll = select.poll()
        if self._processes.fileno() >= 0:
            self._poll.register(self._processes.fileno(), select.POLLIN)
        if self._files is not None:
            self._poll.register(self._files.fileno(), select.POLLIN)

    @property
    def level(self) -> Literal["partial", "minimal"]:
        """How much is seen."""
        return "partial" if self._files is not None and isinstance(self._processes, ProcConnector) else "minimal"

    def read(self, timeout_s: float) -> list[Record]:
        """What happened; waits so long for something at most, and then gives nothing."""
        until = time.monotonic() + timeout_s
        while True:
            due_s = min(self._processes.due_s, self._sockets.due_s if self._sockets else timeout_s, max(0.0, until - time.monotonic()))
            self._poll.poll(due_s * 1000)
            records = self._take()
            if records or time.monotonic() >= until:
                return records

    def close(self) -> None:
        """Stop, and let go of everything."""
        self._processes.close()
        if self._files is not None:
            self._files.close()

    def _take(self) -> list[Record]:
        """Files are read before processes and told after them, so that who did it is known: its fork came before its deed."""
        waiting = self._files.fetch() if self._files else 0
        records = self._processes.take()
        if self._files is not None:
            self._files.fetch()
            records = self._name(records, self._files)
            records += self._files.take(waiting)
        if self._sockets is not None:
            records += self._sockets.take()
        return records

    def _name(self, records: list[Record], files: Fanotify) -> list[Record]:
        """The records, where programs that had ended when they were looked at have the path that was opened to be run, and their short name of it."""
        out: list[Record] = []
        names: dict[int, str] = {}
        for record in records:
            if type(record) is Exec:
                names.pop(record.actor.pid, None)
                opened = files.program(record.actor.pid)
                if not record.path and opened:
                    names[record.actor.pid] = short_name(opened)
                    self._tracked.renamed(record.actor.pid, names[record.actor.pid])
                    record = record._replace(path=opened)  # noqa: PLW2901 the same record, completed
            out.append(_renamed(record, names) if names else record)
        return out

    def _open_files(self, tracked: Tracked) -> Fanotify | None:
        try:
            files = Fanotify(tracked)
        except ConfigError as error:
            self.problems.append(error.message)
            return None
        self.problems.extend(files.problems)
        return files

    def _open_processes(self, tracked: Tracked, connector: bool) -> ProcConnector | Polling:
        if connector:
            try:
                return ProcConnector(tracked)
            except ConfigError as error:
                self.problems.append(error.message)
        return Polling(tracked)


def _renamed(record: Record, names: dict[int, str]) -> Record:
    if isinstance(record, Exec | Exit | Fork) and record.actor.pid in names:
        return record._replace(actor=record.actor._replace(command=names[record.actor.pid]))
    return record
