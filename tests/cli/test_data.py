"""Records go into files and come back as they were, through a running server."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pyarrow as pa
import pytest

from spyglass.cli.exporting import Asked, write_file
from spyglass.cli.formats.otlp_proto import _messages
from spyglass.cli.formats.source import Source
from spyglass.decode.otlp_json import to_protobuf
from spyglass.decode.wire import parse_request
from spyglass.model.body import Signal
from spyglass.model.errors import InputError, StoreError
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.testing.rows import spans as span_rows

KINDS: list[tuple[str, Signal]] = [("spans", "traces"), ("events", "logs"), ("points", "metrics")]
LEVELS = {"traces": ("spans", "spans"), "logs": ("logs", "log_records"), "metrics": ("metrics", "metrics")}


def values() -> list[dict[str, Any]]:
    """Attributes of every type that OTLP has."""
    nested = [{"kvlistValue": {"values": [{"key": "a", "value": {"bytesValue": "AAEC"}}, {"key": "a", "value": {}}]}}, {"doubleValue": "NaN"}, {}]
    told: dict[str, dict[str, Any]] = {
        "text": {"stringValue": "grün \u0000 \U0001f52d"},
        "empty": {"stringValue": ""},
        "false": {"boolValue": False},
        "large": {"intValue": str(2**63 - 1)},
        "zero": {"intValue": "0"},
        "double": {"doubleValue": 0.1},
        "whole": {"doubleValue": 3.0},
        "minus": {"doubleValue": -0.0},
        "infinite": {"doubleValue": "-Infinity"},
        "bytes": {"bytesValue": "/wA="},
        "nobytes": {"bytesValue": ""},
        "list": {"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "1"}, {"doubleValue": 1.0}]}},
        "nothing": {"arrayValue": {"values": []}},
        "map": {"kvlistValue": {"values": [{"key": "b", "value": {"boolValue": True}}]}},
        "odd": {"arrayValue": {"values": nested}},
        "long": {"stringValue": "conversation " * 300},
        "longlist": {"arrayValue": {"values": [{"intValue": str(number)} for number in range(400)]}},
    }
    return [{"key": key, "value": value} for key, value in told.items()] + [{"key": "none"}, {"key": "text", "value": {"stringValue": "a second time"}}]


def telling() -> list[dict[str, Any]]:
    """An export request of each signal, with everything that OTLP can say."""
    at = time.time_ns() - 60 * 10**9
    ids = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174"}
    event = {"timeUnixNano": str(at + 5), "name": "moment", "attributes": values(), "droppedAttributesCount": 1}
    link = {"traceId": "aa" * 16, "spanId": "bb" * 8, "traceState": "x=y", "flags": 256, "attributes": values()}
    span = {
        **ids,
        "parentSpanId": "ff" * 8,
        "name": "one",
        "kind": 3,
        "flags": 257,
        "traceState": "a=b",
        "attributes": values(),
        "events": [event],
        "links": [link],
    }
    times = {"startTimeUnixNano": str(at), "endTimeUnixNano": str(at + 10**9)}
    other = {**ids, "spanId": "01" * 8, "name": "", "startTimeUnixNano": str(at + 10**9), "endTimeUnixNano": str(at), "status": {"code": 1}}
    record = {
        **ids,
        "timeUnixNano": str(at),
        "severityNumber": 9,
        "severityText": "Info",
        "body": {"kvlistValue": {"values": values()[:-2]}},
        "attributes": values(),
    }
    point = {"timeUnixNano": str(at), "startTimeUnixNano": str(at - 9), "attributes": values()}
    exemplar = {"timeUnixNano": str(at), "asInt": "7", **ids, "filteredAttributes": values()}
    histogram = {**point, "count": "3", "sum": 4.5, "min": 0.0, "max": 4.0, "bucketCounts": ["1", "2"], "explicitBounds": [1.0], "exemplars": [exemplar]}
    metrics = [
        {"name": "gauge", "unit": "1", "description": "a gauge", "gauge": {"dataPoints": [{**point, "asInt": "-5"}, {**point, "asDouble": 5.0}]}},
        {
            "name": "sum",
            "metadata": values(),
            "sum": {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": [{**point, "asInt": "9007199254740993"}]},
        },
        {"name": "histogram", "histogram": {"aggregationTemporality": 1, "dataPoints": [histogram]}},
        {"name": "summary", "summary": {"dataPoints": [{**point, "count": "2", "sum": 3.0, "quantileValues": [{"quantile": 0.5, "value": 1.0}]}]}},
    ]
    entity = {"schemaUrl": "https://example.org/e", "type": "service", "idKeys": ["text", "zero"], "descriptionKeys": ["list"]}
    resource = {"attributes": values(), "droppedAttributesCount": 2, "entityRefs": [entity, {"type": "host"}]}
    origin = {"resource": resource, "schemaUrl": "https://example.org/r"}
    scope = {"scope": {"name": "lib", "version": "1", "attributes": values()}, "schemaUrl": "https://example.org/s"}
    return [
        {"resourceSpans": [{**origin, "scopeSpans": [{**scope, "spans": [span | times, other]}]}]},
        {"resourceLogs": [{**origin, "scopeLogs": [{**scope, "logRecords": [record, {"observedTimeUnixNano": str(at), "body": {"stringValue": "plain"}}]}]}]},
        {"resourceMetrics": [{**origin, "scopeMetrics": [{**scope, "metrics": metrics}]}]},
    ]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of it as a file."""
    path = tmp_path_factory.mktemp("telling") / "all.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, telling())))
    return path


