"""Who is up at an unusual hour, and whether that has been told: the begin of such a spell and calls in, the first risky call of each spell out.

A spell goes on until its agent was silent for an hour. Arguments are read only within one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.analyze.builtin.security.operations import does
from spyglass.analyze.stats.hours import HOUR_NS

__all__ = ["Spell", "Spells"]

_MOST: Final = 10_000
_COLUMNS: Final = ["project", "agent", "received", "trace_id", "span_id", "tool", "risky", "said"]
Who = tuple[str, str]  # project and agent


@dataclass(slots=True)
class Spell:
    """Of one agent."""

    latest_ns: int
    days: int  # like this one, on which it was silent in the hour in which the spell began
    chance: float
    told: bool = False  # a risky call of it


class Spells:
    """Those that go on, the longest ago begun first."""

    def __init__(self) -> None:
        self._known: dict[Who, Spell] = {}

    def begin(self, who: Who, at_ns: int, days: int, chance: float) -> None:
        """An unusual hour. It may be the same spell, if the night is long."""
        before = self._known.pop(who, None)
        goes_on = before is not None and at_ns - before.latest_ns < HOUR_NS
        self._known[who] = Spell(at_ns, days, chance, told=before is not None and goes_on and before.told)
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def risky(self, rows: pa.Table) -> Iterator[tuple[dict[str, Any], Spell]]:
        """The first call of each spell that is risky, with its `risk`. `rows`: of a minute, in the order of arrival."""
        if not self._known:
            return
        agents = pa.array(sorted({agent for _, agent in self._known}), pa.string())
        for row in rows.select(_COLUMNS).filter(pc.is_in(rows["agent"], agents)).to_pylist():
            who = row["project"], row["agent"]
            spell = self._known.get(who)
            if spell is None:
                continue
            if row["received"] - spell.latest_ns >= HOUR_NS:
                del self._known[who]
                continue
            spell.latest_ns = max(spell.latest_ns, row["received"])
            if not spell.told and (risk := _risk(row)):
                spell.told = True
                yield row | {"risk": risk}, spell

    def save(self) -> pa.Table:
        """One row each."""
        rows = [
            {"project": project, "agent": agent, "latest": one.latest_ns, "days": one.days, "chance": one.chance, "told": one.told}
            for (project, agent), one in self._known.items()
        ]
        return pa.Table.from_pylist(rows, _SAVED)

    def restore(self, rows: pa.Table | None) -> None:
        """Go on from what `save` gave."""
        for row in rows.to_pylist() if rows is not None else ():
            self._known[row["project"], row["agent"]] = Spell(row["latest"], row["days"], row["chance"], row["told"])


def _risk(row: dict[str, Any]) -> str:
    """What of the call cannot be taken back; empty: nothing that is known."""
    worst = does(row["tool"], row["said"])[1] if row["said"] else ""
    return worst or ("is called risky" if row["risky"] else "")


_SAVED: Final = pa.schema(
    [("project", pa.string()), ("agent", pa.string()), ("latest", pa.int64()), ("days", pa.int64()), ("chance", pa.float64()), ("told", pa.bool_())]
)
