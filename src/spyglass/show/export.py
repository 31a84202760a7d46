"""Everything that matches, in full, as a stream: what `spyglass export` reads, and what anybody may fetch with curl.

`arrow` has every column of `model.schema.SCHEMAS`; `otlp-json` is one export request per line, as the OpenTelemetry Collector's file exporter writes;
`otlp-proto` is export requests, each behind its length as a varint. A stream that fails in the middle breaks off, so that nobody takes it for whole.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Annotated, Any, Final, Literal

import pyarrow as pa
from fastapi import Query
from starlette.responses import StreamingResponse

from spyglass.decode.encode import encode
from spyglass.decode.encode_json import to_json
from spyglass.decode.shape import KINDS
from spyglass.decode.wire import parse_request
from spyglass.model.body import Signal
from spyglass.model.errors import InputError
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.model.varint import varint
from spyglass.show.parameters import Project, SearchText, Window, WindowOf
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read.asking import Scope
from spyglass.store.read.export import of_trace, pages
from spyglass.store.read.whereabouts import ranges

__all__ = ["router"]

router = resource(tags=["export"])

What = Literal["spans", "events", "points"]
Format = Literal["arrow", "otlp-json", "otlp-proto"]
Pages = Iterator[pa.Table]

_DAY_NS: Final = 86_400 * 10**9
_KINDS: Final[dict[What, Kind]] = {"spans": Kind.SPAN, "events": Kind.EVENT, "points": Kind.POINT}
_SIGNALS: Final[dict[Kind, Signal]] = {kind: signal for signal, kind in KINDS.items()}
_MEDIA: Final[dict[Format, str]] = {
    "arrow": "application/vnd.apache.arrow.stream",
    "otlp-json": "application/x-ndjson",
    "otlp-proto": "application/x-protobuf",
}


@router.get(
    "/export",
    summary="Every record that matches, whole, oldest first",
    response_class=StreamingResponse,
    responses={200: {"content": {media: {} for media in _MEDIA.values()}, "description": "A stream; one that breaks off is not whole."}},
)
def export(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    kind: Annotated[What, Query(description="Which records.")] = "spans",
    trace_id: Annotated[
        str | None, Query(pattern=r"^[0-9a-fA-F]{32}$", description="Only this trace; the time range is not looked at. Not for points, which belong to none.")
    ] = None,
    form: Annotated[Format, Query(alias="format", description="Of the stream.")] = "arrow",
) -> StreamingResponse:
    """Nothing is lost on the way: attributes keep their types, and what OTLP says can be sent again as it came."""
    scope = _scope(services, _KINDS[kind], project, window, query, trace_id)
    found = pages(services.engine.read, _KINDS[kind], scope)
    first = next(found, None)  # what is wrong with the question is answered as a problem, before the stream begins
    return StreamingResponse(_STREAMS[form](_KINDS[kind], chain([first] if first is not None else [], found)), media_type=_MEDIA[form])


def _scope(services: Services, kind: Kind, project: str, window: Window, query: str, trace_id: str | None) -> Scope:
    if trace_id is None:
        return scope_of(services, kind, project, window, query)
    if kind is Kind.POINT:
        raise InputError("trace_id: points belong to no trace; ask for spans or events")
    known = ranges(services.engine.read, project, [trace_id.lower()])
    begin, end = (known[0].start, known[0].end) if known else (_DAY_NS, services.clock.now_ns())
    whole = scope_of(services, kind, project, Window(max(0, begin - _DAY_NS), end + _DAY_NS), query)
    return of_trace(whole, trace_id)


def _arrow(kind: Kind, found: Pages) -> Iterator[bytes]:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, SCHEMAS[kind]) as writer:
        for page in found:
            writer.write_table(page)
            yield _taken(sink)
    yield _taken(sink)


def _taken(sink: io.BytesIO) -> bytes:
    """What was written since the last time."""
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data


def _json(kind: Kind, found: Pages) -> Iterator[bytes]:
    for page in found:
        yield to_json(parse_request(_SIGNALS[kind], encode(kind, page))) + b"\n"


def _protobuf(kind: Kind, found: Pages) -> Iterator[bytes]:
    for page in found:
        request = encode(kind, page)
        yield varint(len(request)) + request


_STREAMS: Final[dict[Format, Callable[[Kind, Pages], Iterator[Any]]]] = {"arrow": _arrow, "otlp-json": _json, "otlp-proto": _protobuf}
