"""What happened: traces, spans, calls, tokens, cost, people, each counted once however many spans tell it."""

from __future__ import annotations

from typing import Any, Final

from spyglass.store.read.asking import EVERYTHING, Ask, Scope, ask
from spyglass.store.read.matching import NOTHING, beside, of_matching

__all__ = ["summary"]

_MOST_NAMES: Final = 10_000  # of each; the SQL files list no more


def summary(engine: Ask, scope: Scope, events: Scope | None = None, most_names: int = _MOST_NAMES) -> dict[str, Any]:
    """Numbers by name, the names behind them under `names`, and under `left_out` how many of these are not listed.

    With a search expression the spans and the log records that match it count, and what only metrics tell of does not.

    Args:
        engine: the door.
        scope: of spans.
        events: of log records, by the same expression; None where they do not know what it asks.
        most_names: so many of each are listed, the first by the alphabet; 10,000 at most.
    """
    scope, events_sql = beside(scope, events)
    parameters = scope.parameters()
    all_of_it = scope.filter_sql == EVERYTHING
    spans = ask(engine, "summary/spans", parameters, filter_sql=scope.filter_sql).to_pylist()[0]
    calls = ask(engine, "summary/calls", parameters, filter_sql=of_matching(scope, events_sql)).to_pylist()[0]
    others = ([] if events_sql == NOTHING else ["events"]) + (["points"] if all_of_it else [])
    told = [ask(engine, f"summary/{kind}", parameters, filter_sql=events_sql).to_pylist()[0] for kind in others]
    names = {name: sorted({*spans.pop(name), *(value for each in told for value in each[name])}) for name in ("agents", "sessions", "users")}
    names["models"] = calls.pop("models")
    counts = {name: len(values) for name, values in names.items()}
    if max(counts.values()) >= _MOST_NAMES:
        exact = ask(engine, "summary/people", parameters, filter_sql=scope.filter_sql, events=events_sql, points="true" if all_of_it else "false")
        counts |= exact.to_pylist()[0]
    listed = {name: values[: min(most_names, _MOST_NAMES)] for name, values in names.items()}
    left_out = {name: counts[name] - len(values) for name, values in listed.items()}
    return {**spans, **calls, **counts, "names": listed, "left_out": left_out}
