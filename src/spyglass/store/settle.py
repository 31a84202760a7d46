"""Settle: keeps the table `tellings` right while spans arrive in any order.

In: the span rows of each commit. Out: rows of `tellings`, and later corrections of them.

A trace that lies wholly within one commit is told once and for all. One that came in parts is *loose*: after the commit its spans are read back from
the store and told again. A large trace that goes on is read back less often, so that a trace of 100,000 spans costs no more than the others.

What messages and log records say of the same calls is heard too (`witnesses.py`); where it comes after the spans, their traces are loose as well.
What a watch read from connections of the same calls is made one with them afterwards (`twins.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import numpy as np
import pyarrow as pa

from spyglass.model.clock import Clock
from spyglass.store.calls import calls_of_spans, lean_rows, loose_traces, not_calls
from spyglass.store.pairs import Pairs
from spyglass.store.twins import Twins
from spyglass.store.witnesses import Witnesses

__all__ = ["Settler"]

_REMEMBERED: Final = 500_000  # traces; about 60 MB at most
_TRACES_AT_ONCE: Final = 5_000
_SPANS_PER_SECOND: Final = 20_000  # a loose trace waits one second for each so many spans of it
_LATE_NS: Final = 600 * 10**9  # spans are sent at most so long after their end

ReadTraces = Callable[[list[bytes]], pa.Table]  # trace ids -> all their rows, with the columns that `lean_rows` takes
FindTraces = Callable[[list[str]], list[bytes]]  # sessions -> traces of theirs with model calls that leave something out


class Settler:
    """Bounded memory of which traces came when. Not thread-safe: it belongs to the writer's thread."""

    def __init__(self, read_traces: ReadTraces, clock: Clock, find_traces: FindTraces = lambda _: [], twins: Twins | None = None) -> None:
        self._read_traces, self._find_traces, self._clock = read_traces, find_traces, clock
        self._pairs, self._witnesses, self._twins = Pairs(), Witnesses(), twins
        self._sessions: set[str] = set()  # whose spans may lack what a record says
        self._known: dict[bytes, int] = {}  # trace → first arrival (ns) that we saw
        self._horizon_ns = clock.now_ns()  # of what began before, parts may have come that we know nothing of: before our start, or forgotten
        self._due: dict[bytes, float] = {}  # loose traces, and when to tell them again (monotonic s)
        self._rest: dict[bytes, float] = {}  # large traces, and until when they are not read back (monotonic s)

    def tell(self, rows: pa.Table, said: pa.Table | None = None) -> pa.Table:
        """The calls of this commit's spans, for the traces that are whole as far as anybody knows; `said` are those that their own messages tell."""
        if said is not None:
            self._witnesses.hear(said)
        lean = lean_rows(rows)
        if self._twins is not None:
            self._twins.note(lean)
        joined = self._pairs.join(lean)
        self._loosen(self._in_parts(lean) | joined.touched)
        now_ns = self._clock.now_ns()
        calls = self._completed(calls_of_spans(joined.told, now_ns=now_ns, replace=False))
        return pa.concat_tables([calls, not_calls(joined.taken_back, now_ns=now_ns)]) if joined.taken_back.num_rows else calls

    def hear(self, calls: pa.Table) -> None:
        """Rows of `tellings` that messages or log records tell: what they know better is told of the spans of now, of before and to come."""
        traces, sessions = self._witnesses.hear(calls)
        self._loosen(trace for trace, start in traces if trace in self._known or start < self._horizon_ns)
        self._sessions.update(sessions)

    def remember(self, calls: pa.Table) -> None:
        """The same from before a restart; what was told then stands."""
        self._witnesses.hear(calls)

    def expect(self, traces: Iterable[bytes]) -> None:
        """Tell these again: after a restart, those that may have been left unfinished."""
        self._loosen(traces)

    def corrections(self) -> pa.Table | None:
        """The calls of the loose traces that are due, read back from the store; None when none is. Whoever asks must keep them."""
        if self._sessions:
            self._loosen(self._find_traces(sorted(self._sessions)))
            self._sessions.clear()
        now = self._clock.monotonic()
        due = [trace for trace, at in self._due.items() if at <= now][:_TRACES_AT_ONCE]
        if not due:
            return self._twins.joined() if self._twins is not None else None
        rows = lean_rows(self._read_traces(due))
        if self._twins is not None:
            self._twins.note(rows)
        for trace in due:
            del self._due[trace]
        self._rest = {trace: until for trace, until in self._rest.items() if until > now} | self._rests(rows, now)
        joined = self._pairs.join(rows)
        now_ns = self._clock.now_ns()
        calls = self._completed(calls_of_spans(joined.told, now_ns=now_ns, replace=True))
        return pa.concat_tables([calls, not_calls(joined.taken_back, now_ns=now_ns)])

    def waiting(self) -> float | None:
        """Seconds until a loose trace is due; None when none is loose."""
        if self._sessions:
            return 0.0
        twins = self._twins.waiting() if self._twins is not None else None
        own = max(0.0, min(self._due.values()) - self._clock.monotonic()) if self._due else None
        return min([wait for wait in (twins, own) if wait is not None], default=None)

    def _completed(self, calls: pa.Table) -> pa.Table:
        """With what is known of them from elsewhere."""
        calls = self._witnesses.complete(calls)
        return calls if self._twins is None else self._twins.placed(calls)

    def _loosen(self, traces: Iterable[bytes]) -> None:
        now = self._clock.monotonic()
        for trace in traces:
            self._due.setdefault(trace, max(now, self._rest.get(trace, 0.0)))

    def _in_parts(self, lean: pa.Table) -> set[bytes]:
        """Traces of which other spans came before, or will come."""
        loose = loose_traces(lean)
        began_early = self._began_early(lean)
        firsts = pa.table({"trace": lean["trace_id"], "received": lean["received"].cast(pa.int64())}).group_by("trace").aggregate([("received", "min")])
        for trace, first in zip(firsts["trace"].to_pylist(), firsts["received_min"].to_pylist(), strict=True):
            if trace in self._known or trace in began_early:
                loose.add(trace)
            self._known.setdefault(trace, first)
        self._forget()
        return loose

    def _began_early(self, lean: pa.Table) -> set[bytes]:
        """Traces with a span that began before the horizon and ended near or after it: what is below it may have come before we looked."""
        start = lean["start"].cast(pa.int64()).to_numpy()
        end = start + lean["duration_ns"].to_numpy().astype(np.int64)
        early = (start < self._horizon_ns) & (end > self._horizon_ns - _LATE_NS)
        return set(lean["trace_id"].filter(pa.array(early)).unique().to_pylist())

    @staticmethod
    def _rests(rows: pa.Table, now: float) -> dict[bytes, float]:
        sizes = rows.group_by("trace_id").aggregate([([], "count_all")])
        pairs = zip(sizes["trace_id"].to_pylist(), sizes["count_all"].to_pylist(), strict=True)
        return {trace: now + n / _SPANS_PER_SECOND for trace, n in pairs if n > _SPANS_PER_SECOND}

    def _forget(self) -> None:
        known = self._known
        for trace in list(islice(known, max(0, len(known) - _REMEMBERED))):
            self._horizon_ns = max(self._horizon_ns, known.pop(trace))
