"""A log record has one id, however often and however it arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spyglass.testing.rows import BASE_NS

NOW = BASE_NS + 3_600 * 10**9

Make = Callable[..., tuple[Any, Any]]
Rows = Callable[..., list[dict[str, Any]]]


def test_the_same_record_has_the_same_id_later(record: Make, rows: Rows) -> None:
    """Arrival is no part of it, even where the arrival stands in for a missing time."""
    request, it = record(time_unix_nano=0)
    it.body.string_value = "hello"
    first, second = (rows("logs", request, received_ns=time)[0] for time in (NOW, NOW + 10**9))
    assert first["time"] != second["time"]
    assert first["event_id"] == second["event_id"]


def test_the_same_record_has_the_same_id_in_other_company(record: Make, rows: Rows) -> None:
    """Other records in the body change nothing."""
    request, it = record()
    it.attributes.add(key="a").value.string_value = "b"
    alone = rows("logs", request)[0]["event_id"]
    other = request.resource_logs[0].scope_logs[0].log_records.add(time_unix_nano=NOW)
    other.attributes.add(key="c").value.string_value = "d"
    assert rows("logs", request)[0]["event_id"] == alone
    assert rows("logs", request)[1]["event_id"] != alone


@pytest.mark.parametrize(
    "change",
    [
        lambda request, it: setattr(it, "time_unix_nano", NOW - 5),
        lambda request, it: setattr(it, "trace_id", b"t" * 16),
        lambda request, it: setattr(it, "span_id", b"s" * 8),
        lambda request, it: setattr(it, "severity_number", 9),
        lambda request, it: setattr(it, "event_name", "x"),
        lambda request, it: setattr(it.body, "string_value", "12"),
        lambda request, it: setattr(it.attributes[0], "key", "ab"),
        lambda request, it: setattr(it.attributes[0].value, "string_value", "1"),
        lambda request, it: it.attributes.add(),
        lambda request, it: request.resource_logs[0].resource.attributes.add(key="service.name"),
    ],
)
def test_another_record_has_another_id(record: Make, rows: Rows, change: Callable[[Any, Any], object]) -> None:
    """Time, trace, span, severity, name, body and its type, attributes and their types, and resource make the record."""
    request, it = record()
    it.body.int_value = 12
    it.attributes.add(key="a").value.int_value = 1
    before = rows("logs", request)[0]["event_id"]
    change(request, it)
    assert rows("logs", request)[0]["event_id"] != before


def test_a_shifted_boundary_is_another_record(record: Make, rows: Rows) -> None:
    """`ab`=`c` and `a`=`bc` have the same characters and different ids; so have projects."""
    ids = set()
    for key, text in (("ab", "c"), ("a", "bc"), ("abc", "")):
        request, it = record()
        it.attributes.add(key=key).value.string_value = text
        ids |= {rows("logs", request)[0]["event_id"], rows("logs", request, project="p")[0]["event_id"]}
    assert len(ids) == 6
