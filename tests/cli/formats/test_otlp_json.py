"""OTLP/JSON files in all their layouts."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest

from spyglass.decode.pieces import Piece, Skipped

SPAN = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "one", "startTimeUnixNano": "1544712660000000000"}
RESOURCE = {"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "a"}}]}, "scopeSpans": [{"spans": [SPAN]}]}
TRACES = {"resourceSpans": [RESOURCE]}
LOGS = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "1", "body": {"stringValue": "x"}}]}]}]}
METRICS = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "gauge": {"dataPoints": [{"asInt": "1"}, {"asInt": "2"}]}}]}]}]}


def summary(items: list[Any]) -> list[tuple[str, int]]:
    """Signal and records of each piece."""
    return [(item.signal, item.records) for item in items if isinstance(item, Piece)]


def test_each_line_is_a_request_of_its_own(read: Any) -> None:
    """Signals may be mixed, as in one file of a collector for all."""
    data = b"\n".join(map(orjson.dumps, (TRACES, LOGS, METRICS)))
    assert summary(read(data)) == [("traces", 1), ("logs", 1), ("metrics", 2)]
    assert summary(read(gzip.compress(data))) == [("traces", 1), ("logs", 1), ("metrics", 2)]


@pytest.mark.parametrize(
    "document",
    [
        TRACES,
        {**TRACES, **LOGS, **METRICS},
        RESOURCE,
        {"resource_spans": [{"scope_spans": [{"spans": [SPAN]}]}]},
        [TRACES, TRACES],
    ],
)
def test_documents_are_told_by_their_members(read: Any, document: Any) -> None:
    """Whole documents, single resources, lists, names in either case; indented or not."""
    for option in (0, orjson.OPT_INDENT_2):
        assert ("traces", 1) in summary(read(orjson.dumps(document, option=option), "otlp-json"))


def test_what_is_wrong_is_told_with_its_line(read: Any) -> None:
    """Broken JSON, a wrong type, nothing that we know; the rest goes on."""
    wrong = {"resourceSpans": [{"scopeSpans": [{"spans": [{**SPAN, "traceId": 7}]}]}]}
    items = read(b"\n".join([orjson.dumps(TRACES), b'{"resourceSpans": [', orjson.dumps(wrong), b'{"other": 1}', orjson.dumps(TRACES)]))
    assert [item.place for item in items if isinstance(item, Skipped)] == ["line 2", "line 3", "line 4"]
    assert "traceId" in items[2].reason
    assert summary(items) == [("traces", 1), ("traces", 1)]
