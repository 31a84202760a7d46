"""A trace of 100,000 spans opens page by page."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.flow.conftest import Client, span, spans

SPANS = 100_000
BODY = 5_000
TRACE = secrets.token_bytes(16)


@pytest.fixture(scope="module")
def large(server: Any, http: Any, channel: Any, eventually: Callable[..., Any]) -> Client:
    """A project with the trace: a root, and below it steps of ten spans each."""
    client = Client(server, f"large-{secrets.token_hex(4)}", http, channel)
    now = time.time_ns() - 60 * 10**9
    template = span("step", trace=TRACE, number=2**40, under=2**41, start_ns=2**60)
    one = template.SerializeToString()
    places = {number: one.index(number.to_bytes(8)) for number in (2**40, 2**41)}
    start, end = (one.index(moment.to_bytes(8, "little")) for moment in (2**60, 2**60 + 10**9))
    shell = spans(span("root", trace=TRACE, start_ns=now))
    for first in range(2, SPANS + 1, BODY):
        group = shell.resource_spans[0].scope_spans[0]
        for number in range(first, min(first + BODY, SPANS + 1)):
            made = bytearray(one)
            parent = 1 if number % 10 == 2 else number - (number - 2) % 10
            made[places[2**40] : places[2**40] + 8] = number.to_bytes(8)
            made[places[2**41] : places[2**41] + 8] = parent.to_bytes(8)
            made[start : start + 8], made[end : end + 8] = (now + number * 1000).to_bytes(8, "little"), (now + number * 1000 + 500).to_bytes(8, "little")
            group.spans.add().ParseFromString(bytes(made))
        assert client.post(shell).status_code == 200
        del group.spans[:]
    eventually(lambda: client.told("/summary")["spans"], lambda count: count == SPANS)
    eventually(lambda: page(client)["total"], lambda count: count == SPANS)  # where the trace lies is written after its spans
    return client


def page(large: Client, **parameters: Any) -> dict[str, Any]:
    told: dict[str, Any] = large.told(f"/traces/{TRACE.hex()}", **parameters)
    return told


def test_the_first_page_tells_of_the_whole(large: Client) -> None:
    """How many there are, and where the next page begins."""
    told = page(large)
    assert (told["total"], told["roots"], told["orphans"], len(told["items"]), told["next_offset"]) == (SPANS, 1, 0, 1000, 1000)
    assert told["trace"]["spans"] == SPANS
    assert (told["items"][0]["name"], told["items"][0]["descendants"], told["items"][0]["children"]) == ("root", SPANS - 1, SPANS // 10)
    assert not told["truncated"]


def test_pages_go_on_where_the_last_one_ended(large: Client) -> None:
    """Every row once, in tree order, to the end."""
    found: list[int] = []
    offset: int | None = 0
    while offset is not None:
        told = page(large, offset=offset, limit=10_000)
        assert [row["row"] for row in told["items"]] == list(range(offset, offset + len(told["items"])))
        found += [int(row["span_id"], 16) for row in told["items"]]
        offset = told["next_offset"]
    assert sorted(found) == list(range(1, SPANS + 1))


@pytest.mark.parametrize("number", [1, 50_007, SPANS])
def test_a_page_around_a_span_holds_it(large: Client, number: int) -> None:
    """Wherever it stands."""
    told = page(large, around=number.to_bytes(8).hex(), limit=50)
    assert number.to_bytes(8).hex() in {row["span_id"] for row in told["items"]}
    assert len(told["items"]) <= 50
    for row in told["items"]:
        assert row["depth"] == 0 or row["parent_row"] < row["row"]


def test_a_span_that_is_not_in_it_is_told(large: Client) -> None:
    """Rather than another page."""
    assert large.get(f"/traces/{TRACE.hex()}", around="ff" * 8).status_code == 404
