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
    eventually(lambda: client.told("/summary")["model_calls"])
    told = client.told("/sessions/chat/1")
    assert (told["session_id"], told["traces"], told["spans"], told["model_calls"]) == ("chat/1", 1, 2, 1)
    assert client.get("/sessions/nobody").status_code == 404


def test_a_session_of_log_records_that_are_no_calls_has_its_time(client: Any, eventually: Eventually) -> None:
    """It is listed and can be opened, with nothing counted."""
    said = LogRecord(time_unix_nano=time.time_ns(), event_name="claude_code.user_prompt", attributes=attributes({"session.id": "said"}))
    client.post(records(said, scope="com.anthropic.claude_code.events"))
    eventually(lambda: client.items("/sessions"), lambda found: len(found) == 1)
    (listed,) = client.items("/sessions")
    assert (listed["session_id"], listed["model_calls"], listed["spans"]) == ("said", 0, 0)
    assert listed["start"] == listed["end"] != ""
    assert client.told("/sessions/said") == listed


def test_a_search_counts_what_only_log_records_tell(client: Any, trace: bytes, eventually: Eventually) -> None:
    """The summary, the lists of sessions and models, and the series; what only spans know finds nothing of it."""
    client.post(records(api_request("by-logs", 12), api_request("other", 40), scope="com.anthropic.claude_code.events"))
    eventually(lambda: client.told("/summary")["model_calls"], lambda calls: calls == 2)
    for query, calls in (("session:by-logs", 1), ("model:claude*", 2), ("kind:llm session:other", 1), ("tokens>30", 1), ("is:root", 0)):
        assert client.told("/summary", query=query)["model_calls"] == calls, query
        assert len(client.items("/sessions", query=query)) == calls, query
        assert sum(row["calls"] for row in client.items("/models", query=query)) == calls, query
        assert sum(row["count"] for row in client.told("/series/calls", query=query)["items"]) == calls, query


def transcript(session: str, trace: bytes, *calls: tuple[str, int]) -> Any:
    """A turn as the runner of transcripts tells it: an agent, its model calls (response id and input tokens), and a tool."""
    made = [agent(trace, session__id=session)]
    made += [chat(trace=trace, number=2 + at, under=1, response=each, tokens=(tokens, 3), session__id=session) for at, (each, tokens) in enumerate(calls)]
    return spans(*made, tool(trace, 90, 1, name="Bash", session__id=session), service="claude-code", scope="spyglass.runner.transcripts")


@pytest.mark.parametrize("transcript_first", [True, False])
def test_a_transcript_counts_where_the_agent_does_not_tell_itself(client: Any, trace: bytes, eventually: Eventually, transcript_first: bool) -> None:
    """Of one session OTLP has the same calls, of another nothing; a call with the same response id is the same one, whichever came first."""
    own = spans(
        agent(trace, session__id="both"),
        chat(trace=trace, number=2, under=1, response="msg_1", tokens=(40, 3), session__id="both"),
        chat(trace=trace, number=3, under=1, tokens=(50, 3), session__id="both"),
        tool(trace, 4, 1, name="Bash", session__id="both"),
    )
    written = [transcript("both", b"b" * 16, ("msg_1", 40), ("msg_2", 50)), transcript("alone", b"a" * 16, ("msg_3", 7))]
    for sent, count in zip([*written, own] if transcript_first else [own, *written], (4, 7, 11) if transcript_first else (4, 8, 11), strict=True):
        client.post(sent)
        eventually(lambda: client.told("/summary")["spans"], lambda found, count=count: found == count)
    eventually(lambda: figures(client), lambda found: found == (3, 0, 97, 9, 2, 0))
    assert sum(row["count"] for row in client.sql("SELECT count() AS count FROM calls WHERE kind = 'llm'")) == 3
    assert {row["session_id"]: (row["model_calls"], row["tool_calls"]) for row in client.items("/sessions")} == {"both": (2, 1), "alone": (1, 1)}
    assert {row["trace_id"]: row["model_calls"] for row in client.items("/traces")} == {trace.hex(): 2, (b"b" * 16).hex(): 2, (b"a" * 16).hex(): 1}
    assert client.told(f"/traces/{(b'b' * 16).hex()}")["trace"]["input_tokens"] == 90


