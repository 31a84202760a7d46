"""Traces: the list, one trace as a tree in pages, one span with everything that is known of it."""

from __future__ import annotations

from functools import lru_cache, partial
from threading import Lock
from typing import Annotated, Any, Final

import pyarrow as pa
from fastapi import Path, Query
from pydantic import StringConstraints

from spyglass.model.errors import NotFound
from spyglass.model.schema import Kind
from spyglass.show.attributes import attributes_json
from spyglass.show.models.outline import Peers, TraceOutline
from spyglass.show.models.page import NO_CALLS
from spyglass.show.models.traces import CallMessageList, OpeningList, Span, SpanList, TraceList, TraceMessageList, TraceTree
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf, decode_cursor, encode_cursor
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, iso, rows
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read import spans as spans_read
from spyglass.store.read import traces as read
from spyglass.store.read.card import card
from spyglass.store.read.counted import calls_of, counts_of, sums_of
from spyglass.store.read.messages import first_asked, new_in_trace, of_call
from spyglass.store.read.outline import FLAGS, outline
from spyglass.store.read.peers import peers
from spyglass.store.read.together import together
from spyglass.store.read.tree import Tree, read_tree
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["router"]

router = resource()

_Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{32}$")]
TraceId = Annotated[str, Path(pattern=r"^[0-9a-fA-F]{32}$", description="Trace id, 32 hex digits.")]
SpanId = Annotated[str, Path(pattern=r"^[0-9a-fA-F]{16}$", description="Span id, 16 hex digits.")]


