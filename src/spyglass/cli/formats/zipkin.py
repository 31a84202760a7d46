"""Zipkin v2 JSON: a list of spans, or a list of traces, which are lists of spans.

Zipkin lets the two sides of a remote call share one span id. Here every span has its own: the server's side becomes a child of the client's, and what the
server did hangs below it. Annotations are span events, `localEndpoint` is the service, 64-bit trace ids get leading zeros.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

import orjson
import pyarrow as pa
import xxhash

from spyglass.cli.formats.documents import parse, values
from spyglass.cli.formats.source import Source
from spyglass.decode import rules
from spyglass.decode.attributes import as_text, pairs, put
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Piece, Skipped
from spyglass.decode.wire import REQUESTS, Span, parse_request
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind

__all__ = ["Writer", "read"]

_GROUP_SPANS: Final = 20_000  # spans that are looked at together: the two sides of a call must be among them
_ENDPOINTS: Final = {  # member of an endpoint → attribute of the local and of the remote one
    "serviceName": ("", "peer.service"),
    "ipv4": ("net.host.ip", "net.peer.ip"),
    "ipv6": ("net.host.ip", "net.peer.ip"),
    "port": ("net.host.port", "net.peer.port"),
}
_KINDS: Final[dict[str, Any]] = {name: number for number, name in enumerate(rules.SPAN_KINDS)}
Json = dict[str, Any]
Placed = tuple[str, Json]


def read(source: Source) -> Iterator[Piece | Skipped]:
    """The spans of a file."""
    group: list[Placed] = []
    for item in _spans(source):
        if isinstance(item, Skipped):
            yield item
            continue
        group.append(item)
        if len(group) >= _GROUP_SPANS:
            yield from _pieces(group)
            group = []
    yield from _pieces(group)


def _spans(source: Source) -> Iterator[Placed | Skipped]:
    for value in values(source):
        try:
            told = value if isinstance(value, Skipped) else parse(value)
        except ValueError as error:
            told = Skipped(value.place, str(error))
        if isinstance(told, Skipped):
            yield told
            continue
        for place, span in _flat(told, value.place):
            if isinstance(span, dict) and "traceId" in span and "id" in span:
                yield place, span
            else:
                yield Skipped(place, "not a Zipkin span: expected an object with `traceId` and `id`")


def _flat(told: Any, place: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(told, list):
        yield place, told
        return
    for number, item in enumerate(told, 1):
        here = f"{place}, {number}" if place else f"item {number}"
        yield from _flat(item, here) if isinstance(item, list) else [(here, item)]


def _pieces(group: list[Placed]) -> Iterator[Piece | Skipped]:
    request, records = REQUESTS["traces"](), 0
    services: dict[str, Any] = {}
    for place, span in _own_ids(_merged(group)):
        try:
            out = _read_span(span)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            yield Skipped(place, f"lacks {error}" if isinstance(error, KeyError) else f"not a Zipkin span: {error}")
            continue
        name = str((span.get("localEndpoint") or {}).get("serviceName", ""))
        if name not in services:
            resource = request.resource_spans.add()
            put(resource.resource.attributes, "service.name", name)
            services[name] = resource.scope_spans.add()
        services[name].spans.append(out)
        records += 1
    if records:
        yield Piece("traces", request.SerializeToString(), records, f"{group[0][0]} to {group[-1][0]}")


# ---- one id per span


def _merged(group: Iterable[Placed]) -> list[Placed]:
    """Spans that were reported in parts, in one: the same ids, on the same side of the call."""
    spans: dict[tuple[str, str, bool], Placed] = {}
    clients = {(span["traceId"], span["id"]) for _, span in group if span.get("kind") == "CLIENT"}
    for place, span in group:
        ids = (span["traceId"], span["id"])
        shared = span.get("kind") == "SERVER" and (span.get("shared") is True or ids in clients)
        key = (str(ids[0]), str(ids[1]), shared)
        told = span | {"shared": shared}
        spans[key] = (place, _joined(spans[key][1], told)) if key in spans else (place, told)
    return list(spans.values())


def _joined(first: Json, second: Json) -> Json:
    lists = {"annotations": (first.get("annotations") or []) + (second.get("annotations") or [])}
    longest = {"duration": max(first.get("duration") or 0, second.get("duration") or 0)}
    return {**second, **first, **lists, **longest, "tags": {**(second.get("tags") or {}), **(first.get("tags") or {})}}


def _own_ids(group: list[Placed]) -> Iterator[Placed]:
    """The server's side of a shared span gets an id of its own, and what its service did below the shared id follows it."""
    servers = {(span["traceId"], span["id"]): _service(span) for _, span in group if span["shared"]}
    clients = {(span["traceId"], span["id"]): _service(span) for _, span in group if not span["shared"]}
    for place, span in group:
        ids, above = (span["traceId"], span["id"]), (span["traceId"], span.get("parentId"))
        if span["shared"]:
            yield place, span | {"id": _server_id(*ids), "parentId": span["id"]} if ids in clients else span
        elif above in servers and above in clients and _service(span) == servers[above] != clients[above]:
            yield place, span | {"parentId": _server_id(*above)}
        else:
            yield place, span


def _service(span: Json) -> str:
    return str((span.get("localEndpoint") or {}).get("serviceName", ""))


def _server_id(trace_id: Any, span_id: Any) -> str:
    return xxhash.xxh3_64_hexdigest(f"{trace_id}/{span_id}/server".encode())


