"""Warnings and errors that were never said before: log records in, findings out. Those that differ only in numbers, ids, times and quoted texts are alike.

Only records from `warning` on are looked at: what is new among the others is mostly a new version, and there are a hundred times as many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.minutes import Minutes
from spyglass.analyze.stats.digest import combined, digests, of_names
from spyglass.analyze.stats.firsts import Firsts
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Settings", "Templates", "analyzer", "masked"]

_WARNING, _ERROR = 13, 17  # severity numbers
_MOST_BYTES: Final = 500  # of a body
_MOST_AT_ONCE: Final = 5  # of one service in a minute
_MASKS: Final = (  # in this order: what a later one would take apart goes first
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?", "<time>"),
    (r'"(?:[^"\\\n]|\\.)*"', "<text>"),
    (r"(^|[\s(=:,\[{])'[^'\n]*'", r"\1<text>"),
    (r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b", "<id>"),
    (r"\b(?:0x)?(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{5,}\b", "<id>"),
    (r"\d+(?:[.,:]\d+)*", "<n>"),
)
_COLUMNS: Final = ["project", "service", "agent", "received", "severity_number", "event_name", "event_id", "body", "source"]


class Settings(BaseModel, extra="forbid", frozen=True):
    """When a service is known, and how rare is rare."""

    rarity: float = Field(0.02, gt=0, lt=1, description="Chance that a warning or error of the service is of a new kind, above which none is told.")
    learns_records: int = Field(100, ge=10, le=1_000_000, description="Warnings and errors of a service before it is known.")
    most_templates: int = Field(100_000, ge=1_000, le=10_000_000, description="Kinds of messages that are known, of all services together.")


class Templates:
    """Kinds of messages by service."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._firsts = Firsts(10_000, settings.most_templates)
        self._minutes = Minutes()

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Log records; not the findings of the server itself."""
        if isinstance(seen, Batch) and seen.kind is Kind.EVENT:
            rows = seen.rows
            wanted = pc.and_(
                pc.greater_equal(rows["severity_number"], _WARNING), pc.and_(pc.not_equal(rows["body"], ""), pc.not_equal(rows["event_name"], "finding"))
            )
            table = rows.select(_COLUMNS).filter(wanted)
            if table.num_rows:
                table = table.set_column(3, "received", table["received"].cast(pa.int64()))
                self._minutes.add(table.set_column(7, "body", masked(table["body"])))
        return ()

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Minutes that are over, each by itself."""
        for _, rows in self._minutes.over(now_ns):
            yield from self._look(rows)

    def _look(self, rows: pa.Table) -> Iterator[Finding]:
        keys = ["project", "service", "body"]
        rows = rows.sort_by([("received", "ascending"), ("event_id", "ascending")])
        firsts = [(name, "first") for name in ("event_id", "agent", "source")]
        told = rows.group_by(keys, use_threads=False).aggregate([("received", "count"), ("received", "min"), ("severity_number", "max"), *firsts])
        told = told.sort_by([("received_min", "ascending"), *((key, "ascending") for key in keys)])
        owner = combined(of_names(told["project"]), of_names(told["service"]))
        seen = self._firsts.see(owner, digests(told["body"]), told["received_count"].to_numpy(), told["received_min"].to_numpy())
        unusual = np.flatnonzero(seen.first & (seen.times >= self._settings.learns_records) & (seen.chance < self._settings.rarity))
        so_many: dict[tuple[str, str], int] = {}
        for at, row in zip(unusual.tolist(), told.take(pa.array(unusual)).to_pylist(), strict=True):
            who = row["project"], row["service"]
            so_many[who] = so_many.get(who, 0) + 1
            if so_many[who] > _MOST_AT_ONCE:
                continue
            where, agent = row["service"] or row["source_first"] or "a sender without a name", row["agent_first"]
            level = "an error" if row["severity_number_max"] >= _ERROR else "a warning"
            yield Finding(
                analyzer="templates",
                version=analyzer.version,
                rule="new_message",
                project=row["project"],
                time_ns=row["received_min"],
                title=f"{where} logs {level} of a kind that it never did in {int(seen.times[at]):,}: {row['body'][:160]}",
                severity="warning" if row["severity_number_max"] >= _ERROR else "info",
                subject={name: text for name, text in (("service", row["service"]), ("agent", agent), ("message", row["body"][:200])) if text},
                observed=float(row["received_count"]),
                expected=(0.0, 0.0),
                unit="records",
                probability=float(seen.chance[at]),
                evidence=(Evidence(event_id=row["event_id_first"].hex()),),
                suggestion="Open the record and what came just before it. If a new version brought the message, look whether it was meant to.",
                details={"records_before": int(seen.times[at]), "kinds_before": int(seen.kinds[at])},
            )

    def save(self) -> State:
        """Kinds that are known, and what waits."""
        return {**self._firsts.save(), **self._minutes.save()}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._firsts.restore({name: state[name] for name in ("owners", "things")})
        self._minutes.restore(state)


def masked(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The kind of each message, as `GET /api/v1/events/patterns` shows it."""
    found = pc.utf8_slice_codeunits(texts, 0, _MOST_BYTES)
    for pattern, mask in _MASKS:
        found = pc.replace_substring_regex(found, pattern, mask)
    return found


analyzer: Final = AnalyzerKind(
    name="templates",
    version="1.0.0",
    description="Warnings and errors in logs of a kind that the service never told before.",
    reads=frozenset({"event"}),
    settings=Settings,
    news=True,
    make=Templates,
    rules=("new_message",),
)
