"""Which instrumentation tells again what another one tells: for each source, whose calls its model spans and log records repeat.

Some of each source are looked up, at most `_EXAMPLES`; where there are more, the shares of these stand for all. Whose call it is: the one with the same
response id; else of a span the latest call of its trace that had begun; of a record a call of its trace, else of its session, as calls/once.sql counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["Pair", "Source", "pairs"]

_MOST_SOURCES: Final = 1_000
_MOST_CALLS: Final = 100_000
_MOST_LOOKED_UP: Final = 3_000  # examples of all sources together


class Source(NamedTuple):
    """A service and the instrumentation that tells of it."""

    service: str
    scope_name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """`spans` and `events` of a source tell of calls that the `other` one stands for."""

    source: Source
    other: Source
    spans: int
    events: int


class _Example(NamedTuple):
    trace: str  # hex; ids that are not told are empty
    response: str
    session: str
    start_ns: int


@dataclass(frozen=True, slots=True)
class _Calls:
    """Who stands for calls: by response, by trace with the start (in order), by session."""

    responses: dict[str, Source]
    traces: dict[str, list[tuple[int, Source]]]
    sessions: dict[str, Source]

    def teller(self, kind: str, told: _Example) -> Source | None:
        """Who stands for the call."""
        if found := self.responses.get(told.response):
            return found
        beside = self.traces.get(told.trace, [])
        if kind == "span":
            return next((source for start_ns, source in reversed(beside) if start_ns <= told.start_ns), None)
        return beside[0][1] if beside else self.sessions.get(told.session)


def pairs(engine: Ask, scope: Scope) -> list[Pair]:
    """Each source with each other one whose calls it tells again, most of them first; a source may repeat itself."""
    rows = ask(engine, "sources/again", scope.parameters(limit=_MOST_SOURCES)).to_pylist()
    if not rows:
        return []
    most = max(1, _MOST_LOOKED_UP // len(rows))
    examples = [[_Example(*_members(one)) for one in row["examples"][:most]] for row in rows]
    calls = _calls(engine, scope, [one for part in examples for one in part])
    counts: dict[tuple[Source, Source], Counter[str]] = {}
    for row, part in zip(rows, examples, strict=True):
        found = Counter(calls.teller(row["record"], one) for one in part)
        for other, n in found.items():
            if other is not None:
                counts.setdefault((Source(row["service"], row["scope_name"]), other), Counter())[row["record"]] += round(n * row["count"] / len(part))
    told = [Pair(source, other, kinds["span"], kinds["event"]) for (source, other), kinds in counts.items()]
    return sorted(told, key=lambda pair: (-pair.spans - pair.events, pair.source, pair.other))


def _calls(engine: Ask, scope: Scope, examples: list[_Example]) -> _Calls:
    asked = {"traces": _given(one.trace for one in examples), "responses": _given(one.response for one in examples)}
    rows = ask(engine, "sources/standing", scope.parameters(**asked, sessions=_given(one.session for one in examples), limit=_MOST_CALLS)).to_pylist()
    tellers = _tellers(engine, scope, rows)
    calls = _Calls({}, {}, {})
    for row in rows:
        if source := tellers.get((row["trace_id"], row["span_id"])):
            calls.responses.setdefault(row["response_id"], source)
            calls.traces.setdefault(row["trace_id"].hex().upper(), []).append((row["start_ns"], source))
            calls.sessions.setdefault(row["session_id"], source)
    calls.responses.pop("", None)
    calls.sessions.pop("", None)
    return calls


def _tellers(engine: Ask, scope: Scope, rows: list[dict[str, Any]]) -> dict[tuple[bytes, bytes], Source]:
    if not rows:
        return {}
    ids = {f"{name}s": [row[f"{name}_id"].hex() for row in rows] for name in ("trace", "span")}
    found = ask(engine, "sources/tellers", scope.parameters(**ids, limit=len(rows))).to_pylist()
    return {(row["trace_id"], row["span_id"]): Source(row["service"], row["scope_name"]) for row in found}


def _given(texts: Iterable[str]) -> list[str]:
    return sorted({text for text in texts if text})


def _members(told: Any) -> Iterable[Any]:
    """Of a tuple, as the database gives it."""
    return told.values() if isinstance(told, dict) else told
