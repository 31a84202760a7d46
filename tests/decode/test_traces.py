"""What becomes of a span, whatever is wrong with it. Each answer is the same on every road."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spyglass.testing.rows import BASE_NS

NOW = BASE_NS + 3_600 * 10**9
DAY = 86_400 * 10**9
SECOND = 10**9
NO_PARENT = bytes(8)

Make = Callable[..., tuple[Any, Any]]
Rows = Callable[..., list[dict[str, Any]]]


def test_a_span_is_read_whole(span: Make, rows: Rows) -> None:
    """Every field of a span, its resource and its scope has its column."""
    request, it = span(parent_span_id=b"p" * 8, trace_state="a=b", flags=257, name="chat", kind=3, dropped_attributes_count=1)
    it.status.code, it.status.message, it.dropped_events_count, it.dropped_links_count = 2, "no", 2, 3
    it.attributes.add(key="n").value.int_value = 7
    resource = request.resource_spans[0]
    resource.schema_url, resource.scope_spans[0].schema_url = "r", "s"
    resource.resource.attributes.add(key="service.name").value.string_value = "travel"
    resource.scope_spans[0].scope.name, resource.scope_spans[0].scope.version = "lib", "2"
    (row,) = rows("traces", request)
    expected = {
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "parent_span_id": b"p" * 8,
        "trace_state": "a=b",
        "flags": 257,
        "name": "chat",
        "span_kind": "client",
        "status": "error",
        "status_message": "no",
        "start": NOW - SECOND,
        "duration_ns": 900_000_000,
        "attributes": [("n", "7")],
        "attribute_types": "i",
        "dropped_attributes": 1,
        "dropped_events": 2,
        "dropped_links": 3,
        "project": "default",
        "service": "travel",
        "environment": "",
        "received": NOW,
        "scope_name": "lib",
        "scope_version": "2",
        "scope_schema_url": "s",
        "resource_schema_url": "r",
        "resource_attributes": [("service.name", "travel")],
        "resource_attribute_types": "s",
        "issues": [],
    }
    assert {name: row[name] for name in expected} == expected


def test_events_and_links_are_read_whole(span: Make, rows: Rows) -> None:
    """Span events and links keep their order, times, ids and attributes."""
    request, it = span()
    for number in range(2):
        it.events.add(time_unix_nano=NOW + number, name=f"e{number}", dropped_attributes_count=number).attributes.add(key="k").value.bool_value = False
    it.links.add(trace_id=b"l" * 16, span_id=b"m" * 8, trace_state="x=y", flags=1).attributes.add(key="k").value.double_value = 1.5
    (row,) = rows("traces", request)
    shape = {"attributes": [("k", "false")], "attribute_types": "b"}
    assert row["events"] == [{"time": NOW + number, "name": f"e{number}", "dropped_attributes": number, **shape} for number in range(2)]
    link = {"trace_id": b"l" * 16, "span_id": b"m" * 8, "trace_state": "x=y", "flags": 1, "dropped_attributes": 0}
    assert row["links"] == [{**link, "attributes": [("k", "1.5")], "attribute_types": "d"}]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trace_id": b""}, "trace_id_invalid"),
        ({"trace_id": bytes(16)}, "trace_id_invalid"),
        ({"trace_id": b"t" * 15}, "trace_id_invalid"),
        ({"span_id": b""}, "span_id_invalid"),
        ({"span_id": bytes(8)}, "span_id_invalid"),
        ({"span_id": b"s" * 16}, "span_id_invalid"),
    ],
)
def test_a_span_without_identity_is_rejected_alone(span: Make, decode: Callable[..., Any], fields: dict[str, bytes], reason: str) -> None:
    """A trace or span id that is zero or of another length costs that span, and the answer says why."""
    request, it = span(**fields)
    good = request.resource_spans[0].scope_spans[0].spans.add()
    good.CopyFrom(it)
    good.trace_id, good.span_id = b"t" * 16, b"g" * 8
    decoded = decode("traces", request)
    outcome = decoded.outcomes[0]
    assert decoded.batch.rows["span_id"].to_pylist() == [b"g" * 8]
    assert (outcome.accepted, outcome.rejected, outcome.message) == (1, 1, f"1 of 2 spans rejected ({reason}: 1)")


def test_a_parent_id_of_another_length_is_no_parent(span: Make, rows: Rows) -> None:
    """The span becomes a root, with an issue."""
    (row,) = rows("traces", span(parent_span_id=b"short")[0])
    assert (row["parent_span_id"], row["issues"]) == (NO_PARENT, ["parent_id_invalid"])


def test_links_of_other_lengths_are_told(span: Make, rows: Rows) -> None:
    """The link stays, without the id."""
    request, it = span()
    it.links.add(trace_id=b"x", span_id=b"m" * 8)
    (row,) = rows("traces", request)
    assert (row["links"][0]["trace_id"], row["links"][0]["span_id"], row["issues"]) == (bytes(16), b"m" * 8, ["link_id_invalid"])


@pytest.mark.parametrize(
    ("start", "kept"),
    [
        (0, False),
        (1, False),
        (946_684_800 * SECOND - 1, False),  # the last nanosecond of 1999
        (946_684_800 * SECOND, True),
        (NOW - 3_000 * DAY, True),  # old, but nobody can say that it is wrong
        (NOW + DAY, True),
        (NOW + DAY + 1, False),
        (10_413_792_000 * SECOND, False),  # the year 2300, beyond a timestamp
        (2**64 - 1, False),
    ],
)
def test_a_start_that_cannot_be_is_the_arrival(span: Make, rows: Rows, start: int, kept: bool) -> None:
    """Such a start is replaced and kept beside; the duration is what the sender's two times say."""
    (row,) = rows("traces", span(start_time_unix_nano=start, end_time_unix_nano=min(start + 5, 2**64 - 1))[0])
    duration = min(5, 2**64 - 1 - start)
    expected = (start, 0, duration, []) if kept else (NOW, start, duration, ["time_implausible"])
    assert (row["start"], row["original_start_ns"], row["duration_ns"], row["issues"]) == expected


