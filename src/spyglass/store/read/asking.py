"""What all questions share: the door, the filter and its place in a query, and the bound on arrival."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Protocol

import pyarrow as pa

from spyglass.store.sqlfiles import load

__all__ = [
    "DAY_NS",
    "EARLIER_HOUR_S",
    "EVERYTHING",
    "HIGHEST",
    "LATER_HOUR_S",
    "Ask",
    "Place",
    "Scope",
    "ask",
    "fragment",
    "has_others",
    "hours",
    "received_bound",
    "statement",
]

_EVER_NS: Final = 2**63 - 1
HIGHEST: Final = "g"  # above every hex digit
EVERYTHING: Final = "true"
DAY_NS: Final = 86_400 * 10**9
EARLIER_HOUR_S: Final = 4_200  # a call may be kept under an hour that begins so long before its start: that hour, and the ten minutes of store/hours.py
LATER_HOUR_S: Final = 600  # and so long after it


class Ask(Protocol):
    """`store.engine.Engine.read`, with its limits already set."""

    def __call__(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """Run a query."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records are meant: a project, a half-open time range (ns) and a compiled search expression."""

    project: str
    from_ns: int
    to_ns: int
    filter_sql: str = EVERYTHING
    filter_parameters: dict[str, Any] = field(default_factory=dict)

    def parameters(self, **more: Any) -> dict[str, Any]:
        """Everything that a query over this scope binds."""
        return self.within(self.from_ns, self.to_ns, **more)

    def within(self, lo_ns: int, hi_ns: int, **more: Any) -> dict[str, Any]:
        """The same for a part of the time range; sub-selects of the filter read that part only, too."""
        bounds: dict[str, Any] = {"project": self.project, "lo_ns": lo_ns, "hi_ns": hi_ns, "received_ns": received_bound(lo_ns)}
        if "from_ns" in self.filter_parameters:
            first, last = self.filter_parameters["from_ns"], self.filter_parameters["to_ns"]
            bounds |= {"from_ns": max(first, lo_ns), "to_ns": max(first, min(last, hi_ns + 1))}
        return {**self.filter_parameters, **bounds, **more}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the figure that the list is ordered by, and what breaks ties."""

    figure: int
    id: str  # mostly hex


def received_bound(from_ns: int) -> int:
    """The earliest arrival of a record with a time of `from_ns` or later: decode lets no clock run ahead by more than a day."""
    return max(0, from_ns - DAY_NS)


def ask(engine: Ask, name: str, parameters: dict[str, Any], *, filter_sql: str = EVERYTHING, **marks: str) -> pa.Table:
    """Run the query file `name`; `/*filter*/` and other marks are replaced by SQL of ours, never by text from outside."""
    return engine(statement(engine, name, parameters, filter_sql=filter_sql, **marks), parameters)


def statement(engine: Ask, name: str, parameters: dict[str, Any], *, filter_sql: str = EVERYTHING, **marks: str) -> str:
    """The text of the file `name` as `ask` runs it."""
    sql = load(name)
    for mark, text in marks.items():
        sql = sql.replace(f"/*{mark}*/", text)
    if "/*once*/" in sql:
        sql = sql.replace("/*once*/", fragment("calls/once") if has_others(engine, parameters) else "source = 'span'")
    return sql.replace("/*hours*/", hours("lo_ns", "hi_ns")).replace("/*filter*/", filter_sql)


def hours(low: str, high: str) -> str:
    """The hours of `calls` that calls with a start between two bound times (ns) are kept under: store/hours.py may have moved one by ten minutes."""
    return f"hour >= {_moment(low, -EARLIER_HOUR_S)} AND hour <= {_moment(high, LATER_HOUR_S)}"


def _moment(name: str, shift_s: int) -> str:
    return f"toDateTime(least(greatest(intDiv({{{name}:Int64}}, 1000000000) + {shift_s}, 0), 4294967295), 'UTC')"


def has_others(engine: Ask, parameters: dict[str, Any]) -> bool:
    """Whether anything but spans tells of calls: a look that takes milliseconds and mostly saves reading the calls five times."""
    since, until = parameters.get("told_ns", parameters.get("received_ns", 0)), parameters.get("told_last_ns", _EVER_NS)
    return bool(engine(load("calls/others"), {"project": parameters["project"], "told_ns": since, "told_last_ns": until})["others"][0].as_py())


@cache
def fragment(name: str) -> str:
    """A condition that several query files share, without its header."""
    return "\n".join(line for line in load(name).splitlines() if not line.startswith("--"))