@pytest.fixture(scope="module")
def stored(server: Any, file: Path) -> str:
    """The project that has all of it."""
    for line, path in zip(file.read_bytes().splitlines(), ("traces", "logs", "metrics"), strict=True):
        headers = {"content-type": "application/json", "x-spyglass-project": "stored"}
        httpx.post(f"{server.endpoint}/v1/{path}", content=line, headers=headers, trust_env=False, verify=False).raise_for_status()
    server.settled()
    return "stored"


def records(signal: Signal, requests: list[bytes]) -> list[tuple[bytes, ...]]:
    """Every record with its resource and scope, byte for byte, in any order."""
    name, member = LEVELS[signal]
    found = []
    for request in requests:
        for resource in getattr(parse_request(signal, request), f"resource_{name}"):
            for scope in getattr(resource, f"scope_{name}"):
                origin = (resource.resource, scope.scope)
                urls = (resource.schema_url.encode(), scope.schema_url.encode())
                told = ([*origin, *parts] for record in getattr(scope, member) for parts in _split(record))
                found += [(*(part.SerializeToString(deterministic=True) for part in parts), *urls) for parts in told]
    return sorted(found)


def _split(record: Any) -> list[tuple[Any, ...]]:
    """A metric as one record per point: their order says nothing."""
    kind = record.WhichOneof("data") if record.DESCRIPTOR.name == "Metric" else None
    if kind is None:
        return [(record,)]
    points = list(getattr(record, kind).data_points)
    getattr(record, kind).ClearField("data_points")
    return [(record, point) for point in points]


def requests_of(path: Path) -> list[bytes]:
    """The requests of an OTLP protobuf file."""
    with Source(path) as source:
        return [message for message in _messages(source.stream, "varint") if isinstance(message, bytes)]


@pytest.mark.parametrize("form", ["otlp-json", "otlp-proto", "parquet"])
@pytest.mark.parametrize(("kind", "signal"), KINDS)
def test_a_round_trip_changes_nothing(
    send: Any, fetch: Any, stored: str, file: Path, tmp_path: Path, project: str, form: str, kind: str, signal: Signal
) -> None:
    """Server → file → server → file: every record as it was sent, types, order of attributes, duplicates and long values included."""
    written, again = tmp_path / f"first.{form}", tmp_path / "again.pb"
    assert fetch("--project", stored, "--kind", kind, "--format", form, "-o", written).exit_code == 0
    assert send(written, "--project", project).exit_code == 0
    assert fetch("--project", project, "--kind", kind, "-o", again).exit_code == 0
    sent = to_protobuf(signal, orjson.dumps({key: value for part in telling_of(file) for key, value in part.items()}))
    assert records(signal, requests_of(again)) == records(signal, [sent])


