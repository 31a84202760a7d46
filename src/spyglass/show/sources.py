"""Telemetry health: what each source sends, and what it loses or doubles, in words that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from spyglass.model.schema import Kind
from spyglass.show.models.records import SourceList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Project, WindowOf
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read import sources as read
from spyglass.store.read.doubled import Pair, Source, pairs
from spyglass.store.read.unsure import unsure

__all__ = ["hints", "router"]

router = resource(tags=["sources"])


@router.get("/sources", response_model=SourceList, summary="Telemetry health of each source")
def list_sources(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    limit: Annotated[int, Query(ge=1, le=1000, description="Most sources of one page.")] = 200,
    cursor: Cursor = None,
) -> Json:
    """A source is a service and the instrumentation that tells of it, by spans, log records or data points. `hints` says what is incomplete or told twice."""
    scope, engine = scope_of(services, Kind.SPAN, project, window, ""), services.engine.read
    first = first_row("sources", cursor)
    listed = read.sources(engine, scope, limit + 1, first)
    issues, sdks, doubled = read.issues(engine, scope), read.sdks(engine, scope, listed), pairs(engine, scope)
    told = page("sources", listed, first, limit)
    doubtful = unsure(engine, scope)
    items = []
    for row in told["items"]:
        source = Source(row["service"], row["scope_name"])
        again = [pair for pair in doubled if pair.source == source]
        item = _item(row | {"issues": issues.get(source, {}), "sdk": sdks.get(source, "")}, again)
        if "watch" in row["dialects"] and doubtful:
            item["hints"].append(_doubtful(doubtful))
        items.append(item)
    return Json({**told, "items": items})


def _item(row: dict[str, Any], again: Sequence[Pair]) -> dict[str, Any]:
    records_of_service = row.pop("service_records")
    kinds = [kind for kind in ("spans", "events", "points") if row[kind]]
    told_by = [{**pair.other._asdict(), "spans": pair.spans, "events": pair.events} for pair in again]
    row |= {"kinds": kinds, "told_twice": sum(pair.spans + pair.events for pair in again), "told_by": told_by}
    return row | {"hints": [*hints(row, again), *_metrics_only(row["scope_name"], records_of_service)]}


def hints(row: dict[str, Any], again: Sequence[Pair]) -> list[str]:
    """What a source lacks or doubles, in words; `row` is an item of the list."""
    calls, by_records = row["model_spans"] + row["model_events"], not row["spans"]
    told = [
        (row["without_usage"], f"{_do(row['without_usage'], 'model call', 'tell', calls)} no tokens: {_why_no_usage(row)}"),
        (
            row["without_model"],
            f"{_do(row['without_model'], 'model call', 'do', calls)} not tell the model, and so {_verb(row['without_model'], 'have')} no price",
        ),
        (
            row["unpriced"],
            f"{_do(row['unpriced'], 'call', 'tell')} tokens of a model without a known price: see /api/v1/prices/unknown and the setting prices.overrides",
        ),
        (
            row["without_messages"],
            f"{_do(row['without_messages'], 'model span', 'carry', row['model_spans'])} no messages: content capture is off at the source",
        ),
        (row["without_parent"], f"{_do(row['without_parent'], 'span', 'wait')} for a parent that has not come: it is still open, or was never sent"),
        (
            by_records and row["model_events"],
            "tells of its calls by log records alone: they are counted, but have no traces; turn its traces on if it has any",
        ),
        (
            by_records and row["without_session"],
            f"{row['without_session']} of its calls {_verb(row['without_session'], 'name')} no session: nothing tells which of them belong together",
        ),
        (row["dropped_attributes"], f"{_do(row['dropped_attributes'], 'attribute', 'were')} cut at the source: raise OTEL_ATTRIBUTE_COUNT_LIMIT"),
    ]
    return [text for count, text in told if count] + [_twice(pair) for pair in again]


def _why_no_usage(row: dict[str, Any]) -> str:
    return "streams may need stream_options.include_usage" if row["model_spans"] else "its log records do not carry them, or under names that are not known"


def _do(count: int, noun: str, verb: str, among: int = 0) -> str:
    """`1 span waits`, `2 spans wait`; with `among`: `1 of 3 spans waits`."""
    return f"{f'{count} of ' if among else ''}{_many(among or count, noun)} {_verb(count, verb)}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _verb(count: int, verb: str) -> str:
    """A verb as `count` of something say it."""
    alone = {"do": "does", "carry": "carries", "have": "has", "were": "was", "are": "is"}
    return alone.get(verb, f"{verb}s") if count == 1 else verb


def _twice(pair: Pair) -> str:
    told = ((pair.spans, "model span"), (pair.events, "log record"))
    what = " and ".join(_many(count, noun) for count, noun in told if count) + f" {_verb(pair.spans + pair.events, 'tell')}"
    if pair.other == pair.source:
        return f"{what} of calls that other spans of the same instrumentation tell of too; each call is counted once"
    of_service = f" of {pair.other.service or 'a service without a name'}" if pair.other.service != pair.source.service else ""
    other = pair.other.scope_name or "an instrumentation without a name"
    return f"{what} of calls that {other}{of_service} tells of too; each call is counted once, and one of the two may be turned off"


def _doubtful(calls: int) -> str:
    who = "it is" if calls == 1 else "they are"
    return (
        f"{_many(calls, 'model call')} on the wire may be told by a span of the agent, too, and {_verb(calls, 'are')} counted twice then: "
        f"nothing says surely that {who} the same; "
        "let the agent tell response ids or tokens, and its process (resource process.pid and host.id, or spyglass.watch.id, which `spyglass watch` hands on)"
    )


def _metrics_only(scope_name: str, records_of_service: int) -> list[str]:
    """A runner of this server is made to measure: there is nothing to turn on."""
    measures = scope_name.startswith("spyglass.runner.")
    return (
        [] if records_of_service or measures else ["sends metrics only: there are no calls, traces or events of it; turn its traces or logs on, if it has any"]
    )
