"""Each call is counted once, however many spans tell of it, in whatever bodies and order they come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.flow.conftest import attributes, chat, records, span, spans

FIGURES = ("model_calls", "model_errors", "input_tokens", "output_tokens", "tool_calls", "tool_errors")
Eventually = Callable[..., Any]


def agent(trace: bytes, number: int = 1, under: int = 0, **more: Any) -> Span:
    """A run of an agent, which repeats the usage of its calls."""
    told = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "planner", "gen_ai__usage__input_tokens": 999, **more}
    return span("invoke_agent planner", trace=trace, number=number, under=under, **told)


def tool(trace: bytes, number: int, under: int, name: str = "search", **more: Any) -> Span:
    """A tool's execution."""
    return span(f"execute_tool {name}", trace=trace, number=number, under=under, gen_ai__operation__name="execute_tool", gen_ai__tool__name=name, **more)


def failed(made: Span) -> Span:
    made.status.code = Status.STATUS_CODE_ERROR
    return made


def figures(client: Any) -> tuple[int, ...]:
    told = client.told("/summary")
    return tuple(told[name] for name in FIGURES)


def conversation(trace: bytes) -> list[Span]:
    """An agent with two model calls, each told by a framework and by the client below it, and a tool that failed."""
    return [
        agent(trace, session__id="s-1"),
        chat(trace=trace, number=2, under=1, tokens=(100, 10)),
        chat(trace=trace, number=3, under=2, tokens=(100, 10), response="r-1"),
        failed(tool(trace, 4, 1)),
        chat(trace=trace, number=5, under=1, tokens=None),
        chat(trace=trace, number=6, under=5, tokens=(200, 20), response="r-2"),
    ]


TRUTH = (2, 0, 300, 30, 1, 1)


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 5, 0, 3, 1, 4]])
@pytest.mark.parametrize("bodies", [1, 2, 6])
def test_nested_spans_are_one_call_in_any_order(client: Any, trace: bytes, eventually: Eventually, order: list[int], bodies: int) -> None:
    """In one body, in two, or one by one; children first or last."""
    told = conversation(trace)
    size = len(told) // bodies
    for begin in range(0, len(told), size):
        client.post(spans(*(told[at] for at in order[begin : begin + size])))
    eventually(lambda: figures(client), lambda found: found == TRUTH)
    [item] = client.told("/traces")["items"]
    assert tuple(item[name] for name in FIGURES) == TRUTH
    assert client.told("/summary")["names"]["sessions"] == ["s-1"]


def test_a_parent_that_comes_with_a_later_commit_changes_the_count(client: Any, trace: bytes, eventually: Eventually) -> None:
    """What was counted for itself is taken back when its owner has come."""
    told = conversation(trace)
    client.post(spans(told[2], told[5]))
    eventually(lambda: figures(client), lambda found: found[:4] == (2, 0, 300, 30))
    client.post(spans(told[4], told[1]))
    eventually(lambda: client.told("/summary")["spans"], lambda count: count == 4)
    client.post(spans(told[0], told[3]))
    eventually(lambda: figures(client), lambda found: found == TRUTH)
    assert [row["agent"] for row in client.told("/agents")["items"]] == ["planner"]
    assert client.told("/agents")["items"][0]["model_calls"] == 2


def test_a_span_that_is_sent_again_adds_nothing(client: Any, trace: bytes, eventually: Eventually) -> None:
    """In another body, with one attribute more: the fuller copy stands."""
    told = conversation(trace)
    client.post(spans(*told))
    eventually(lambda: figures(client), lambda found: found == TRUTH)
    told[1].attributes.extend(attributes({"more": 1}))
    client.post(spans(*told[:3], span("other", trace=trace, number=9, under=1)))
    eventually(lambda: client.told("/summary")["spans"], lambda count: count == 7)
    eventually(lambda: figures(client), lambda found: found == TRUTH)
    assert client.told(f"/traces/{trace.hex()}/spans/{(2).to_bytes(8).hex()}")["attributes"]["more"] == 1


def test_equal_response_ids_are_one_call_in_other_traces_too(client: Any, trace: bytes, eventually: Eventually) -> None:
    """A stream that the client library tells of in a trace of its own."""
    client.post(spans(chat(trace=trace, number=1, response="r-9", tokens=None), span("other", trace=trace, number=5)))
    client.post(spans(chat(trace=b"o" * 16, number=2, response="r-9", tokens=(7, 3))))
    eventually(lambda: client.told("/summary")["traces"], lambda count: count == 2)
    eventually(lambda: figures(client), lambda found: found[:4] == (1, 0, 7, 3))


