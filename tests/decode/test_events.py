"""What becomes of a log record. Each answer is the same on every road."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spyglass.testing.rows import BASE_NS

NOW = BASE_NS + 3_600 * 10**9
SECOND = 10**9

Make = Callable[..., tuple[Any, Any]]
Rows = Callable[..., list[dict[str, Any]]]


def test_a_record_is_read_whole(record: Make, rows: Rows) -> None:
    """Every field of a log record has its column."""
    request, it = record(observed_time_unix_nano=NOW, severity_number=13, severity_text="WARN", flags=1, event_name="agent.step")
    it.trace_id, it.span_id, it.dropped_attributes_count = b"t" * 16, b"s" * 8, 4
    it.body.string_value = "the plan changed"
    it.attributes.add(key="n").value.int_value = -1
    (row,) = rows("logs", request)
    expected = {
        "time": NOW - SECOND,
        "observed_time": NOW,
        "original_time_ns": 0,
        "severity_number": 13,
        "severity_text": "WARN",
        "severity": "warning",
        "flags": 1,
        "event_name": "agent.step",
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "dropped_attributes": 4,
        "body": "the plan changed",
        "body_type": "s",
        "attributes": [("n", "-1")],
        "attribute_types": "i",
        "issues": [],
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("time", "observed", "expected", "issues"),
    [
        (0, NOW - 5, NOW - 5, ["no_time"]),
        (0, 0, NOW, ["no_time"]),
        (0, 7, NOW, ["no_time"]),
        (7, NOW - 5, NOW - 5, ["time_implausible"]),
        (2**64 - 1, 0, NOW, ["time_implausible"]),
        (0, 2**64 - 1, NOW, ["no_time", "observed_time_out_of_range"]),
    ],
)
def test_a_time_that_is_not_told_is_the_observed_or_the_arrival(record: Make, rows: Rows, time: int, observed: int, expected: int, issues: list[str]) -> None:
    """The first of time, observed time and arrival that can be; what the sender wrote is kept beside."""
    (row,) = rows("logs", record(time_unix_nano=time, observed_time_unix_nano=observed)[0])
    assert (row["time"], row["original_time_ns"], row["issues"]) == (expected, time, issues)


def test_ids_of_other_lengths_are_none(record: Make, rows: Rows) -> None:
    """A record needs no trace; a broken link to one is told."""
    (row,) = rows("logs", record(trace_id=b"x", span_id=b"y" * 16)[0])
    assert (row["trace_id"], row["span_id"], row["issues"]) == (bytes(16), bytes(8), ["trace_id_invalid", "span_id_invalid"])


@pytest.mark.parametrize(
    ("number", "text", "severity"),
    [
        (0, "", ""),
        (1, "", "trace"),
        (8, "", "debug"),
        (9, "ERROR", "info"),
        (16, "", "warning"),
        (17, "", "error"),
        (24, "", "critical"),
        (0, "Warning", "warning"),
        (0, "WARN", "warning"),
        (0, "err", "error"),
        (0, "FATAL", "critical"),
        (0, "Info2", "info"),
        (0, "loud", ""),
    ],
)
def test_a_severity_is_a_word(record: Make, rows: Rows, number: int, text: str, severity: str) -> None:
    """From the number; else from the text, however it is spelled."""
    (row,) = rows("logs", record(severity_number=number, severity_text=text)[0])
    assert (row["severity_number"], row["severity"], row["issues"]) == (number, severity, [])


def test_a_severity_number_out_of_range_is_told(record: Make, rows: Rows) -> None:
    """It is none, and not lost."""
    (row,) = rows("logs", record(severity_number=25, severity_text="ERROR")[0])
    assert (row["severity_number"], row["severity"], row["issues"]) == (0, "error", ["severity_number_unknown:25"])


@pytest.mark.parametrize(
    ("field", "attributes", "body", "name"),
    [
        ("agent.step", {"event.name": "other"}, "gen_ai.choice", "agent.step"),
        ("", {"event_name": "second", "event.name": "first"}, "gen_ai.choice", "first"),
        ("", {"event_name": "second", "event.name": ""}, "", "second"),
        ("", {}, "gen_ai.user.message", "gen_ai.user.message"),
        ("", {}, "Done. All is well.", ""),
        ("", {}, "word", ""),
        ("event otel/src/x.rs:803", {}, "", "event otel/src/x.rs:803"),
    ],
)
def test_an_event_name_has_four_sources(record: Make, rows: Rows, field: str, attributes: dict[str, str], body: str, name: str) -> None:
    """The field, two attributes, and a body that is but a name, in this order."""
    request, it = record(event_name=field)
    it.body.string_value = body
    for key, text in attributes.items():
        it.attributes.add(key=key).value.string_value = text
    (row,) = rows("logs", request)
    assert (row["event_name"], row["issues"]) == (name, [])


def test_a_place_in_a_source_is_no_event_name(record: Make, rows: Rows) -> None:
    """Where an attribute tells the name, a file and line in the field gives way, and stays as an issue."""
    request, it = record(event_name="event otel/src/x.rs:803")
    it.attributes.add(key="event.name").value.string_value = "codex.api_request"
    (row,) = rows("logs", request)
    assert (row["event_name"], row["issues"]) == ("codex.api_request", ["event_name_location:event otel/src/x.rs:803"])


def test_a_source_is_told_or_the_scope_or_the_service(record: Make, rows: Rows) -> None:
    """The runner's own attribute, else the scope's name, else the service's."""
    request, it = record()
    part = request.resource_logs[0]
    part.resource.attributes.add(key="service.name").value.string_value = "service"
    found = [rows("logs", request)[0]["source"]]
    part.scope_logs[0].scope.name = "scope"
    found.append(rows("logs", request)[0]["source"])
    it.attributes.add(key="spyglass.source").value.string_value = "runner"
    found.append(rows("logs", request)[0]["source"])
    assert found == ["service", "scope", "runner"]


def test_an_execution_is_told_by_its_attribute(record: Make, rows: Rows) -> None:
    """`spyglass.execution.id` has a column."""
    request, it = record()
    it.attributes.add(key="spyglass.execution.id").value.string_value = "run-1"
    assert rows("logs", request)[0]["execution_id"] == "run-1"


def test_bodies_of_every_type_are_kept(record: Make, rows: Rows) -> None:
    """A body may be text, a number, a map, a list, bytes or nothing, and its type is told."""
    request, _ = record()
    add = request.resource_logs[0].scope_logs[0].log_records.add
    add(time_unix_nano=NOW).body.int_value = 0
    add(time_unix_nano=NOW).body.kvlist_value.values.add(key="a").value.bool_value = True
    add(time_unix_nano=NOW).body.array_value.SetInParent()
    add(time_unix_nano=NOW).body.bytes_value = b"\xff"
    add(time_unix_nano=NOW).body.string_value = ""
    found = [(row["body_type"], row["body"]) for row in rows("logs", request)]
    assert found == [("e", ""), ("i", "0"), ("k", '{"a":true}'), ("a", "[]"), ("y", "/w=="), ("s", "")]