def test_a_transcript_tells_more_than_log_records_do(client: Any, trace: bytes, eventually: Eventually) -> None:
    """Coding agents that log their calls without spans for them: each is counted once."""
    client.post(records(api_request("both", 40), scope="com.anthropic.claude_code.events"))
    client.post(transcript("both", trace, ("msg_1", 40)))
    eventually(lambda: client.told("/summary")["spans"], lambda found: found == 3)
    eventually(lambda: figures(client), lambda found: found == (1, 0, 40, 3, 1, 0))


def watched(made: Any, watch: str = "w1", **more: Any) -> Any:
    """The same, told by something that runs under a watch."""
    made.resource_spans[0].resource.attributes.extend(attributes({"host.id": "h1", "spyglass.watch.id": watch, **more}))
    return made


def on_the_wire(trace: bytes, *calls: Span) -> Any:
    """What a watch reads from connections."""
    return watched(spans(*calls, service="agent", scope="spyglass.watch"))


@pytest.mark.parametrize("wire_first", [True, False])
def test_a_call_on_the_wire_is_one_with_the_span_that_surely_tells_it(client: Any, trace: bytes, eventually: Eventually, wire_first: bool) -> None:
    """The span names no response; process, time, model and tokens agree. Told again, it stays one."""
    now = time.time_ns() - 10 * 10**9
    inner = {"start_ns": now + 10**8, "duration_ns": 8 * 10**8}
    wire = on_the_wire(b"w" * 16, chat(trace=b"w" * 16, number=7, response="chatcmpl-1", tokens=(40, 3), **inner))
    own = watched(spans(agent(trace), chat(trace=trace, number=2, under=1, tokens=(40, 3), start_ns=now)))
    for sent in (wire, own) if wire_first else (own, wire):
        client.post(sent)
        eventually(lambda: client.told("/summary")["model_calls"])
    eventually(lambda: (client.told("/summary")["spans"], *figures(client)[:4]), lambda found: found == (3, 1, 0, 40, 3))
    client.post(watched(spans(tool(trace, 3, 1))))
    eventually(lambda: (client.told("/summary")["spans"], *figures(client)[:5]), lambda found: found == (4, 1, 0, 40, 3, 1))
    assert client.sql("SELECT response_id, agent, source FROM calls WHERE kind = 'llm'") == [
        {"response_id": "chatcmpl-1", "agent": "planner", "source": "span"}
    ]
    assert {row["trace_id"]: row["model_calls"] for row in client.items("/traces")}[trace.hex()] == 1


def test_tokens_that_the_span_leaves_out_come_from_the_wire(client: Any, trace: bytes, eventually: Eventually) -> None:
    """The answer is the same word for word."""
    now = time.time_ns() - 10 * 10**9
    said = {"gen_ai__output__messages": json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": "Rome is sunny."}]}])}
    inner = {"start_ns": now + 10**8, "duration_ns": 8 * 10**8}
    client.post(watched(spans(chat(trace=trace, number=2, tokens=None, start_ns=now, **said))))
    client.post(on_the_wire(b"x" * 16, chat(trace=b"x" * 16, number=7, response="chatcmpl-2", tokens=(40, 3), **inner, **said)))
    eventually(lambda: (client.told("/summary")["spans"], *figures(client)[:4]), lambda found: found == (2, 1, 0, 40, 3))


def test_what_may_be_one_call_is_said(client: Any, trace: bytes, eventually: Eventually) -> None:
    """Nothing names the process, and nothing says that they differ: two calls, and a hint in telemetry health."""
    now = time.time_ns() - 10 * 10**9
    client.post(on_the_wire(b"y" * 16, chat(trace=b"y" * 16, number=7, response="chatcmpl-3", tokens=(40, 3), start_ns=now + 10**8, duration_ns=8 * 10**8)))
    client.post(spans(chat(trace=trace, number=2, tokens=None, start_ns=now)))
    eventually(lambda: figures(client)[0], lambda calls: calls == 2)
    [source] = [item for item in client.items("/sources") if item["scope_name"] == "spyglass.watch"]
    assert [hint for hint in source["hints"] if "may be told by a span of the agent, too" in hint]