# ---- reading


def _read_span(span: Json) -> Any:
    annotations = span.get("annotations") or []
    start = int(span.get("timestamp") or min((int(item["timestamp"]) for item in annotations), default=0)) * 1000
    tags = dict(span.get("tags") or {})
    kind = str(span.get("kind", "")).lower()
    out = Span(
        trace_id=_id(span["traceId"], 16),
        span_id=_id(span["id"], 8),
        parent_span_id=_id(span["parentId"], 8) if span.get("parentId") else b"",
        name=str(span.get("name") or ""),
        trace_state=tags.pop("w3c.tracestate", ""),
        start_time_unix_nano=start,
        end_time_unix_nano=start + int(span.get("duration") or 0) * 1000,
    )
    out.kind = _KINDS.get(kind, 0)
    _add_status(out, tags)
    for key, value in tags.items():
        put(out.attributes, key, as_text(value))
    for side, endpoint in enumerate((span.get("localEndpoint") or {}, span.get("remoteEndpoint") or {})):
        _add_endpoint(out, endpoint, side)
    if span.get("debug"):
        put(out.attributes, "zipkin.debug", True)
    for item in annotations:
        out.events.add(time_unix_nano=int(item["timestamp"]) * 1000, name=str(item.get("value", "")))
    return out


def _id(text: Any, size: int) -> bytes:
    data = bytes.fromhex(str(text).rjust(size * 2, "0"))
    if len(data) != size or not any(data):
        raise ValueError(f"an id of {size} bytes is wanted")
    return data


def _add_status(out: Any, tags: dict[str, Any]) -> None:
    """A tag `error` is a failure, whatever it says; what it says is the message."""
    code = {"OK": 1, "ERROR": 2}.get(str(tags.pop("otel.status_code", "")).upper(), 0)
    if "error" in tags and str(tags["error"]).lower() != "false":
        message = as_text(tags.pop("error"))
        code, out.status.message = 2, "" if message.lower() == "true" else message
    if code:
        out.status.code = code


def _add_endpoint(out: Any, endpoint: Json, side: int) -> None:
    for member, names in _ENDPOINTS.items():
        if names[side] and endpoint.get(member):
            put(out.attributes, names[side], endpoint[member])


# ---- writing


class Writer:
    """A list of spans."""

    def __init__(self, out: BinaryIO, kind: Kind) -> None:
        if kind is not Kind.SPAN:
            raise InputError("--format zipkin: Zipkin knows spans alone; export events and points as otlp-json, otlp-proto or parquet")
        self._out, self._separator = out, b"[\n"

    def add(self, rows: pa.Table) -> None:
        """Write spans."""
        for resource in parse_request("traces", encode(Kind.SPAN, rows)).resource_spans:
            about = {key: as_text(value) for key, value in pairs(resource.resource.attributes).items()}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self._out.write(self._separator + orjson.dumps(_span(about, scope.scope, span)))
                    self._separator = b",\n"

    def close(self) -> None:
        """End the list."""
        self._out.write(b"[]\n" if self._separator == b"[\n" else b"\n]\n")

    def discard(self) -> None:
        """Nothing is held."""


def _span(about: dict[str, str], scope: Any, span: Any) -> Json:
    tags = {key: text for key, text in about.items() if key != "service.name"}
    tags |= {key: as_text(value) for key, value in pairs(span.attributes).items()}
    ends = [_endpoint(tags, side) for side in (0, 1)]
    told: Json = {
        "traceId": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "parentId": span.parent_span_id.hex() if any(span.parent_span_id) else None,
        "kind": rules.SPAN_KINDS[span.kind].upper() if 1 < span.kind < len(rules.SPAN_KINDS) else None,
        "name": span.name,
        "timestamp": span.start_time_unix_nano // 1000,
        "duration": max(0, span.end_time_unix_nano - span.start_time_unix_nano) // 1000 or None,
        "localEndpoint": {"serviceName": about.get("service.name", "")} | ends[0],
        "remoteEndpoint": ends[1] or None,
        "annotations": [{"timestamp": event.time_unix_nano // 1000, "value": _annotation(event)} for event in span.events] or None,
        "tags": tags | _hidden(scope, span) or None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _endpoint(tags: dict[str, str], side: int) -> Json:
    """What `_add_endpoint` made tags of, taken out of them."""
    told: Json = {}
    for member, names in _ENDPOINTS.items():
        text = tags.get(names[side], "") if names[side] else ""
        fits = text.isdigit() if member == "port" else (":" in text) == (member == "ipv6") if member != "serviceName" else True
        if text and fits:
            told[member] = int(text) if member == "port" else text
            del tags[names[side]]
    return told


def _annotation(event: Any) -> str:
    """The name, with its attributes behind it as OpenTelemetry's mapping to Zipkin writes them."""
    told = pairs(event.attributes)
    return f'"{event.name}": {as_text(told)}' if told else str(event.name)


def _hidden(scope: Any, span: Any) -> dict[str, str]:
    told = {
        "otel.scope.name": scope.name,
        "otel.scope.version": scope.version,
        "w3c.tracestate": span.trace_state,
        "otel.status_code": {1: "OK", 2: "ERROR"}.get(span.status.code, ""),
        "error": (span.status.message or "true") if span.status.code == 2 else "",
    }
    return {key: text for key, text in told.items() if text}
