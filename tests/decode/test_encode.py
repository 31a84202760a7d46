"""Export gives back what came in."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.decode import rules
from spyglass.decode.decoder import Decoder
from spyglass.decode.encode import encode
from spyglass.decode.shape import KINDS
from spyglass.decode.wire import parse_request
from spyglass.model.body import Body, Signal
from spyglass.testing.rows import BASE_NS, events, points, spans

NOW = BASE_NS + 3_600 * 10**9
LEVELS = {"traces": ("spans", "spans"), "logs": ("logs", "log_records"), "metrics": ("metrics", "metrics")}
SAID_WHEN_EMPTY = {"array_value", "kvlist_value", "string_value", "bytes_value", "gauge", "sum", "histogram", "exponential_histogram", "summary"}


def plain(message: Any) -> dict[str, Any]:
    """The message as a dict without what protobuf does not tell apart: a part that is absent, and one that is there and empty."""
    said = {field.name: _member(field, value) for field, value in message.ListFields()}
    return {name: value for name, value in said.items() if value not in ({}, []) or name in SAID_WHEN_EMPTY}


def _member(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return [plain(item) for item in value] if field.is_repeated else plain(value)
    items = list(value) if field.is_repeated else [value]
    items = [struct.pack("<d", item) if isinstance(item, float) else item for item in items]
    return items if field.is_repeated else items[0]


def records(signal: Signal, request: Any) -> list[str]:
    """Every record with its resource and scope, in any order."""
    name, member = LEVELS[signal]
    found = []
    for resource in getattr(request, f"resource_{name}"):
        for scope in getattr(resource, f"scope_{name}"):
            origin = [plain(resource.resource), resource.schema_url, plain(scope.scope), scope.schema_url]
            found += [str([*origin, record]) for item in getattr(scope, member) for record in _split(signal, item)]
    return sorted(found)


def _split(signal: Signal, item: Any) -> Iterator[Any]:
    if signal == "metrics":
        kind = item.WhichOneof("data")
        for point in getattr(item, kind).data_points:
            head = plain(item)
            head[kind].pop("data_points")
            yield [head, plain(point)]
        return
    if signal == "logs" and item.event_name == _told_elsewhere(item):
        item.ClearField("event_name")
    yield plain(item)


def _told_elsewhere(record: Any) -> str:
    """An event name that the attributes or the body tell too is not written twice."""
    told = [pair.value.string_value for key in rules.EVENT_NAME_KEYS for pair in record.attributes if pair.key == key]
    named = [text for text in told if text]
    return named[0] if named else record.body.string_value if rules.is_event_name(record.body.string_value) else ""


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
@settings(max_examples=50, deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_what_came_in_goes_out(random_request: Callable[..., Any], signal: Signal, dice: Random) -> None:
    """Any valid request survives decode and encode: types, duplicates, order of keys, odd times and numbers, nested values, exemplars."""
    request = random_request(dice, signal)
    decoded = Decoder().decode(signal, [Body(signal, "protobuf", request.SerializeToString())], NOW)
    again = parse_request(signal, encode(KINDS[signal], decoded.batch.rows))
    assert records(signal, again) == records(signal, request)


@pytest.mark.parametrize(("signal", "make"), [("traces", spans), ("logs", events), ("metrics", points)])
def test_rows_of_the_store_can_be_sent(signal: Signal, make: Callable[..., pa.Table]) -> None:
    """Rows with all their columns, in chunks, become a request with a record for each row."""
    table = pa.concat_tables([make(20), make(20, first=20)])
    decoded = Decoder().decode(signal, [Body(signal, "protobuf", encode(KINDS[signal], table))], NOW)
    assert decoded.row_counts == [40]


def test_rows_of_one_resource_and_scope_come_together() -> None:
    """A resource and a scope are said once, however their rows are mixed."""
    table = spans(4, scope_name=["a", "b", "a", "b"])
    request = parse_request("traces", encode(KINDS["traces"], table))
    assert [[scope.scope.name for scope in resource.scope_spans] for resource in request.resource_spans] == [["a", "b"]]


def test_no_rows_are_an_empty_request() -> None:
    """Nothing in, nothing out."""
    assert encode(KINDS["logs"], events(0)) == b""
