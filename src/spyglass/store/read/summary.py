"""What happened: traces, spans, calls, tokens, cost, people, each counted once however many spans tell it."""

from __future__ import annotations

from typing import Any, Final

from spyglass.store.read.asking import EVERYTHING, Ask, Scope, ask

__all__ = ["summary"]

_MOST_NAMES: Final = 10_000  # of each; the SQL files list no more
# A filter is about spans; it chooses the calls that stand for a matching span.
_OF_MATCHING_SPANS: Final = """(trace_id, span_id) IN (
    SELECT trace_id, span_id FROM spans
    WHERE project = {project:String}
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND (/*filter*/))"""


def summary(engine: Ask, scope: Scope) -> dict[str, Any]:
    """Numbers by name, and the names behind them under `names`.

    With a search expression only the spans that match it count, and what only log records and metrics tell of does not.
    """
    parameters = scope.parameters()
    all_of_it = scope.filter_sql == EVERYTHING
    spans = ask(engine, "summary/spans", parameters, filter_sql=scope.filter_sql).to_pylist()[0]
    calls_filter = EVERYTHING if all_of_it else _OF_MATCHING_SPANS.replace("/*filter*/", scope.filter_sql)
    calls = ask(engine, "summary/calls", parameters, filter_sql=calls_filter).to_pylist()[0]
    beside = [ask(engine, f"summary/{kind}", scope.parameters()).to_pylist()[0] for kind in ("events", "points")] if all_of_it else []
    names = {name: sorted({*spans.pop(name), *(value for told in beside for value in told[name])}) for name in ("agents", "sessions", "users")}
    names["models"] = calls.pop("models")
    counts = {name: len(values) for name, values in names.items()}
    if max(counts.values()) >= _MOST_NAMES:
        exact = ask(engine, "summary/people", parameters, filter_sql=scope.filter_sql, beside="true" if all_of_it else "false")
        counts |= exact.to_pylist()[0]
    return {**spans, **calls, **counts, "names": {name: values[:_MOST_NAMES] for name, values in names.items()}}
