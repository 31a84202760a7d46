"""What an agent is allowed to do grows: calls of tools and deeds of processes in, findings out.

One finding when an agent that is known well does what neither it nor another one of its role (its name without a number) ever did: write, delete, execute,
send, pay, administer, or run as root. Each privilege is told once, with what the agent did before. Which tools and hosts are new is told by `behaviour`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.minutes import LATER_NS, MINUTE_NS, MinutesInParts
from spyglass.analyze.builtin.pooled import Pooled
from spyglass.analyze.builtin.security.exercised import exercised
from spyglass.analyze.builtin.security.operations import OPERATIONS, Bits, bits_of, does
from spyglass.analyze.builtin.security.threat import Impact, Owasp, severity
from spyglass.analyze.builtin.touched import role_of
from spyglass.analyze.stats.digest import combined, of_names
from spyglass.analyze.stats.places import Places
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Privileges", "Settings", "analyzer"]

Whole = npt.NDArray[np.int64]
_KEPT_NS: Final = 90 * 24 * 60 * MINUTE_NS
_N: Final = len(OPERATIONS)
_MOST_READ: Final = 20  # arguments of one agent in a minute
# How bad a new one is, and how sure that nobody meant it.
_TOLD: Final = {
    "writes": (Impact.MEDIUM, 0.5),
    "deletes": (Impact.HIGH, 0.65),
    "executes": (Impact.HIGH, 0.65),
    "sends": (Impact.HIGH, 0.6),
    "pays": (Impact.HIGH, 0.65),
    "administers": (Impact.CRITICAL, 0.6),
    "root": (Impact.CRITICAL, 0.7),
}
_DOES: Final = {"root": "runs as root", "sends": "sends to the outside", "administers": "changes who may do what"}


class Settings(BaseModel, extra="forbid", frozen=True):
    """When an agent is known."""

    learns_calls: int = Field(100, ge=20, le=1_000_000, description="Calls and deeds before what an agent does counts as known.")
    learns_minutes: int = Field(60, ge=0, le=525_600, description="Minutes since the first of them.")
    most_agents: int = Field(20_000, ge=10, le=1_000_000, description="Agents that are known; those that were silent longest give way.")


class Privileges:
    """Counts by operation of each agent and each role."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = Places(2 * settings.most_agents, _KEPT_NS)
        self._counts: Whole = np.zeros((0, _N + 2), np.int64)  # by operation; then calls, and when the first one came
        self._names: dict[str, int] = {}
        self._minutes = MinutesInParts(LATER_NS["privileges"])
        self._fresh = {kind: Pooled(1_600) for kind in (Kind.SPAN, Kind.EVENT)}

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Calls of tools, and what processes did."""
        if isinstance(seen, Batch) and seen.kind in self._fresh:
            self._fresh[seen.kind].add(seen)
        return ()

    def _take(self) -> None:
        for fresh in self._fresh.values():
            if (batch := fresh.take()) is not None:
                self._minutes.add(exercised(batch, self._names))

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Minutes that are over, each by itself, some agents after the others: so it does not matter how they were cut."""
        if self._minutes.due(now_ns) or any(fresh.ready(now_ns) for fresh in self._fresh.values()):
            self._take()
        for rows in self._minutes.over(now_ns):
            yield from self._look(rows.sort_by([("received", "ascending"), ("trace_id", "ascending"), ("span_id", "ascending"), ("event_id", "ascending")]))

    def _look(self, rows: pa.Table) -> Iterator[Finding]:
        """Some agents' minute, in the order of arrival: what is new against all that came before."""
        at_ns = rows["received"].to_numpy()
        projects = of_names(rows["project"])
        own = combined(np.full(len(at_ns), 1, np.uint64), projects, of_names(rows["agent"]))
        role = combined(np.full(len(at_ns), 2, np.uint64), projects, of_names(role_of(rows["agent"])))
        slots, fresh = self._places.of(np.concatenate([own, role]), np.concatenate([at_ns, at_ns]))
        more = len(self._places) - len(self._counts)
        self._counts = np.concatenate([self._counts, np.zeros((more, _N + 2), np.int64)]) if more > 0 else self._counts
        self._counts[fresh] = 0
        mine, theirs = slots[: len(at_ns)], slots[len(at_ns) :]
        bits = np.unpackbits(self._bits(rows, mine)[:, None], axis=1, bitorder="little").astype(np.int64)
        known = (self._counts[mine, _N] >= self._settings.learns_calls) & (at_ns - self._counts[mine, _N + 1] >= self._settings.learns_minutes * MINUTE_NS)
        new = (bits > 0) & (self._counts[mine, :_N] == 0) & (self._counts[theirs, :_N] == 0) & known[:, None]
        told: set[tuple[int, int]] = set()
        for at, operation in zip(*(part.tolist() for part in np.nonzero(new)), strict=True):
            if OPERATIONS[operation] in _TOLD and (int(theirs[at]), operation) not in told:
                told.add((int(theirs[at]), operation))
                yield self._finding(rows.slice(at, 1).to_pylist()[0], OPERATIONS[operation], self._counts[mine[at]])
        self._learn(np.concatenate([mine, theirs]), np.concatenate([bits, bits]), np.concatenate([at_ns, at_ns]))

    def _bits(self, rows: pa.Table, slots: npt.NDArray[np.intp]) -> Bits:
        """What each row does. Arguments are read only where they may have what their agent never did; a bounded number of them."""
        bits: Bits = rows["bits"].to_numpy().copy()
        maybe: Bits = rows["maybe"].to_numpy()
        done = np.packbits(self._counts[slots, :_N] > 0, axis=1, bitorder="little")[:, 0]
        news = np.flatnonzero(maybe & ~bits & ~done)
        bits |= maybe & done
        read: dict[int, int] = {}
        for at in news.tolist():
            slot = int(slots[at])
            read[slot] = read.get(slot, 0) + 1
            if read[slot] <= _MOST_READ:
                bits[at] |= bits_of(does(rows["by"][at].as_py(), rows["said"][at].as_py())[0])
        return bits

    def _learn(self, slots: npt.NDArray[np.intp], bits: Whole, at_ns: Whole) -> None:
        unknown = self._counts[slots, _N] == 0
        self._counts[slots[unknown][::-1], _N + 1] = at_ns[unknown][::-1]  # the earliest of each is written last
        np.add.at(self._counts[:, :_N], slots, bits)
        np.add.at(self._counts[:, _N], slots, 1)

    def _finding(self, row: dict[str, Any], operation: str, before: Whole) -> Finding:
        impact, sure = _TOLD[operation]
        counts = {name: int(before[at]) for at, name in enumerate(OPERATIONS) if before[at]}
        did = ", ".join(f"{name} {count:,} times" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))) or "nothing of note"
        event = any(row["event_id"])
        shown = Evidence(event_id=row["event_id"].hex()) if event else Evidence(row["trace_id"].hex(), row["span_id"].hex())
        return Finding(
            analyzer=analyzer.name,
            version=analyzer.version,
            rule="new_privilege",
            project=row["project"],
            time_ns=row["received"],
            title=f"{row['agent']} {_DOES.get(operation, operation)} for the first time, by {row['by']}; before, in {int(before[_N]):,} calls: {did}",
            severity=severity(impact, sure),
            subject={"agent": row["agent"], "privilege": operation},
            evidence=(shown,),
            suggestion="See who gave it this and why. If its task has not changed, take it away: an agent should be able to do no more than it needs.",
            owasp=Owasp.IDENTITY_ABUSE.value,
            details={
                "by": row["by"],
                "calls_before": int(before[_N]),
                "known_days": round((row["received"] - int(before[_N + 1])) / (1_440 * MINUTE_NS), 2),
                "confidence": sure,
                "impact": impact.name.lower(),
            },
        )

    def save(self) -> State:
        """Counts, and what waits."""
        self._take()
        counts = pa.array([row.tobytes() for row in self._counts], pa.binary(8 * (_N + 2)))
        return {"owners": self._places.save().append_column("counts", counts), **self._minutes.save()}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._places.restore(state["owners"])
        self._counts = np.frombuffer(b"".join(state["owners"]["counts"].to_pylist()), np.int64).reshape(-1, _N + 2).copy()
        self._minutes.restore(state)


analyzer: Final = AnalyzerKind(
    name="privileges",
    version="1.0.0",
    description="Agents that begin to write, delete, execute, send, pay, administer or run as root, which neither they nor their role did before.",
    reads=frozenset({"span", "event"}),
    settings=Settings,
    news=True,
    make=Privileges,
    rules=("new_privilege",),
)