@pytest.mark.parametrize(
    ("end", "issue"),
    [(0, "no_end"), (NOW - 2 * SECOND, "end_before_start"), (NOW + 3_700 * DAY, "end_implausible"), (2**64 - 1, "end_implausible")],
)
def test_an_end_that_cannot_be_is_no_duration(span: Make, rows: Rows, end: int, issue: str) -> None:
    """The duration is 0, and the end is kept beside."""
    (row,) = rows("traces", span(end_time_unix_nano=end)[0])
    assert (row["start"], row["duration_ns"], row["original_end_ns"], row["issues"]) == (NOW - SECOND, 0, end, [issue])


def test_a_long_span_keeps_its_duration(span: Make, rows: Rows) -> None:
    """Nine years are long, but possible."""
    start = NOW - 3_285 * DAY
    (row,) = rows("traces", span(start_time_unix_nano=start, end_time_unix_nano=NOW)[0])
    assert (row["duration_ns"], row["issues"]) == (3_285 * DAY, [])


def test_times_of_events_beyond_a_timestamp_are_told(span: Make, rows: Rows) -> None:
    """Their bits stay, so that an export gives them back."""
    request, it = span()
    it.events.add(time_unix_nano=2**63)
    (row,) = rows("traces", request)
    assert (row["events"][0]["time"], row["issues"]) == (-(2**63), ["event_time_out_of_range"])


@pytest.mark.parametrize("number", [6, 99, -1])
def test_unknown_enums_are_told_with_their_number(span: Make, rows: Rows, number: int) -> None:
    """A number from a newer OTLP is unspecified, and not lost."""
    request, it = span(kind=number)
    it.status.code = number
    (row,) = rows("traces", request)
    assert (row["span_kind"], row["status"]) == ("unspecified", "unset")
    assert row["issues"] == [f"span_kind_unknown:{number}", f"status_unknown:{number}"]


@pytest.mark.parametrize(
    ("header", "attributes", "project"),
    [
        (None, {}, "default"),
        ("header", {"spyglass.project": "resource"}, "header"),
        (None, {"openinference.project.name": "phoenix", "spyglass.project": "resource"}, "resource"),
        (None, {"openinference.project.name": "My Project", "spyglass.project": ""}, "My Project"),
        (None, {"spyglass.project": "x" * 128}, "x" * 128),
    ],
)
def test_a_project_is_the_first_that_is_told(span: Make, rows: Rows, header: str | None, attributes: dict[str, str], project: str) -> None:
    """The header, then the resource's two names, then the default."""
    request, _ = span()
    for key, text in attributes.items():
        request.resource_spans[0].resource.attributes.add(key=key).value.string_value = text
    (row,) = rows("traces", request, project=header)
    assert (row["project"], row["issues"]) == (project, [])


@pytest.mark.parametrize("name", ["x" * 129, "a\nb", " a", "a\x00", "\u202ea"])
def test_a_project_that_cannot_be_named_is_the_default(span: Make, rows: Rows, name: str) -> None:
    """Too long, or with characters that nobody sees: the rows are kept under the default project, with an issue."""
    request, _ = span()
    request.resource_spans[0].resource.attributes.add(key="spyglass.project").value.string_value = name
    (row,) = rows("traces", request)
    assert (row["project"], row["issues"]) == ("default", ["project_invalid"])


def test_an_environment_has_two_names(span: Make, rows: Rows) -> None:
    """The current name wins over the old one; among entries of one name, the first that is not empty."""
    request, _ = span()
    add = request.resource_spans[0].resource.attributes.add
    for key, text in [("deployment.environment", "old"), ("deployment.environment.name", ""), ("deployment.environment.name", "new")]:
        add(key=key).value.string_value = text
    assert rows("traces", request)[0]["environment"] == "new"


def test_odd_attributes_stay(span: Make, rows: Rows) -> None:
    """Duplicate and empty keys, NUL characters and a value of a megabyte are kept as they are."""
    request, it = span()
    told = [("a", "1"), ("a", "2"), ("", "empty"), ("n\0l", "\0"), ("long", "x" * 2**20), ("emoji", "🙂")]
    for key, text in told:
        it.attributes.add(key=key).value.string_value = text
    (row,) = rows("traces", request)
    assert (row["attributes"], row["attribute_types"]) == (told, "ssssss")


def test_rows_keep_their_order(span: Make, rows: Rows) -> None:
    """Resources, scopes and spans in the order in which they were sent."""
    request, _ = span(name="0")
    resource = request.resource_spans[0]
    resource.scope_spans.add().CopyFrom(resource.scope_spans[0])
    request.resource_spans.add().CopyFrom(resource)
    spans = [it for part in request.resource_spans for scope in part.scope_spans for it in scope.spans]
    for number, it in enumerate(spans):
        it.name = str(number)
    assert [row["name"] for row in rows("traces", request)] == ["0", "1", "2", "3"]
