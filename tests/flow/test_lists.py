"""Lists of the API: pages without gap or repeat in every order, half-open time ranges, and clear refusals."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.conftest import SECOND_NS, Client, any_value, attributes, chat, records, span, spans

BEGIN_NS = time.time_ns() // SECOND_NS * SECOND_NS - 600 * SECOND_NS
TRACES = 12
LISTS: dict[str, Callable[[Any], Any]] = {
    "/agents": lambda item: item["agent"],
    "/attributes": lambda item: item["key"],
    "/sources": lambda item: (item["service"], item["scope_name"]),
    "/traces": lambda item: item["trace_id"],
    "/spans": lambda item: (item["trace_id"], item["span_id"]),
    "/events": lambda item: item["event_id"],
    "/sessions": lambda item: item["session_id"],
    "/executions": lambda item: item["id"],
}
OF_CALLS = ("agent.name", "operation.name", "provider.name", "request.model", "usage.input_tokens", "usage.output_tokens")
SENT = {"session.id", *(f"gen_ai.{name}" for name in OF_CALLS)}
SIZES = {"/agents": 2, "/attributes": len(SENT), "/sources": 1, "/traces": TRACES, "/spans": 3 * TRACES, "/events": 10, "/sessions": 4, "/executions": TRACES}


@pytest.fixture(scope="module")
def full(server: Any, http: Any, channel: Any, eventually: Callable[..., Any]) -> Client:
    """A project with some of everything, many of them at the same time."""
    client = Client(server, f"lists-{secrets.token_hex(4)}", http, channel)
    for number in range(1, TRACES + 1):
        trace, start = number.to_bytes(16), BEGIN_NS + (number - 1) // 3 * SECOND_NS
        agent = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": f"agent-{number % 2}", "session__id": f"session-{number % 4}"}
        root = span("invoke_agent", trace=trace, number=number * 8 + 1, start_ns=start, duration_ns=number % 4 * SECOND_NS, **agent)
        call = chat(trace=trace, number=number * 8 + 2, under=number * 8 + 1, start_ns=start, tokens=(number // 2, 1))
        client.post(spans(root, call, span("tool", trace=trace, number=number * 8 + 3, under=number * 8 + 2, start_ns=start)))
    client.post(records(*(LogRecord(time_unix_nano=BEGIN_NS + at // 3, body=any_value(f"line {at}"), severity_number=9 + at % 2 * 8) for at in range(10))))
    eventually(lambda: client.told("/summary")["spans"], lambda count: count == 3 * TRACES)
    eventually(lambda: len(client.told("/events", query="line")["items"]), lambda count: count == 10)
    return client


@pytest.mark.parametrize("path", LISTS)
def test_a_list_pages_without_gap_or_repeat(full: Client, path: str) -> None:
    """Pages of three give what one page gives."""
    whole = own(full.items(path, limit=1000), path)
    assert len(whole) == len(set(whole)) == SIZES[path]
    assert own(full.items(path, limit=3), path) == whole


def own(items: list[Any], path: str) -> list[Any]:
    """The keys of what was sent; what the server itself finds comes when it comes."""
    keys = [LISTS[path](item) for item in items if "spyglass.server" not in (item.get("source"), item.get("scope_name"))]
    return [key for key in keys if path != "/attributes" or key in SENT]


@pytest.mark.parametrize("sort", ["start", "duration", "errors", "spans", "cost", "tokens", "calls", "tools", "name"])
@pytest.mark.parametrize("query", ["", "kind:llm duration>=1s"])
def test_traces_page_in_every_order(full: Client, sort: str, query: str) -> None:
    """Both ways round, with a search too."""
    whole = [item["trace_id"] for item in full.items("/traces", sort=sort, query=query, limit=1000)]
    other = [item["trace_id"] for item in full.items("/traces", sort=sort, query=query, limit=5, order="desc" if sort == "name" else "asc")]
    assert len(whole) == len(set(whole)) == TRACES
    assert other == whole[::-1]
    assert [item["trace_id"] for item in full.items("/traces", sort=sort, query=query, limit=5)] == whole


def test_a_search_leaves_out_what_does_not_match(full: Client) -> None:
    """In lists, and in the summary."""
    assert len(full.items("/spans", query="kind:llm", limit=7)) == TRACES
    assert len(full.items("/traces", query="agent:agent-1", limit=2)) == TRACES // 2
    assert full.told("/summary", query="kind:llm")["spans"] == TRACES
    assert len(full.items("/events", query="line severity>=error", limit=2)) == 5


def test_time_ranges_are_half_open(full: Client) -> None:
    """Ranges that meet share nothing and lose nothing."""
    cuts = [BEGIN_NS, BEGIN_NS + SECOND_NS, BEGIN_NS + 3 * SECOND_NS, BEGIN_NS + 9 * SECOND_NS]
    for path, wanted in (("/traces", TRACES), ("/spans", 3 * TRACES)):
        parts = [full.items(path, **{"from": begin, "to": end}, limit=2) for begin, end in itertools.pairwise(cuts)]
        assert sum(map(len, parts)) == wanted
    assert len(full.items("/events", **{"from": BEGIN_NS, "to": BEGIN_NS + 1})) == 3
    assert full.told("/summary", **{"from": cuts[0], "to": cuts[1]})["traces"] == 3


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_something_else_is_refused(full: Client, path: str) -> None:
    """Text that is none, and the cursor of another list."""
    other = full.told("/traces" if path != "/traces" else "/spans", limit=1)["next_cursor"]
    for cursor in ("nonsense", "", other):
        answer = full.get(path, cursor=cursor)
        assert (answer.status_code, answer.json()["code"]) == (400, "input_invalid")


def test_a_cursor_of_another_order_is_refused(full: Client) -> None:
    """It would skip traces."""
    cursor = full.told("/traces", sort="cost", limit=1)["next_cursor"]
    assert full.get("/traces", sort="cost", order="asc", cursor=cursor).status_code == 400
    assert full.get("/traces", sort="tokens", cursor=cursor).status_code == 400


RESOURCES = (
    "traces spans events sessions agents executions sources facets attributes metrics prices prices/unknown ledger projects search/complete "
    "series/spans series/calls series/events points"
).split()
TIMELESS = ("prices", "ledger")


@pytest.mark.parametrize("path", RESOURCES)
def test_every_list_has_the_same_shape(full: Client, path: str) -> None:
    """`items` and `next_cursor`, whatever else there is; an empty range too."""
    wanted = {"metric": "x"} if path == "points" else {}
    for more in ({},) if path in TIMELESS else ({}, {"from": "-1s", "to": "-1s"}):
        told = full.told(f"/{path}", **wanted, **more)
        assert isinstance(told["items"], list)
        assert told["next_cursor"] is None or isinstance(told["next_cursor"], str)


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"from": "yesterday"}, 400),
        ({"from": "now", "to": "-1h"}, 400),
        ({"limit": 0}, 422),
        ({"limit": 10**9}, 422),
        ({"sort": "colour"}, 422),
        ({"query": "kind:"}, 400),
        ({"query": "modle:x"}, 400),
    ],
)
def test_wrong_parameters_are_told_apart(full: Client, parameters: dict[str, Any], status: int) -> None:
    """With a code, and for searches with the place."""
    answer = full.get("/traces", **parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]
    assert "query" not in parameters or answer.json()["column"] >= 1


def test_attributes_of_spans_can_be_searched_and_completed(client: Client, eventually: Callable[..., Any]) -> None:
    """A name that was just sent is offered, and finds its span."""
    made = span(trace=b"s" * 16)
    made.attributes.extend(attributes({"my.shade": "teal"}))
    client.post(spans(made))
    eventually(lambda: client.items("/spans", query="attr.my.shade:teal"))
    assert [item["key"] for item in client.told("/attributes")["items"]] == ["my.shade"]
