"""Where the duration of a span stands among spans of its name and kind: a bounded look at the seven days before it."""

from __future__ import annotations

from typing import Any, Final

from spyglass.store.read.asking import Ask, ask, received_bound
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["peers"]

_DAY_NS: Final = 86_400 * 10**9
_WEEK_NS: Final = 7 * _DAY_NS
_MOST: Final = 100_000


def peers(engine: Ask, project: str, trace: str, span: str) -> dict[str, Any] | None:
    """Count, percentile (0 to 1), p50 and p95 (ns), and whether there were more than were looked at; None: there is no such span. Ids are hex."""
    at = Whereabouts.of(engine, project, [trace])
    if not at:
        return None
    own = ask(engine, "spans/own", at.parameters | {"span": span}, where=at.condition)
    if own.num_rows == 0:
        return None
    me = own.to_pylist()[0]
    low = me["start_ns"] - _WEEK_NS
    bounds = {"lo_ns": low, "hi_ns": me["start_ns"] + _DAY_NS, "received_ns": received_bound(low), "limit": _MOST}
    named = {"name": me["name"], "kind": me["kind"], "duration": me["duration_ns"]}
    found = ask(engine, "spans/peers", {"project": project, **bounds, **named}).to_pylist()[0]
    count = max(found["count"], 1)
    return {
        "count": count,
        "percentile": min(1.0, max(found["shorter"], 1) / count),
        "p50_ns": found["p50_ns"] if found["count"] else me["duration_ns"],
        "p95_ns": found["p95_ns"] if found["count"] else me["duration_ns"],
        "sampled": found["count"] >= _MOST,
    }