@pytest.mark.parametrize(("kind", "signal"), KINDS)
def test_importing_an_export_where_it_came_from_changes_nothing(
    send: Any, fetch: Any, server: Any, file: Path, tmp_path: Path, project: str, kind: str, signal: Signal
) -> None:
    """Every record is known again, though the file is not the body that it came in."""
    first, again = tmp_path / "first.pb", tmp_path / "again.pb"
    send(file, "--project", project)
    for output in (first, again):
        assert fetch("--project", project, "--kind", kind, "-o", output).exit_code == 0
        send(output, "--project", project)
    assert records(signal, requests_of(again)) == records(signal, requests_of(first))
    told = server.get("/api/v1/points", project=project, metric="gauge").json()["items"]
    assert sum(bucket["samples"] for bucket in told) == 2


def telling_of(file: Path) -> list[dict[str, Any]]:
    """What was written into the file."""
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "jsonl.zst", "pb", "pb.gz", "parquet"])
def test_the_name_of_the_file_says_its_format(send: Any, fetch: Any, stored: str, tmp_path: Path, project: str, suffix: str) -> None:
    """Compressed ones too; each can be imported as it is."""
    assert fetch("--project", stored, "-o", tmp_path / f"f.{suffix}").exit_code == 0
    result = send(tmp_path / f"f.{suffix}", "--project", project)
    assert result.stdout.startswith("2 records accepted")


def test_an_import_asks_the_server_for_its_port(run: Any, server: Any, tmp_path: Path, project: str, told: Any) -> None:
    """`--url` (or SPYGLASS_URL) alone says where."""
    path = tmp_path / "one.jsonl"
    path.write_bytes(orjson.dumps(telling()[0]))
    (summary,) = told(run("import", path, "--project", project, "--url", server.url, "--json"))
    server.settled()
    assert server.get("/api/v1/summary", project=project).json()["spans"] == summary["accepted"] > 0


def test_an_import_speaks_grpc_where_the_environment_says_so(run: Any, server: Any, tmp_path: Path, project: str, told: Any) -> None:
    """All three signals; a port that does not speak it is told of, with code 3 or a reason."""
    path = tmp_path / "f.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, telling())))
    variables = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.otlp_grpc}"}
    result = run("import", path, "--project", project, "--json", **variables)
    [summary] = told(result)
    assert (result.exit_code, summary["rejected"]) == (0, 0)
    over_http = run("import", path, "--project", f"{project}-http", "--json", "-e", server.endpoint)
    assert told(over_http)[0]["accepted"] == summary["accepted"] > 0


def test_the_wrong_protocol_is_told_in_the_words_of_the_port(run: Any, server: Any, tmp_path: Path, project: str) -> None:
    """HTTP to the gRPC port."""
    path = tmp_path / "f.jsonl"
    path.write_bytes(orjson.dumps(telling()[1]))
    with pytest.raises(InputError, match="OTLP/HTTP"):
        run("import", path, "--project", project, "-e", f"http://127.0.0.1:{server.otlp_grpc}")


def test_broken_lines_are_told_and_the_others_go(run: Any, server: Any, tmp_path: Path, project: str, told: Any) -> None:
    """Code 1, with the file, the place and the reason of each."""
    good = orjson.dumps(telling()[1])
    path = tmp_path / "f.jsonl"
    path.write_bytes(good + b'\n{"resourceLogs": [{"scop\n' + good + b"\n")
    result = run("import", path, "-e", server.endpoint, "--project", project, "--json")
    assert result.exit_code == 1
    skipped, summary = told(result)
    assert (skipped["file"], skipped["place"], skipped["type"]) == (str(path), "line 2", "skipped")
    assert (summary["accepted"], summary["skipped"], summary["rejected"]) == (4, 1, 0)
    plain = run("import", path, "-e", server.endpoint, "--project", project)
    assert f"{path}: line 2: skipped:" in plain.stderr
    assert "1 places skipped" in plain.stdout


def test_what_the_server_rejects_is_told(run: Any, server: Any, tmp_path: Path, project: str, told: Any) -> None:
    """Spans without ids: the good one is kept, code 1."""
    path = tmp_path / "f.json"
    request = telling()[0]
    request["resourceSpans"][0]["scopeSpans"][0]["spans"].append({"name": "no ids"})
    path.write_bytes(orjson.dumps(request))
    result = run("import", path, "-e", server.endpoint, "--project", project, "--json")
    rejected, summary = told(result)
    assert (result.exit_code, rejected["records"], summary["accepted"]) == (1, 1, 2)
    assert "id" in rejected["reason"]