@router.get("/traces", tags=["traces"], response_model=TraceList, summary="Traces with a span that matches, by time or by a figure")
def list_traces(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    sort: Annotated[read.Order, Query(description="`start`: by time; `calls` and `tools`: by how many; `name`: as the list shows it.")] = "start",
    order: Annotated[
        read.Direction | None, Query(description="`desc`: latest or largest first; `asc`: the other way round. Left out: `asc` by name, else `desc`.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Json:
    """A page of traces. A trace belongs to the time of its first span that matches; figures and names are of its spans in the time range, durations whole."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    direction = order or ("asc" if sort == "name" else "desc")
    listed = f"traces/{sort}/{direction}"
    page = read.page(services.engine.read, scope, sort, limit, decode_cursor(listed, cursor), direction)
    at = Whereabouts.of(services.engine.read, project, page.traces, page.known)
    items = _items(*together(partial(read.cards, services.engine.read, at), partial(read.totals, services.engine.read, at))) if at else {}
    return Json({"items": [items[trace] for trace in page.traces if trace in items], "next_cursor": encode_cursor(listed, page.next)})


@router.get("/traces/openings", tags=["traces"], response_model=OpeningList, summary="What a user said first in some traces")
def openings(
    services: Using,
    trace_id: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{32}$")]], Query(min_length=1, max_length=100, description="Trace ids, at most 100.")
    ],
    project: Project = "default",
) -> Json:
    """The begin of the first message of a user in each trace, for traces whose root tells no input; those where no user spoke are left out."""
    found = first_asked(services.engine.read, project, [one.lower() for one in trace_id])
    return Json({"items": [{"trace_id": trace, "text": text} for trace, text in found.items()], "next_cursor": None})


def _items(found: pa.Table, counted: pa.Table) -> dict[str, dict[str, Any]]:
    """The objects of a list by trace id (hex), from their cards and totals."""
    cards = {row["trace_id"].hex(): row for row in rows(found)}
    totals = {row["trace_id"].hex(): row for row in rows(counted)}
    return {trace: card | NO_CALLS | totals.get(trace, {}) for trace, card in cards.items()}


def _at(services: Services, project: str, trace_id: str) -> Whereabouts:
    """Where one trace is. Raises: NotFound."""
    at = Whereabouts.of(services.engine.read, project, [trace_id])
    if not at:
        raise _missing(trace_id, project)
    return at


def _missing(trace_id: str, project: str) -> NotFound:
    return NotFound(f"there is no trace {trace_id} in project {project}; a trace is visible about a second after its first span was sent")


@router.get(
    "/traces/{trace_id}",
    tags=["traces"],
    response_model=TraceTree,
    responses=NOT_FOUND,
    summary="One trace: what it comes to, and a page of its spans in tree order",
)
def one_trace(
    services: Using,
    trace_id: TraceId,
    project: Project = "default",
    offset: Annotated[int, Query(ge=0, description="First row of the page, in tree order.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="Most rows of the page.")] = 1000,
    around: Annotated[str | None, Query(pattern=r"^[0-9a-fA-F]{16}$", description="A span that the page shall hold, in place of `offset`.")] = None,
) -> Json:
    """Rows are in depth-first order; `parent_row` and `descendants` let a client fold and page through any size."""
    trace_id = trace_id.lower()
    at, ask = _at(services, project, trace_id), services.engine.read
    tree, calls = together(partial(_cached_tree, services, at), partial(calls_of, ask, at))
    head, sums = card(tree, bytes.fromhex(trace_id)), sums_of(calls, bytes.fromhex(trace_id))
    found = _items(read.cards(ask, at) if head is None else head, read.totals(ask, at) if sums is None else sums)
    if not found:  # its spans are beyond their retention
        raise _missing(trace_id, project)
    if around is not None:
        row = tree.row_of(bytes.fromhex(around))
        if row is None:
            raise NotFound(f"trace {trace_id} has no span {around}")
        offset = max(0, row - limit // 2)
    page = tree.rows.slice(offset, limit)
    items = [row | {"row": offset + at} for at, row in enumerate(rows(_with_times(page)))]
    counts = {"total": len(tree), "offset": offset, "roots": tree.roots, "orphans": tree.orphans, "truncated": tree.truncated}
    return Json({"trace": found[trace_id], **counts, "items": items, "next_offset": offset + limit if offset + limit < len(tree) else None})


@router.get(
    "/traces/{trace_id}/outline",
    tags=["traces"],
    response_model=TraceOutline,
    responses=NOT_FOUND,
    summary="One trace as columns: the whole tree in about 80 bytes per span",
)
def trace_outline(
    services: Using,
    trace_id: TraceId,
    project: Project = "default",
    offset: Annotated[int, Query(ge=0, description="First row, in tree order.")] = 0,
    limit: Annotated[int, Query(ge=1, le=300_000, description="Most rows.")] = 300_000,
) -> Json:
    """What drawing, folding and searching need; the rest of a span is one request more. Each list has one entry per row, in tree order."""
    trace_id = trace_id.lower()
    at = _at(services, project, trace_id)
    tree, calls = together(partial(_cached_tree, services, at), partial(calls_of, services.engine.read, at))
    counts = {"total": len(tree), "offset": offset, "roots": tree.roots, "orphans": tree.orphans, "truncated": tree.truncated, "flag_names": FLAGS}
    found = outline(tree, counts_of(tree, calls), offset, limit)
    return Json({**counts, "begin": iso(found.pop("begin_ns")), **found})


def _with_times(page: pa.Table) -> pa.Table:
    """Starts as text beside their nanoseconds: JavaScript cannot hold the latter."""
    at = page.schema.get_field_index("start")
    return page.set_column(at, "start", page["start"].cast(pa.timestamp("ns", tz="UTC"))).drop_columns(_NOT_SHOWN)


_NOT_SHOWN: Final = ["version", "user_id", "environment", "status_message", "input", "output"]
_BUILDING: Final = tuple(Lock() for _ in range(32))


def _cached_tree(services: Services, at: Whereabouts) -> Tree:
    """Pages of one large trace do not build it again, nor do requests for it that come together; a span more is another range."""
    with _BUILDING[hash(at) % len(_BUILDING)]:
        return _kept_tree(services, at)


@lru_cache(maxsize=16)
def _kept_tree(services: Services, at: Whereabouts) -> Tree:
    return read_tree(services.engine.read, at)


@router.get("/traces/{trace_id}/spans/{span_id}", tags=["traces"], response_model=Span, responses=NOT_FOUND, summary="One span, whole")
def one_span(services: Using, trace_id: TraceId, span_id: SpanId, project: Project = "default") -> Json:
    """Every column, attributes with their types, events, links."""
    found = spans_read.span(services.engine.read, project, trace_id.lower(), span_id.lower())
    if found is None:
        raise NotFound(f"there is no span {span_id} in trace {trace_id} of project {project}")
    return Json(span_json(rows(found.drop_columns(["version"]))[0]))


def span_json(row: dict[str, Any]) -> dict[str, Any]:
    """A span's row with its attributes, at every level, as typed objects."""
    for prefix in ("", "scope_", "resource_"):
        row[f"{prefix}attributes"] = attributes_json(row[f"{prefix}attributes"], row.pop(f"{prefix}attribute_types"))
    for item in (*row["events"], *row["links"]):
        item["attributes"] = attributes_json(item["attributes"], item.pop("attribute_types"))
    return row


@router.get("/traces/{trace_id}/messages", tags=["traces"], response_model=TraceMessageList, summary="What was said in a trace, each message once")
def trace_messages(services: Using, trace_id: TraceId, project: Project = "default", limit: Limit = 200, cursor: Cursor = None) -> Json:
    """Messages in the order in which they were first said: of each model call only what is new in it."""
    found, following = new_in_trace(services.engine.read, project, trace_id.lower(), limit, decode_cursor("messages", cursor))
    return Json({"items": rows(found), "next_cursor": encode_cursor("messages", following)})


@router.get(
    "/traces/{trace_id}/spans/{span_id}/messages",
    tags=["traces"],
    response_model=CallMessageList,
    responses=NOT_FOUND,
    summary="The conversation of one call, with what is new in it",
)
def span_messages(services: Using, trace_id: TraceId, span_id: SpanId, project: Project = "default") -> Json:
    """Every message that went in and came out, in order; `new` marks those that no call before had."""
    found = spans_read.span(services.engine.read, project, trace_id.lower(), span_id.lower())
    if found is None:
        raise NotFound(f"there is no span {span_id} in trace {trace_id} of project {project}")
    wanted = found.select(["trace_id", "span_id", "session_id", "input_messages", "output_messages"]).to_pylist()[0]
    return Json({"items": of_call(services.engine.read, project, wanted), "next_cursor": None})


@router.get(
    "/traces/{trace_id}/spans/{span_id}/peers",
    tags=["traces"],
    response_model=Peers,
    responses=NOT_FOUND,
    summary="How long a span took among spans of its name and kind",
)
def span_peers(services: Using, trace_id: TraceId, span_id: SpanId, project: Project = "default") -> Json:
    """Ended spans of the project with the same name and kind that began within 7 days before the end of this one's day, at most 100,000 of them."""
    found = peers(services.engine.read, project, trace_id.lower(), span_id.lower())
    if found is None:
        raise NotFound(f"there is no span {span_id} in trace {trace_id} of project {project}")
    return Json(found)


@router.get("/spans", tags=["spans"], response_model=SpanList, summary="Spans that match, latest first")
def list_spans(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 50, cursor: Cursor = None) -> Json:
    """A page of spans without their payloads."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    found, following = spans_read.page(services.engine.read, scope, limit, decode_cursor("spans", cursor))
    return Json({"items": rows(found), "next_cursor": encode_cursor("spans", following)})
