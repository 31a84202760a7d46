"""What is told goes the road as telemetry of an instrumented client does: the canonical columns and messages are the same."""

import json

import pytest
from tests.collect.flows.conftest import START, chunks, post, reply, told
from tests.collect.flows.providers.samples import (
    ANTHROPIC,
    ANTHROPIC_EVENTS,
    CONVERSE,
    GEMINI,
    GEMINI_CHUNKS,
    OLLAMA,
    OLLAMA_LINES,
    OPENAI_CHAT,
    OPENAI_CHUNKS,
    RESPONSE_EVENTS,
    RESPONSES,
    asked,
    streamed,
)

from spyglass.collect.otlp import Bounds, Scope, encode
from spyglass.decode.decoder import Decoder
from spyglass.model.body import Body
from spyglass.model.schema import Kind
from spyglass.model.told import Span, Told
from spyglass.refine.chain import Chain, Step
from spyglass.refine.dialect import Dialects
from spyglass.refine.messages.stage import Messages
from spyglass.refine.normalise import Normaliser

DIALECTS = Dialects.load()


def refined(*items):
    """The rows of spans that went the road, as dicts, and their messages by hash."""
    drops = []
    bodies = [
        Body(found.signal, "protobuf", found.data)
        for found in encode(Told({"service.name": "agent"}, spans=items), Scope("spyglass", "1"), lambda *why: drops.append(why), Bounds())
    ]
    decoded = Decoder().decode("traces", bodies, START)
    assert drops == []
    chain = Chain([Step("normalise", Normaliser(DIALECTS)), Step("messages", Messages([dialect.messages for _, dialect in DIALECTS]))])
    batch = decoded.batch
    assert batch.kind is Kind.SPAN
    return chain(batch).batch


def rows(*items):
    return refined(*items).rows.to_pylist()


@pytest.mark.parametrize(
    ("path", "body", "answer", "expected"),
    [
        ("/v1/chat/completions", OPENAI_CHAT, OPENAI_CHUNKS, ("openai", "gpt-4o-mini", "gpt-4o-mini-2024", "chatcmpl-9", ["tool_call"], 50, 20, 32, 0, 8)),
        ("/v1/responses", RESPONSES, RESPONSE_EVENTS, ("openai", "gpt-5", "gpt-5-2025", "resp_7", ["stop"], 40, 12, 8, 0, 4)),
        ("/v1/messages", ANTHROPIC, ANTHROPIC_EVENTS, ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-2025", "msg_1", ["tool_call"], 115, 30, 100, 5, 0)),
        (
            "/v1/models/gemini-2.5:streamGenerateContent",
            GEMINI,
            GEMINI_CHUNKS,
            ("gcp.gemini", "gemini-2.5", "gemini-2.5-flash-001", "g1", ["stop"], 20, 12, 4, 0, 7),
        ),
        ("/api/chat", OLLAMA, OLLAMA_LINES[-1:], ("ollama", "llama3.2", "llama3.2", "", ["stop"], 11, 3, 0, 0, 0)),
    ],
)
def test_a_model_call_has_the_canonical_columns(path, body, answer, expected):
    """As if the client had been instrumented."""
    (row,) = rows(asked(path, body, streamed(answer)))
    names = "provider request_model response_model response_id finish_reasons input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens"
    assert tuple(row[name] for name in names.split()) == expected
    assert (row["kind"], row["has_usage"], row["plumbing"], row["status"], row["issues"]) == ("llm", True, False, "unset", [])
    assert len(row["output_messages"]) == (0 if path == "/api/chat" else 1)


@pytest.mark.parametrize(
    ("path", "body", "raw"),
    [
        ("/v1/chat/completions", OPENAI_CHAT, OPENAI_CHAT["messages"]),
        ("/v1/responses", RESPONSES, RESPONSES["input"]),
        ("/v1/messages", ANTHROPIC, ANTHROPIC["messages"]),
        ("/v1/models/g:generateContent", GEMINI, GEMINI["contents"]),
        ("/api/chat", OLLAMA, OLLAMA["messages"]),
        ("/model/m/converse", CONVERSE, CONVERSE["messages"]),
    ],
)
def test_messages_are_the_ones_that_other_instrumentations_tell(path, body, raw):
    """Their hashes are those of the provider's own messages: calls told twice are joined by content, and a conversation is kept once."""
    seen = asked(path, body, {"id": "x"})
    other = Span(
        "chat", START, START, bytes(15) + b"1", bytes(7) + b"1", attributes={"gen_ai.operation.name": "chat", "gen_ai.input.messages": json.dumps(raw)}
    )
    ours, theirs = rows(seen, other)
    assert ours["input_messages"][-len(theirs["input_messages"]) :] == theirs["input_messages"]
    assert len(ours["input_messages"]) - len(theirs["input_messages"]) == (1 if seen.attributes.get("gen_ai.system_instructions") else 0)


def test_an_answer_is_the_message_that_the_next_request_repeats():
    """So that it is stored once."""
    answer = {
        "role": "assistant",
        "content": "wait",
        "tool_calls": [{"id": "c2", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'}}],
    }
    first = asked("/v1/chat/completions", OPENAI_CHAT, streamed(OPENAI_CHUNKS))
    second = asked("/v1/chat/completions", {**OPENAI_CHAT, "messages": [*OPENAI_CHAT["messages"], answer]}, {"id": "y"})
    one, two = rows(first, second)
    assert two["input_messages"] == one["input_messages"] + one["output_messages"]


def test_a_failed_call_is_an_error():
    """With its type."""
    (row,) = rows(asked("/v1/chat/completions", OPENAI_CHAT, reply({"error": {"type": "rate_limit_error"}}, status="429 Too Many Requests")))
    assert (row["kind"], row["status"], row["error_type"], row["has_usage"]) == ("llm", "error", "rate_limit_error", False)


def test_a_tool_call_of_mcp_is_a_tool():
    """With its arguments and its result; the other questions are MCP's."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"q": "x"}}}
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "found"}]}}
    lists = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    found = told(
        chunks(
            [
                ("out", post("/mcp", call)),
                ("in", reply(answer)),
                ("out", post("/mcp", lists)),
                ("in", reply({"jsonrpc": "2.0", "id": 2, "result": {"tools": []}})),
            ]
        )
    )
    first, second = rows(*found)
    assert (first["kind"], first["tool"], first["input"], first["output"]) == ("tool", "search", '{"q":"x"}', "found")
    assert (second["kind"], second["operation"]) == ("mcp", "tools/list")


def test_plain_http_is_a_plain_span():
    """No kind of its own."""
    (row,) = rows(asked("/things", {"a": 1}, {"b": 2}))
    assert (row["kind"], row["name"], row["span_kind"]) == ("span", "POST", "client")