def test_a_failed_call_is_a_call(client: Any, trace: bytes, eventually: Eventually) -> None:
    """It has no tokens, and its retry is another one."""
    client.post(spans(failed(chat(trace=trace, number=1, tokens=None)), chat(trace=trace, number=2, tokens=(10, 1))))
    eventually(lambda: figures(client), lambda found: found[:4] == (2, 1, 10, 1))


def api_request(session: str, tokens: int) -> LogRecord:
    """A model call as a coding agent logs it."""
    told = {"event.name": "api_request", "session.id": session, "model": "claude-sonnet-4-5", "input_tokens": tokens, "output_tokens": 3}
    return LogRecord(time_unix_nano=time.time_ns(), event_name="claude_code.api_request", attributes=attributes(told))


def test_calls_that_only_log_records_tell_of_are_counted(client: Any, trace: bytes, eventually: Eventually) -> None:
    """Where a session has spans the records repeat them."""
    client.post(records(api_request("by-logs", 12), api_request("both", 40), scope="com.anthropic.claude_code.events"))
    client.post(spans(chat(trace=trace, number=1, session__id="both", tokens=(40, 3))))
    eventually(lambda: client.told("/summary")["spans"])
    eventually(lambda: figures(client), lambda found: found[:4] == (2, 0, 52, 6))
    assert client.told("/summary")["names"]["sessions"] == ["both", "by-logs"]


def test_tools_that_only_messages_tell_of_are_counted(client: Any, trace: bytes, eventually: Eventually) -> None:
    """The model asks for a tool, and its answer goes into the next call."""
    asked = {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Rome"}}]}
    question = {"role": "user", "parts": [{"type": "text", "content": "And in Rome?"}]}
    answered = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "Error: no such city"}]}
    first = chat(trace=trace, number=1, gen_ai__input__messages=json.dumps([question]), gen_ai__output__messages=json.dumps([asked]))
    history = json.dumps([question, asked, answered])
    client.post(spans(first, chat(trace=trace, number=2, gen_ai__input__messages=history), chat(trace=trace, number=3, gen_ai__input__messages=history)))
    eventually(lambda: figures(client), lambda found: found == (3, 0, 30, 15, 1, 1))
    said = client.told(f"/traces/{trace.hex()}/messages")["items"]
    assert [message["role"] for message in said] == ["user", "assistant", "tool"]
    told = client.told(f"/traces/{trace.hex()}/spans/{(2).to_bytes(8).hex()}/messages")["items"]
    assert [(message["role"], message["new"]) for message in told] == [("user", False), ("assistant", False), ("tool", True)]


def test_one_session_is_told_over_its_whole_life(client: Any, trace: bytes, eventually: Eventually) -> None:
    """Whatever the range; one that nobody told of is not found."""
    client.post(spans(agent(trace, session__id="chat/1"), chat(trace=trace, number=2, under=1, tokens=(10, 1), session__id="chat/1")))
    eventually(lambda: client.told("/summary")["spans"], lambda count: count == 2)
    told = client.told("/sessions/chat/1")
    assert (told["session_id"], told["traces"], told["spans"], told["model_calls"]) == ("chat/1", 1, 2, 1)
    assert client.get("/sessions/nobody").status_code == 404


def test_a_search_counts_what_only_log_records_tell(client: Any, trace: bytes, eventually: Eventually) -> None:
    """The summary, the lists of sessions and models, and the series; what only spans know finds nothing of it."""
    client.post(records(api_request("by-logs", 12), api_request("other", 40), scope="com.anthropic.claude_code.events"))
    eventually(lambda: client.told("/summary")["model_calls"], lambda calls: calls == 2)
    for query, calls in (("session:by-logs", 1), ("model:claude*", 2), ("kind:llm session:other", 1), ("tokens>30", 1), ("is:root", 0)):
        assert client.told("/summary", query=query)["model_calls"] == calls, query
        assert len(client.items("/sessions", query=query)) == calls, query
        assert sum(row["calls"] for row in client.items("/models", query=query)) == calls, query
        assert sum(row["count"] for row in client.told("/series/calls", query=query)["items"]) == calls, query
