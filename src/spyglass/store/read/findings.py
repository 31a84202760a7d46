"""What analyzers have found, grouped; one of them; and the rows that show it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from spyglass.store.read.asking import DAY_NS, EVERYTHING, Ask, Scope, ask, received_bound
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["Standing", "about", "findings", "of_security", "shown_by"]

_FINGERPRINT: Final = "attributes['spyglass.finding.fingerprint'] = {fingerprint:String}"
_SECURITY: Final = "attributes['spyglass.finding.owasp'] != ''"
_DONE_NS: Final = "transform(fingerprint, {marked:Array(String)}, {marked_ns:Array(Int64)}, toInt64(0))"  # until when it is mitigated
_SPAN: Final = re.compile(r"([0-9a-f]{32})/([0-9a-f]{16})")
_EVENT: Final = re.compile(r"[0-9a-f]{32}")
_MOST: Final = 50  # rows, as a finding holds at most
_SHOWN: Final = 400  # characters of a text


@dataclass(frozen=True, slots=True)
class Standing:
    """Which findings are meant: what somebody did something about, or the others; what was found after the time of its fingerprint is open again."""

    mitigated: bool
    done_ns: Mapping[str, int]

    def having(self) -> tuple[str, dict[str, Any]]:
        """The condition on a group, and what it binds."""
        if not self.done_ns:
            return ("false" if self.mitigated else EVERYTHING), {}
        holds = f"toUnixTimestamp64Nano(last_seen) {'<=' if self.mitigated else '>'} {_DONE_NS}"
        return holds, {"marked": list(self.done_ns), "marked_ns": list(self.done_ns.values())}


def findings(engine: Ask, scope: Scope, limit: int, skip: int = 0, standing: Standing | None = None) -> pa.Table:
    """One row per fingerprint, last seen first. `scope` is one of events."""
    having, marks = standing.having() if standing else (EVERYTHING, {})
    return ask(engine, "findings/list", scope.parameters(limit=limit, skip=skip, **marks), filter_sql=scope.filter_sql, having=having)


def of_security(scope: Scope) -> Scope:
    """The findings among these that are about security: those with a class of OWASP."""
    return Scope(scope.project, scope.from_ns, scope.to_ns, f"({scope.filter_sql}) AND {_SECURITY}", scope.filter_parameters)


def about(engine: Ask, scope: Scope, fingerprint: str) -> pa.Table:
    """The one of this fingerprint: a row, or none."""
    bound = scope.filter_parameters | {"fingerprint": fingerprint}
    return findings(engine, Scope(scope.project, scope.from_ns, scope.to_ns, f"({scope.filter_sql}) AND {_FINGERPRINT}", bound), 1)


def shown_by(engine: Ask, project: str, evidence: Sequence[str], from_ns: int, to_ns: int) -> dict[str, dict[str, Any]]:
    """The rows that evidence names (`trace/span`, or the id of an event), by that name; those that are gone are left out.

    Columns of findings/spans.sql or findings/events.sql. Events are looked for a day around the times of the finding.
    """
    spans = [found.groups() for one in evidence[:_MOST] if (found := _SPAN.fullmatch(one))]
    events = [one for one in evidence[:_MOST] if _EVENT.fullmatch(one)]
    return _spans(engine, project, spans) | (_events(engine, project, events, from_ns - DAY_NS, to_ns + DAY_NS) if events else {})


def _spans(engine: Ask, project: str, ids: Sequence[tuple[str, ...]]) -> dict[str, dict[str, Any]]:
    at = Whereabouts.of(engine, project, list(dict.fromkeys(trace for trace, _ in ids)))
    if not at:
        return {}
    bound = at.parameters | {"spans": [span for _, span in ids], "limit": _MOST * _MOST, "shown": _SHOWN}
    return {f"{row['trace_id']}/{row['span_id']}": row for row in ask(engine, "findings/spans", bound, where=at.condition).to_pylist()}


def _events(engine: Ask, project: str, ids: Sequence[str], lo_ns: int, hi_ns: int) -> dict[str, dict[str, Any]]:
    lo_ns = max(0, lo_ns)
    bound = {"project": project, "events": list(ids), "lo_ns": lo_ns, "hi_ns": hi_ns, "received_ns": received_bound(lo_ns), "limit": _MOST, "shown": _SHOWN}
    return {row["event_id"]: row for row in ask(engine, "findings/events", bound).to_pylist()}
