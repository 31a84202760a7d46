"""How long the tables keep their rows: the settings come in, rules of the database (TTL) that say the same come out.

The tables are made with the defaults; where the settings say something else, the rule is changed at the start. That takes milliseconds: the parts
that lie there are judged by the new rule in the background, so that a shorter time frees the disk and a longer one also saves what is there. Parts are
dropped whole, once all their rows are too old: rows live up to a day longer than said, sums per minute up to a month.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import pyarrow as pa
import structlog

from spyglass.config.spec import Retention
from spyglass.store.sqlfiles import load
from spyglass.store.statements import rendered

__all__ = ["Database", "Kept", "days_of", "kept", "retain"]

log = structlog.get_logger()

_DAYS: Final = re.compile(r"(?<=\+ toIntervalDay\()\d+(?=\)(?:,|$))")  # of the clause that drops rows; others move or compress them
_PIECES_MARGIN_DAYS: Final = 2  # a day as above, and one because nobody promises which of two tables the database judges first
_MARGIN_DAYS: Final = 1  # what is derived outlives what it is derived from, whose parts are dropped by whole days
_NOW: Final = {"alter_sync": 0}  # do not wait until the parts are judged


class Database(Protocol):
    """What retention needs of `store.engine.Engine`."""

    @property
    def cluster(self) -> str | None:
        """The cluster that tables are made on; None for one machine."""

    def command(self, sql: str, *, settings: Mapping[str, str | int | float]) -> None:
        """Run a statement."""

    def read(self, sql: str) -> pa.Table:
        """Run a query."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one table keeps."""

    table: str
    rule: str  # as the database writes it; "": it keeps everything
    rows: int
    size_bytes: int
    parts: int
    oldest_s: int  # when its oldest row arrived, Unix time; 0: it is empty, or does not tell

    @property
    def days(self) -> int | None:
        """How long rows are kept; None where no rule of ours says so."""
        found = _DAYS.search(self.rule)
        return int(found[0]) if found else None


def days_of(settings: Retention) -> dict[str, int]:
    """How many days each table keeps what arrived, in whole."""
    spans, events = settings.spans_days + _MARGIN_DAYS, settings.events_days + _MARGIN_DAYS
    return {
        "spans": settings.spans_days,
        "payloads": settings.spans_days,
        "messages": settings.messages_days,
        "events": settings.events_days,
        "points": settings.points_days,
        "pieces": settings.events_days + _PIECES_MARGIN_DAYS,
        "traces": spans,
        "runs": max(spans, events),
        "facets_hour": spans,
        "agents_hour": max(spans, events),
        "agent_figures": spans,
        "sums_minute": spans + _MARGIN_DAYS,
        "sums_hour": max(settings.rollups_days, spans + _MARGIN_DAYS),
        "sums_day": max(settings.daily_days, settings.rollups_days, spans + _MARGIN_DAYS),
        "spans_minute": max(settings.rollups_days, spans),
        "events_minute": max(settings.rollups_days, events),
        "tellings": max(settings.rollups_days, spans, events),
    }


def kept(database: Database) -> list[Kept]:
    """What the tables keep, by name."""
    rows: list[dict[str, Any]] = database.read(load("engine/kept")).to_pylist()
    return [Kept(row["name"], row["ttl"], row["rows"], row["size_bytes"], row["parts"], row["oldest_s"]) for row in rows]


def retain(database: Database, settings: Retention) -> dict[str, int]:
    """Change the rules that differ from the settings; gives the new days of the tables that were changed. Rules of an operator's own are left alone.

    Raises:
        StoreError, Refused: the database did not let us.
    """
    wanted, changed = days_of(settings), {}
    for one in kept(database):
        days = wanted.get(one.table)
        if days is None or one.days == days:
            continue
        if one.days is None:
            log.warning("retention not applied, because the table has a rule of its own", table=one.table, rule=one.rule, wanted_days=days)
            continue
        rule = _DAYS.sub(str(days), one.rule)
        sql = load("engine/retention").replace("/*table*/", one.table).replace("/*ttl*/", rule)
        database.command(rendered(sql, database.cluster), settings=_NOW)
        log.info("retention changed", table=one.table, days=days, before=one.days)
        changed[one.table] = days
    return changed
