"""Figures over time: spans, calls, log records, metrics; per bucket and group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from spyglass.model.errors import QueryError
from spyglass.model.schema import EVENT, POINT, SPAN
from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.read.matching import beside, of_matching
from spyglass.store.read.points import items

__all__ = ["calls", "events", "metrics", "points", "spans"]

_MOST_ROWS: Final = 100_000
_CALL_GROUPS: Final = frozenset("kind provider model agent tool workflow service environment dialect session_id user_id error_type source".split())


def spans(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str]) -> pa.Table:
    """Columns of series/spans.sql."""
    return _ask(engine, "series/spans", scope, bucket_s, *_groups(group_by, _texts(SPAN)))


def calls(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str], kind: str, agent: str = "", events: Scope | None = None) -> pa.Table:
    """Columns of series/calls.sql, for calls of one kind (llm, tool, embedding) of one agent, or of all where it is empty.

    Of the spans that match `scope`, and the log records that match `events`: the same expression, None where they do not know what it asks.
    """
    scope, events_sql = beside(scope, events)
    matching = of_matching(scope, events_sql)
    group, parameters = _groups(group_by, _CALL_GROUPS)
    of_agent = " AND agent = {call_agent:String}" if agent else ""
    bound = scope.filter_parameters | {"call_kind": kind, "call_agent": agent}
    of_kind = Scope(scope.project, scope.from_ns, scope.to_ns, f"kind = {{call_kind:String}}{of_agent} AND {matching}", bound)
    return _ask(engine, "series/calls", of_kind, bucket_s, group, parameters)


def events(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str]) -> pa.Table:
    """Columns of series/events.sql."""
    return _ask(engine, "series/events", scope, bucket_s, *_groups(group_by, _texts(EVENT)))


def points(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str], metric: str) -> list[dict[str, Any]]:
    """What `store.read.points.items` says, per bucket, group and type."""
    group, parameters = _groups(group_by, _texts(POINT))
    return items(_ask(engine, "series/points", scope, bucket_s, group, parameters | {"metric": metric}))


def metrics(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """The metrics of a project, by name."""
    return ask(engine, "series/metrics", scope.parameters(limit=limit, skip=skip))


def _ask(engine: Ask, name: str, scope: Scope, bucket_s: int, group: str, parameters: dict[str, Any]) -> pa.Table:
    bound = scope.parameters(bucket_s=bucket_s, limit=_MOST_ROWS + 1, **parameters)
    table = ask(engine, name, bound, filter_sql=scope.filter_sql, group=group)
    if table.num_rows > _MOST_ROWS:
        raise QueryError(f"more than {_MOST_ROWS} points would be shown: ask for a larger bucket, a shorter time range or fewer groups")
    return table


def _texts(schema: pa.Schema) -> frozenset[str]:
    return frozenset(column.name for column in schema if pa.types.is_string(column.type))


def _groups(group_by: Sequence[str], known: frozenset[str]) -> tuple[str, dict[str, Any]]:
    """The group expression, of closed column names and bound attribute names."""
    parts, parameters = [], {}
    for at, name in enumerate(group_by):
        if name in known:
            parts.append(f"toString({name})")
        elif name.startswith("attr.") and known is not _CALL_GROUPS:
            parts.append(f"attributes[{{group{at}:String}}]")
            parameters[f"group{at}"] = name.removeprefix("attr.")
        else:
            raise QueryError(f"group_by: there is no {name!r} to group by; there are {', '.join(sorted(known))}, attr.<name>")
    return f"[{', '.join(parts)}]::Array(String)", parameters
