"""What alert rules measure: windows that may overlap, per group, in one query; and findings one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa

from spyglass.model.errors import QueryError
from spyglass.model.schema import EVENT, POINT, SPAN
from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.read.matching import beside, of_matching
from spyglass.store.read.points import items
from spyglass.store.read.series import CALL_GROUPS, group_of, texts_of

__all__ = ["Windows", "calls", "events", "findings", "points", "spans"]

_MOST_ROWS: Final = 100_000
_LEAST_BEFORE_NS: Final = 600 * 10**9  # a series that tells less often than that is begun anew
# Of a point of a metric: its time since the first window began, and the numbers of the windows that it lies in, which overlap.
_SINCE: Final = "toUnixTimestamp64Nano(time) - ({first_ns:Int64} - {window_ns:Int64})"
_WINDOWS: Final = """arrayJoin(range(toUInt32(if(moment < {window_ns:Int64}, 0, intDiv(moment - {window_ns:Int64}, {step_ns:Int64}) + 1)),
  toUInt32(least(toInt64({steps:UInt32}) - 1, intDiv(moment, {step_ns:Int64})) + 1)))"""


@dataclass(frozen=True, slots=True)
class Windows:
    """`steps` windows of a length, each of which ends a step after the one before, the first at `first_ns`."""

    first_ns: int
    window_ns: int
    step_ns: int
    steps: int

    @property
    def from_ns(self) -> int:
        """Where the first begins."""
        return self.first_ns - self.window_ns

    @property
    def to_ns(self) -> int:
        """Where the last ends."""
        return self.first_ns + (self.steps - 1) * self.step_ns

    def parameters(self) -> dict[str, int]:
        """What the queries bind of them."""
        return {"first_ns": self.first_ns, "window_ns": self.window_ns, "step_ns": self.step_ns, "steps": self.steps}


def spans(engine: Ask, scope: Scope, windows: Windows, group_by: Sequence[str]) -> pa.Table:
    """Columns of alerts/spans.sql."""
    group, parameters = group_of(group_by, texts_of(SPAN))
    return _ask(engine, "alerts/spans", scope, windows, group, parameters)


def events(engine: Ask, scope: Scope, windows: Windows, group_by: Sequence[str]) -> pa.Table:
    """Columns of alerts/events.sql."""
    group, parameters = group_of(group_by, texts_of(EVENT))
    return _ask(engine, "alerts/events", scope, windows, group, parameters)


def calls(engine: Ask, scope: Scope, windows: Windows, group_by: Sequence[str], kind: str, beside_events: Scope | None) -> pa.Table:
    """Columns of alerts/calls.sql, of calls of one kind (llm, tool) as `series.calls` has them."""
    scope, events_sql = beside(scope, beside_events)
    group, parameters = group_of(group_by, CALL_GROUPS)
    of_kind = f"kind = {{call_kind:String}} AND {of_matching(scope, events_sql)}"
    bound = Scope(scope.project, scope.from_ns, scope.to_ns, of_kind, scope.filter_parameters | {"call_kind": kind})
    return _ask(engine, "alerts/calls", bound, windows, group, parameters)


def points(engine: Ask, scope: Scope, windows: Windows, group_by: Sequence[str], metric: str) -> list[dict[str, Any]]:
    """What `store.read.points.items` says of one metric, per window (`bucket`: its number), group and type; `scope` is one of points.

    Points of a while before are read, too, for what series have grown by since.
    """
    group, parameters = group_of(group_by, texts_of(POINT))
    earlier = replace(scope, from_ns=scope.from_ns - max(windows.window_ns, _LEAST_BEFORE_NS))
    return items(_ask(engine, "series/points", earlier, windows, group, parameters | {"metric": metric}, moment=_SINCE, bucket=_WINDOWS))


def findings(engine: Ask, scope: Scope, since_ns: int, until_ns: int, limit: int) -> pa.Table:
    """Columns of alerts/findings.sql: those that arrived between two times; `scope` is one of events."""
    return ask(engine, "alerts/findings", scope.parameters(since_ns=since_ns, until_ns=until_ns, limit=limit), filter_sql=scope.filter_sql)


def _ask(engine: Ask, name: str, scope: Scope, windows: Windows, group: str, parameters: dict[str, str], **marks: str) -> pa.Table:
    table = ask(engine, name, scope.parameters(limit=_MOST_ROWS + 1, **windows.parameters(), **parameters), filter_sql=scope.filter_sql, group=group, **marks)
    if table.num_rows > _MOST_ROWS:
        raise QueryError(f"the rule sees more than {_MOST_ROWS} groups: narrow its search, or group by less")
    return table
