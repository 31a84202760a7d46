"""Jaeger JSON, as its UI and API export it: `{"data": [{"traceID", "spans", "processes"}]}`; also single traces, and one per line.

Tags keep their types; logs are span events; a CHILD_OF reference is the parent (FOLLOWS_FROM, where there is no CHILD_OF in the same trace), the others
are links. What OpenTelemetry's mapping to Jaeger hides in tags (`span.kind`, `otel.status_code`, `otel.scope.name` …) is put back where it belongs.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

import orjson
import pyarrow as pa

from spyglass.cli.formats.documents import Value, parse, values
from spyglass.cli.formats.source import Source
from spyglass.decode import rules
from spyglass.decode.attributes import as_text, pairs, put, put_value
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Piece, Skipped
from spyglass.decode.wire import REQUESTS, Span, parse_request
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind

__all__ = ["Writer", "read"]

_STATUS_CODES: Final = {"OK": 1, "ERROR": 2}
_HELD_SPANS: Final = 200_000  # spans of traces that may go on; beyond it the trace that was quiet for longest is written
Json = dict[str, Any]


def read(source: Source) -> Iterator[Piece | Skipped]:
    """The spans of a file."""
    for value in values(source):
        if isinstance(value, Skipped):
            yield value
            continue
        try:
            traces = _traces(value)
        except ValueError as error:
            yield Skipped(value.place, str(error))
            continue
        for number, trace in enumerate(traces, 1):
            yield from _trace(trace, f"{value.place}, trace {number}".removeprefix(", "))


def _traces(value: Value) -> list[Any]:
    told = parse(value)
    if isinstance(told, dict) and isinstance(told.get("data"), list):
        return list(told["data"])
    if isinstance(told, dict) and "spans" in told:
        return [told]
    if isinstance(told, list):
        return told
    raise ValueError("no Jaeger trace: expected an object with `spans` and `processes`")


def _trace(trace: Any, place: str) -> Iterator[Piece | Skipped]:
    if not isinstance(trace, dict) or not isinstance(trace.get("spans"), list):
        yield Skipped(place, "no Jaeger trace: expected an object with `spans` and `processes`")
        return
    request, records = REQUESTS["traces"](), 0
    scopes: dict[tuple[str, str, str], Any] = {}
    for number, span in enumerate(trace["spans"], 1):
        try:
            _add_span(_read_span(span), span, scopes, request, trace.get("processes") or {})
            records += 1
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            yield Skipped(f"{place}, span {number}", _reason(error))
    if records:
        yield Piece("traces", request.SerializeToString(), records, place)


def _reason(error: Exception) -> str:
    return f"lacks {error}" if isinstance(error, KeyError) else f"not a Jaeger span: {error}"


# ---- reading


def _read_span(span: Json) -> Any:
    """The OTLP span, without what stands in tags."""
    trace_id = _id(span["traceID"], 16)
    start = _ns(span["startTime"])
    out = Span(
        trace_id=trace_id,
        span_id=_id(span["spanID"], 8),
        name=str(span.get("operationName", "")),
        flags=int(span.get("flags") or 0) & 1,
        start_time_unix_nano=start,
        end_time_unix_nano=start + _ns(span.get("duration") or 0),
    )
    _add_references(out, trace_id, span)
    for log in span.get("logs") or ():
        _add_log(out, log)
    if span.get("warnings"):
        put(out.attributes, "jaeger.warnings", [str(warning) for warning in span["warnings"]])
    return out


def _id(text: str, size: int) -> bytes:
    """Jaeger writes ids without their leading zeros."""
    data = bytes.fromhex(text.rjust(size * 2, "0"))
    if len(data) != size or not any(data):
        raise ValueError(f"an id of {size} bytes is wanted")
    return data


def _ns(microseconds: float | str) -> int:
    return max(0, round(float(microseconds) * 1000) if isinstance(microseconds, float) else int(microseconds) * 1000)


def _add_references(out: Any, trace_id: bytes, span: Json) -> None:
    references = [(ref.get("refType", "CHILD_OF"), _id(ref["traceID"], 16), _id(ref["spanID"], 8)) for ref in span.get("references") or ()]
    if span.get("parentSpanID") and not references:
        references = [("CHILD_OF", trace_id, _id(span["parentSpanID"], 8))]
    candidates = sorted((ref for ref in references if ref[1] == trace_id), key=lambda ref: ref[0] != "CHILD_OF")
    parent = candidates[0] if candidates else None
    if parent:
        out.parent_span_id = parent[2]
        references.remove(parent)
    for kind, trace, other in references:
        link = out.links.add(trace_id=trace, span_id=other)
        if kind == "CHILD_OF":
            put(link.attributes, "opentracing.ref_type", "child_of")


def _add_log(out: Any, log: Json) -> None:
    event = out.events.add(time_unix_nano=_ns(log["timestamp"]))
    fields = list(log.get("fields") or ())
    named = next((tag for key in ("event", "message") for tag in fields if tag["key"] == key and isinstance(tag.get("value"), str)), None)
    event.name = named["value"] if named else "log"
    for tag in fields:
        if tag is not named:
            _add_tag(event.attributes, tag)


def _add_tag(attributes: Any, tag: Json) -> None:
    convert = _TYPES.get(str(tag.get("type", "")).lower(), lambda value: value)
    value = tag.get("value")
    try:
        value = convert(value)
    except (ValueError, TypeError):
        value = as_text(value)
    put_value(attributes.add(key=str(tag["key"])).value, value)


def _bool(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() == "true"


_TYPES: Final[dict[str, Callable[[Any], Any]]] = {"string": str, "bool": _bool, "int64": int, "float64": float, "binary": base64.b64decode}


class _Tags:
    """The tags of a span, without those that were taken."""

    def __init__(self, tags: list[Json]) -> None:
        self.left = list(tags)

    def take(self, *keys: str) -> str:
        """The text of the first tag of these names, which is no tag any more."""
        for tag in self.left:
            if tag["key"] in keys and isinstance(tag.get("value"), str):
                self.left.remove(tag)
                return str(tag["value"])
        return ""


def _add_span(out: Any, span: Json, scopes: dict[tuple[str, str, str], Any], request: Any, processes: Json) -> None:
    tags = _Tags(span.get("tags") or [])
    kind = tags.take("span.kind")
    out.kind = rules.SPAN_KINDS.index(kind) if kind in rules.SPAN_KINDS else 0
    out.trace_state = tags.take("w3c.tracestate")
    _add_status(out, tags)
    key = (str(span.get("processID", "")), tags.take("otel.scope.name", "otel.library.name"), tags.take("otel.scope.version", "otel.library.version"))
    for tag in tags.left:
        _add_tag(out.attributes, tag)
    if key not in scopes:
        scopes[key] = _scope(request, span.get("process") or processes.get(key[0]) or {}, *key[1:])
    scopes[key].spans.append(out)


def _add_status(out: Any, tags: _Tags) -> None:
    code = _STATUS_CODES.get(tags.take("otel.status_code").upper(), 0)
    error = next((tag for tag in tags.left if tag["key"] == "error" and str(tag.get("value")).lower() == "true"), None)
    if error:
        tags.left.remove(error)
        code = code or 2
    message = tags.take("otel.status_description")
    if code or message:
        out.status.code, out.status.message = code, message


def _scope(request: Any, process: Json, name: str, version: str) -> Any:
    resource = request.resource_spans.add()
    put(resource.resource.attributes, "service.name", str(process.get("serviceName", "")))
    for tag in process.get("tags") or ():
        _add_tag(resource.resource.attributes, tag)
    scope = resource.scope_spans.add()
    scope.scope.name, scope.scope.version = name, version
    return scope


# ---- writing


class Writer:
    """The document that Jaeger's UI opens. Spans come by time; those of a trace are gathered before it is written."""

    def __init__(self, out: BinaryIO, kind: Kind) -> None:
        if kind is not Kind.SPAN:
            raise InputError("--format jaeger: Jaeger knows spans alone; export events and points as otlp-json, otlp-proto or parquet")
        self._out = out
        self._traces: dict[str, _Trace] = {}  # the one that was quiet for longest first
        self._held, self._written = 0, 0
        out.write(b'{"data":[')

    def add(self, rows: pa.Table) -> None:
        """Take spans."""
        for resource in parse_request("traces", encode(Kind.SPAN, rows)).resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self._add(resource.resource, scope.scope, span)
        while self._held > _HELD_SPANS:
            self._write(next(iter(self._traces)))

    def _add(self, resource: Any, scope: Any, span: Any) -> None:
        trace_id = span.trace_id.hex()
        trace = self._traces[trace_id] = self._traces.pop(trace_id) if trace_id in self._traces else _Trace()
        trace.add(resource, scope, span)
        self._held += 1

    def _write(self, trace_id: str) -> None:
        trace = self._traces.pop(trace_id)
        self._held -= len(trace.spans)
        document = {"traceID": trace_id, "spans": trace.spans, "processes": trace.processes, "warnings": None}
        self._out.write((b",\n" if self._written else b"\n") + orjson.dumps(document))
        self._written += 1

    def close(self) -> None:
        """Write what is held, and end the document."""
        for trace_id in list(self._traces):
            self._write(trace_id)
        self._out.write(b'\n],"total":%d,"limit":0,"offset":0,"errors":null}\n' % self._written)

    def discard(self) -> None:
        """Forget what is held."""
        self._traces.clear()


