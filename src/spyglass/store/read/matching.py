"""What a search means for calls, and for whatever spans and log records tell together.

In: the scopes of one search expression, for spans and for log records. Out: conditions that may stand in one query. A call belongs to a search when the span
that it stands on matches, or the log record that tells of it.
"""

from __future__ import annotations

import re
from typing import Final

from spyglass.store.read.asking import EVERYTHING, Scope

__all__ = ["NOTHING", "beside", "of_matching"]

NOTHING: Final = "false"
_PLACEHOLDER: Final = re.compile(r"\{(p\d+):")  # those of store/filters.py
_OF_SPANS: Final = """(trace_id, span_id) IN (
    SELECT trace_id, span_id FROM spans
    WHERE project = {project:String}
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND (/*spans*/))"""
_EVENTS: Final = """FROM events
    WHERE project = {project:String} AND kind IN ('llm', 'embedding', 'tool')
      AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND (/*events*/)"""
# A log record's telling has the record's id as its key, or stands under its response id (store/calls.py).
_OF_EVENTS: Final = f"""(call_key IN (SELECT event_id {_EVENTS})
    OR (response_id != '' AND (kind, response_id) IN (SELECT kind, response_id {_EVENTS} AND response_id != '')))"""


def beside(scope: Scope, events: Scope | None) -> tuple[Scope, str]:
    """The scope for spans, which binds the condition for log records too, and that condition.

    Args:
        scope: of spans.
        events: of log records, by the same expression; None where it asks what log records do not know, so that none matches.
    """
    if scope.filter_sql == EVERYTHING:
        return scope, EVERYTHING
    if events is None:
        return scope, NOTHING
    sql = _PLACEHOLDER.sub(r"{event_\1:", events.filter_sql)
    own = {name if not re.fullmatch(r"p\d+", name) else f"event_{name}": value for name, value in events.filter_parameters.items()}
    return Scope(scope.project, scope.from_ns, scope.to_ns, scope.filter_sql, own | scope.filter_parameters), f"({sql})"


def of_matching(scope: Scope, events_sql: str = NOTHING) -> str:
    """For `/*filter*/` where calls are counted: those of the spans, and of the log records, that match.

    The CTE `told` must have source, trace_id, span_id, and where log records may match call_key, kind and response_id.
    """
    if scope.filter_sql == EVERYTHING:
        return EVERYTHING
    spans = _OF_SPANS.replace("/*spans*/", scope.filter_sql)
    if events_sql == NOTHING:
        return spans
    return f"({spans} OR (source = 'event' AND {_OF_EVENTS.replace('/*events*/', events_sql)}))"
