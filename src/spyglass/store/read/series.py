"""Figures over time: spans, calls, log records, metrics; per bucket and group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.errors import QueryError
from spyglass.model.schema import EVENT, POINT, SPAN
from spyglass.store.read import sums
from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.read.matching import beside, of_matching
from spyglass.store.read.points import items

__all__ = ["CALL_GROUPS", "calls", "calls_of_sums", "events", "group_of", "metrics", "points", "spans", "texts_of"]

_MOST_ROWS: Final = 100_000
CALL_GROUPS: Final = frozenset("kind provider model agent agent_version tool workflow service environment dialect session_id user_id error_type source".split())


def spans(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str]) -> pa.Table:
    """Columns of series/spans.sql."""
    return _ask(engine, "series/spans", scope, bucket_s, *group_of(group_by, texts_of(SPAN)))


def calls(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str], kind: str, agent: str = "", events: Scope | None = None) -> pa.Table:
    """Columns of series/calls.sql, for calls of one kind (llm, tool, embedding) of one agent, or of all where it is empty.

    Of the spans that match `scope`, and the log records that match `events`: the same expression, None where they do not know what it asks.
    """
    scope, events_sql = beside(scope, events)
    matching = of_matching(scope, events_sql)
    group, parameters = group_of(group_by, CALL_GROUPS)
    of_agent = " AND agent = {call_agent:String}" if agent else ""
    bound = scope.filter_parameters | {"call_kind": kind, "call_agent": agent}
    of_kind = Scope(scope.project, scope.from_ns, scope.to_ns, f"kind = {{call_kind:String}}{of_agent} AND {matching}", bound)
    return _ask(engine, "series/calls", of_kind, bucket_s, group, parameters)


def calls_of_sums(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str], kind: str, agent: str, until_s: int) -> pa.Table | None:
    """The same as `calls` from the sums of hours and days (`until_s`: see store/sums.py), with quantiles within 1 %; None where these do not fit."""
    buckets = sums.Buckets(bucket_s)
    if not (sums.fits(scope, buckets, until_s) and sums.KEYS.issuperset(group_by)):
        return None
    group, _ = group_of(group_by, sums.KEYS)
    only = "kind = {call_kind:String}" + (" AND agent = {call_agent:String}" if agent else "")
    table = _bounded(sums.series(engine, scope, buckets, until_s, group, _MOST_ROWS + 1, only, call_kind=kind, call_agent=agent))
    starts = pc.multiply(table["bucket"], bucket_s)
    return table.set_column(0, "bucket", starts).drop_columns(["pending", "sum_ns"])


def events(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str]) -> pa.Table:
    """Columns of series/events.sql."""
    return _ask(engine, "series/events", scope, bucket_s, *group_of(group_by, texts_of(EVENT)))


def points(engine: Ask, scope: Scope, bucket_s: int, group_by: Sequence[str], metric: str) -> list[dict[str, Any]]:
    """What `store.read.points.items` says, per bucket, group and type."""
    group, parameters = group_of(group_by, texts_of(POINT))
    moment = "toUnixTimestamp(toStartOfInterval(time, toIntervalSecond({bucket_s:UInt32})))"
    return items(_ask(engine, "series/points", scope, bucket_s, group, parameters | {"metric": metric}, moment=moment, bucket="moment"))


def metrics(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """The metrics of a project, by name."""
    return ask(engine, "series/metrics", scope.parameters(limit=limit, skip=skip))


def _ask(engine: Ask, name: str, scope: Scope, bucket_s: int, group: str, parameters: dict[str, Any], **marks: str) -> pa.Table:
    bound = scope.parameters(bucket_s=bucket_s, limit=_MOST_ROWS + 1, **parameters)
    return _bounded(ask(engine, name, bound, filter_sql=scope.filter_sql, group=group, **marks))


def _bounded(table: pa.Table) -> pa.Table:
    if table.num_rows > _MOST_ROWS:
        raise QueryError(f"more than {_MOST_ROWS} points would be shown: ask for a larger bucket, a shorter time range or fewer groups")
    return table


def texts_of(schema: pa.Schema) -> frozenset[str]:
    """Names of the columns that may be grouped by."""
    return frozenset(column.name for column in schema if pa.types.is_string(column.type))


def group_of(group_by: Sequence[str], known: frozenset[str]) -> tuple[str, dict[str, Any]]:
    """The group expression, of closed column names and bound attribute names, and what to bind.

    Raises:
        QueryError: there is no such column.
    """
    parts, parameters = [], {}
    for at, name in enumerate(group_by):
        if name in known:
            parts.append(f"toString({name})")
        elif name.startswith("attr.") and known is not CALL_GROUPS:
            parts.append(f"attributes[{{group{at}:String}}]")
            parameters[f"group{at}"] = name.removeprefix("attr.")
        else:
            raise QueryError(f"group_by: there is no {name!r} to group by; there are {', '.join(sorted(known))}, attr.<name>")
    return f"[{', '.join(parts)}]::Array(String)", parameters