class _Trace:
    def __init__(self) -> None:
        self.spans: list[orjson.Fragment] = []  # as JSON already, which takes a fifth of the memory
        self.processes: dict[str, Json] = {}
        self._names: dict[bytes, str] = {}

    def add(self, resource: Any, scope: Any, span: Any) -> None:
        self.spans.append(orjson.Fragment(orjson.dumps(_span(scope, span, self._process(resource)))))

    def _process(self, resource: Any) -> str:
        key = resource.SerializeToString()
        if key not in self._names:
            name = self._names[key] = f"p{len(self._names) + 1}"
            told = pairs(resource.attributes)
            service = as_text(told.pop("service.name", ""))
            self.processes[name] = {"serviceName": service, "tags": [_tag(*item) for item in told.items()]}
        return self._names[key]


def _span(scope: Any, span: Any, process: str) -> Json:
    trace_id = span.trace_id.hex()
    references = [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": span.parent_span_id.hex()}] if any(span.parent_span_id) else []
    references += [{"refType": "FOLLOWS_FROM", "traceID": link.trace_id.hex(), "spanID": link.span_id.hex()} for link in span.links if link.span_id]
    return {
        "traceID": trace_id,
        "spanID": span.span_id.hex(),
        "flags": span.flags & 1,
        "operationName": span.name,
        "references": references,
        "startTime": span.start_time_unix_nano // 1000,
        "duration": max(0, span.end_time_unix_nano - span.start_time_unix_nano) // 1000,
        "tags": [_tag(key, value) for key, value in (pairs(span.attributes) | _hidden(scope, span)).items()],
        "logs": [_log(event) for event in span.events],
        "processID": process,
        "warnings": None,
    }


def _hidden(scope: Any, span: Any) -> Json:
    """What Jaeger has no place for but tags, as OpenTelemetry's mapping says."""
    told: Json = {
        "span.kind": rules.SPAN_KINDS[span.kind] if 0 < span.kind < len(rules.SPAN_KINDS) else "",
        "otel.scope.name": scope.name,
        "otel.scope.version": scope.version,
        "w3c.tracestate": span.trace_state,
        "otel.status_code": {1: "OK", 2: "ERROR"}.get(span.status.code, ""),
        "otel.status_description": span.status.message,
        "error": span.status.code == 2,
    }
    return {key: value for key, value in told.items() if value}


def _log(event: Any) -> Json:
    return {"timestamp": event.time_unix_nano // 1000, "fields": [_tag("event", event.name), *(_tag(*item) for item in pairs(event.attributes).items())]}


def _tag(key: str, value: Any) -> Json:
    match value:
        case bool():
            return {"key": key, "type": "bool", "value": value}
        case int():
            return {"key": key, "type": "int64", "value": value}
        case float():
            return {"key": key, "type": "float64", "value": value}
        case bytes():
            return {"key": key, "type": "binary", "value": base64.b64encode(value).decode()}
        case _:
            return {"key": key, "type": "string", "value": as_text(value)}