def test_files_that_are_none_of_ours_are_told(run: Any, server: Any, tmp_path: Path) -> None:
    """The others are read; a file that is not there is a wrong call."""
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "cut.gz").write_bytes(b"\x1f\x8b\x08\x00")
    result = run("import", tmp_path / "picture.png", tmp_path / "cut.gz", "-e", server.endpoint)
    assert result.exit_code == 1
    assert "picture.png: skipped: the format is not known" in result.stderr
    assert "cut.gz: skipped: cannot be read" in result.stderr
    with pytest.raises(InputError, match="no such file"):
        run("import", tmp_path / "nothing")


def test_exports_choose_by_search_trace_and_time(fetch: Any, stored: str, tmp_path: Path) -> None:
    """Nothing found is code 4; a trace is found whenever it was; points belong to none."""
    where = ("--project", stored, "-o", tmp_path / "f.jsonl")
    assert fetch("name:one", *where).stderr.startswith("1 spans")
    assert fetch("name:other", *where).exit_code == 4
    assert fetch(*where, "--from", "2020-01-01", "--to", "2020-01-02").exit_code == 4
    trace = ("--trace", "5B8EFFF798038103D269B633813FC60C", "--from", "2020-01-01", "--to", "2020-01-02")
    assert fetch(*where, *trace).stderr.startswith("2 spans")
    assert fetch(*where, *trace, "--kind", "events").stderr.startswith("1 events")
    with pytest.raises(InputError, match="belong to no trace"):
        fetch(*where, *trace, "--kind", "points")
    with pytest.raises(InputError, match="column 1"):
        fetch("nonsense:1", *where)


def test_an_export_goes_to_standard_output(fetch: Any, stored: str) -> None:
    """Only the data; what there is to say goes to standard error."""
    result = fetch("--project", stored, "--json")
    assert len(orjson.loads(result.stdout_bytes)["resourceSpans"][0]["scopeSpans"][0]["spans"]) == 2
    assert orjson.loads(result.stderr)["records"] == 2


@pytest.mark.parametrize("form", ["jaeger", "zipkin"])
def test_other_systems_get_their_own_format(send: Any, fetch: Any, stored: str, tmp_path: Path, project: str, form: str) -> None:
    """And their files come back as spans of the same ids."""
    assert fetch("--project", stored, "--format", form, "-o", tmp_path / "f.json").exit_code == 0
    assert send(tmp_path / "f.json", "--project", project).stdout.startswith("2 records accepted")
    with pytest.raises(InputError, match="spans alone"):
        fetch("--project", stored, "--format", form, "--kind", "events", "-o", tmp_path / "g.json")
    assert not (tmp_path / "g.json").exists()


def stream(cut: int | None) -> Callable[[httpx.Request], httpx.Response]:
    """A server whose export breaks off after so many bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMAS[Kind.SPAN]) as writer:
        for at in range(3):
            writer.write_table(span_rows(100, first=100 * at).cast(SCHEMAS[Kind.SPAN]))
    data = sink.getvalue().to_pybytes()

    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield data[:cut]
            if cut is not None:
                raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")

    return lambda _: httpx.Response(200, stream=Body())


@pytest.mark.parametrize("cut", [100, 50_000, 100_000])
def test_an_export_that_breaks_off_leaves_no_file(tmp_path: Path, cut: int) -> None:
    """What was there before stays; nobody takes a part for the whole."""
    output = tmp_path / "f.parquet"
    output.write_bytes(b"before")
    client = httpx.Client(base_url="http://server", transport=httpx.MockTransport(stream(cut)))
    with pytest.raises(StoreError, match="broke off"):
        write_file(client, Asked("spans", {}), output, "auto", lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["f.parquet"]
    assert output.read_bytes() == b"before"


def test_a_whole_export_is_counted_as_it_comes(tmp_path: Path) -> None:
    """The progress is told page by page."""
    client = httpx.Client(base_url="http://server", transport=httpx.MockTransport(stream(None)))
    seen: list[int] = []
    assert write_file(client, Asked("spans", {}), tmp_path / "f.jsonl.gz", "auto", seen.append) == 300
    assert seen == [100, 200, 300]
    with pytest.raises(InputError, match="compresses by itself"):
        write_file(client, Asked("spans", {}), tmp_path / "f.parquet.gz", "parquet", seen.append)
