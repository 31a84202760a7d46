"""Settle: keeps the table `calls` right while spans arrive in any order.

In: the span rows of each commit. Out: rows of `calls`, and later corrections of them.

A trace that lies wholly within one commit is told once and for all. One that came in parts is *loose*: after the commit its spans are read back from
the store and told again. A large trace that goes on is read back less often, so that a trace of 100,000 spans costs no more than the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import pyarrow as pa

from spyglass.model.clock import Clock
from spyglass.store.calls import LEAN_COLUMNS, calls_of_spans, loose_traces, not_calls
from spyglass.store.pairs import Pairs

__all__ = ["Settler"]

_REMEMBERED: Final = 500_000  # traces; about 60 MB at most
_TRACES_AT_ONCE: Final = 5_000
_SPANS_PER_SECOND: Final = 20_000  # a loose trace waits one second for each so many spans of it

ReadTraces = Callable[[list[bytes], int], pa.Table]  # trace ids and the earliest arrival (ns) -> rows with LEAN_COLUMNS


class Settler:
    """Bounded memory of which traces came when. Not thread-safe: it belongs to the writer's thread."""

    def __init__(self, read_traces: ReadTraces, clock: Clock) -> None:
        self._read_traces, self._clock = read_traces, clock
        self._pairs = Pairs()
        self._first_received: dict[bytes, int] = {}
        self._due: dict[bytes, float] = {}  # loose traces, and when to tell them again (monotonic s)
        self._rest: dict[bytes, float] = {}  # large traces, and until when they are not read back (monotonic s)

    def tell(self, rows: pa.Table) -> pa.Table:
        """The calls of this commit's spans, for the traces that are whole as far as anybody knows."""
        lean = rows.select(LEAN_COLUMNS)
        received = lean["received"].cast(pa.int64())
        firsts = pa.table({"trace": lean["trace_id"], "received": received}).group_by("trace").aggregate([("received", "min")])
        known = self._first_received
        loose = loose_traces(lean)
        for trace, first in zip(firsts["trace"].to_pylist(), firsts["received_min"].to_pylist(), strict=True):
            if trace in known:
                loose.add(trace)
            else:
                known[trace] = first
        self._forget()
        now = self._clock.monotonic()
        for trace in loose:
            self._due.setdefault(trace, max(now, self._rest.get(trace, 0.0)))
        told, taken_back = self._pairs.join(lean)
        calls = calls_of_spans(told, now_ns=self._clock.now_ns(), replace=False)
        return pa.concat_tables([calls, not_calls(taken_back, now_ns=self._clock.now_ns())]) if taken_back.num_rows else calls

    def expect(self, traces: Iterable[tuple[bytes, int]]) -> None:
        """Tell these (trace id, first arrival in ns) again: after a restart, those that may have been left unfinished."""
        now = self._clock.monotonic()
        for trace, first in traces:
            self._first_received.setdefault(trace, first)
            self._due[trace] = now

    def corrections(self) -> pa.Table | None:
        """The calls of the loose traces that are due, read back from the store; None when none is."""
        now = self._clock.monotonic()
        due = [trace for trace, at in self._due.items() if at <= now][:_TRACES_AT_ONCE]
        if not due:
            return None
        rows = self._read_traces(due, min(self._first_received.get(trace, 0) for trace in due))
        for trace in due:
            del self._due[trace]
        self._rest = {trace: until for trace, until in self._rest.items() if until > now} | self._rests(rows, now)
        return calls_of_spans(rows, now_ns=self._clock.now_ns(), replace=True)

    def waiting(self) -> float | None:
        """Seconds until a loose trace is due; None when none is loose."""
        if not self._due:
            return None
        return max(0.0, min(self._due.values()) - self._clock.monotonic())

    @staticmethod
    def _rests(rows: pa.Table, now: float) -> dict[bytes, float]:
        sizes = rows.group_by("trace_id").aggregate([([], "count_all")])
        pairs = zip(sizes["trace_id"].to_pylist(), sizes["count_all"].to_pylist(), strict=True)
        return {trace: now + n / _SPANS_PER_SECOND for trace, n in pairs if n > _SPANS_PER_SECOND}

    def _forget(self) -> None:
        known = self._first_received
        for trace in list(known)[: max(0, len(known) - _REMEMBERED)]:
            del known[trace]
