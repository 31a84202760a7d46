"""What each provider's file reads out of its exchanges."""

import json
from base64 import b64encode

import pytest
from tests.collect.flows.conftest import attribute, chunked, reply, said
from tests.collect.flows.providers.samples import (
    ANTHROPIC,
    ANTHROPIC_EVENTS,
    CONVERSE,
    CONVERSE_EVENTS,
    GEMINI,
    GEMINI_CHUNKS,
    OLLAMA,
    OLLAMA_LINES,
    OPENAI_CHAT,
    OPENAI_CHUNKS,
    RESPONSE,
    RESPONSE_EVENTS,
    RESPONSES,
    TOOL,
    asked,
    framed,
    streamed,
)

CALL = {"type": "tool_call", "name": "get_weather", "arguments": {"city": "Rome"}}
DEFINITION = {"type": "function", "name": TOOL["name"], "description": TOOL["description"], "parameters": TOOL["schema"]}


def usage(span):
    return {name.removeprefix("gen_ai.usage."): value for name, value in span.attributes.items() if name.startswith("gen_ai.usage.")}


def request(span, *names):
    return [attribute(span, f"gen_ai.request.{name}") for name in names]


def spoken(span):
    """Finish reason and parts of the answer."""
    (message,) = said(span)
    return message.get("finish_reason"), message["parts"]


def test_openai_chat_streamed():
    """Deltas of a text and of a tool call are put together; usage is in the last chunk."""
    span = asked("/v1/chat/completions", {**OPENAI_CHAT, "stream": True}, streamed(OPENAI_CHUNKS))
    assert spoken(span) == ("tool_call", [{"type": "text", "content": "wait"}, {**CALL, "id": "c2"}])
    assert usage(span) == {"input_tokens": 50, "output_tokens": 20, "cache_read.input_tokens": 32, "reasoning.output_tokens": 8}
    assert request(span, "model", "temperature", "max_tokens", "stop_sequences", "seed", "stream") == ["gpt-4o-mini", 0.5, 100, ["END"], 7, True]
    assert said(span, "gen_ai.tool.definitions") == [DEFINITION]
    assert (attribute(span, "gen_ai.response.finish_reasons"), attribute(span, "gen_ai.response.model")) == (["tool_calls"], "gpt-4o-mini-2024")


def test_a_stream_without_usage_is_a_call_without_usage():
    """Nothing is made up."""
    span = asked("/v1/chat/completions", {**OPENAI_CHAT, "stream": True}, streamed([*OPENAI_CHUNKS[:-2], b"[DONE]"]))
    assert usage(span) == {}
    assert attribute(span, "spyglass.capture") is None


def test_several_choices_are_several_messages():
    """In the order of their index."""
    choices = [{"index": n, "message": {"role": "assistant", "content": f"c{n}"}, "finish_reason": "stop"} for n in (0, 1)]
    span = asked("/v1/chat/completions", {**OPENAI_CHAT, "n": 2}, {"id": "x", "choices": choices})
    assert [message["parts"][0]["content"] for message in said(span)] == ["c0", "c1"]


RATE = {"type": "rate_limit_error", "message": "slow down"}
BUSY = {"type": "overloaded_error", "message": "busy"}
WRONG = {"code": 400, "status": "INVALID_ARGUMENT", "message": "no"}
KEY = {"code": "invalid_api_key", "message": "Incorrect API key: sk-abc"}


@pytest.mark.parametrize(
    ("path", "body", "status", "answer", "error", "failed"),
    [
        ("/v1/chat/completions", OPENAI_CHAT, "429 Too Many", {"error": RATE}, "rate_limit_error", "429 rate_limit_error: slow down"),
        ("/v1/messages", ANTHROPIC, "529 Overloaded", {"type": "error", "error": BUSY}, "overloaded_error", "529 overloaded_error: busy"),
        ("/v1beta/models/g:generateContent", GEMINI, "400 Bad", {"error": WRONG}, "INVALID_ARGUMENT", "400 INVALID_ARGUMENT: no"),
        ("/v1/responses", RESPONSES, "401 No", {"error": KEY}, "invalid_api_key", "401 invalid_api_key"),
        ("/api/chat", OLLAMA, "404 Not Found", {"error": "model not found"}, "error", "404 error: model not found"),
        ("/v1/chat/completions", OPENAI_CHAT, "502 Bad Gateway", b"<html>", "502", "502"),
    ],
)
def test_errors_are_told_by_their_type(path, body, status, answer, error, failed):
    """With the message, unless the key may be in it."""
    span = asked(path, body, reply(answer, status=status))
    assert (attribute(span, "error.type"), span.failed) == (error, failed)


def test_an_error_within_a_stream_is_an_error():
    """The status was 200 already."""
    span = asked("/v1/messages", ANTHROPIC, streamed([*ANTHROPIC_EVENTS[:3], {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}]))
    assert span.failed == "overloaded_error: busy"


@pytest.mark.parametrize("answer", [reply(RESPONSE), streamed(RESPONSE_EVENTS, named=True), streamed(RESPONSE_EVENTS[:-1])])
def test_responses(answer):
    """Whole, streamed, and streamed without the last event: the items have said all but the usage."""
    span = asked("/v1/responses", RESPONSES, answer)
    assert spoken(span)[1] == [{"type": "reasoning", "content": "easy"}, {"type": "text", "content": "21 degrees"}]
    assert attribute(span, "gen_ai.response.id") == "resp_7"
    assert usage(span) in ({}, {"input_tokens": 40, "output_tokens": 12, "cache_read.input_tokens": 8, "reasoning.output_tokens": 4})
    assert [message["role"] for message in said(span, "gen_ai.input.messages")] == ["user", "assistant", "tool"]
    assert (said(span, "gen_ai.system_instructions"), attribute(span, "gen_ai.conversation.id")) == ([{"type": "text", "content": "be brief"}], "conv_1")
    assert said(span, "gen_ai.tool.definitions") == [DEFINITION]


def test_responses_cut_within_a_text():
    """The deltas since the last item are the answer so far."""
    span = asked("/v1/responses", RESPONSES, streamed(RESPONSE_EVENTS[:4]))
    assert spoken(span)[1] == [{"type": "reasoning", "content": "easy"}, {"type": "text", "content": "21 "}]
    assert attribute(span, "spyglass.capture") == "cut"


def test_anthropic_streamed():
    """Thinking, text and a tool call, each block with its index; cached tokens are in the input."""
    span = asked("/v1/messages", ANTHROPIC, streamed(ANTHROPIC_EVENTS, named=True))
    assert spoken(span) == ("tool_call", [{"type": "reasoning", "content": "let me see"}, {"type": "text", "content": "I look"}, {**CALL, "id": "t2"}])
    assert usage(span) == {"input_tokens": 115, "output_tokens": 30, "cache_read.input_tokens": 100, "cache_write.input_tokens": 5}
    assert (attribute(span, "gen_ai.provider.name"), attribute(span, "gen_ai.response.finish_reasons")) == ("anthropic", ["tool_use"])
    assert attribute(span, "gen_ai.conversation.id") == "0f0f0f0f-1111-2222-3333-444444444444"
    assert said(span, "gen_ai.tool.definitions") == [DEFINITION]


def test_anthropic_whole():
    """One document."""
    answer = {"id": "msg_2", "type": "message", "role": "assistant", "model": "c", "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn"}
    span = asked("/v1/messages", {**ANTHROPIC, "stream": False}, answer)
    assert spoken(span) == ("stop", [{"type": "text", "content": "hi"}])


@pytest.mark.parametrize("answer", [streamed(GEMINI_CHUNKS), [reply(GEMINI_CHUNKS)], streamed([{"response": chunk} for chunk in GEMINI_CHUNKS])])
def test_gemini(answer):
    """As events, as one list, and in Gemini CLI's envelope; tokens of thinking are in the output."""
    span = asked("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&key=AIza", GEMINI, answer, host="generativelanguage.googleapis.com")
    assert (span.name, spoken(span)[1]) == (
        "generate_content gemini-2.5-flash",
        [{"type": "reasoning", "content": "thinking"}, {"type": "text", "content": "21 degrees"}],
    )
    assert usage(span) == {"input_tokens": 20, "output_tokens": 12, "cache_read.input_tokens": 4, "reasoning.output_tokens": 7}
    assert [message["role"] for message in said(span, "gen_ai.input.messages")] == ["user", "assistant", "tool"]
    assert (attribute(span, "gen_ai.provider.name"), request(span, "temperature", "max_tokens", "top_k")) == ("gcp.gemini", [0.1, 99, 40])
    assert "AIza" not in repr(span)


def test_gemini_cli_asks_in_an_envelope():
    """The model stands beside the request."""
    span = asked("/v1internal:streamGenerateContent?alt=sse", {"model": "gemini-2.5-pro", "request": {**GEMINI, "session_id": "s9"}}, streamed(GEMINI_CHUNKS))
    assert (span.name, attribute(span, "gen_ai.conversation.id")) == ("generate_content gemini-2.5-pro", "s9")


def test_ollama_streamed():
    """A document a line; without being asked for."""
    lines = [json.dumps(line).encode() + b"\n" for line in OLLAMA_LINES]
    span = asked("/api/chat", OLLAMA, chunked(lines, kind="application/x-ndjson"), host="localhost:11434")
    assert (spoken(span), usage(span)) == (("stop", [{"type": "text", "content": "hello"}]), {"input_tokens": 11, "output_tokens": 3})
    assert (attribute(span, "gen_ai.provider.name"), attribute(span, "server.address"), attribute(span, "server.port")) == ("ollama", "localhost", 11434)
    assert request(span, "temperature", "max_tokens", "stream") == [0.2, 10, True]


def test_ollama_generate():
    """A prompt instead of messages."""
    span = asked("/api/generate", {"model": "l", "prompt": "p", "stream": False}, {"model": "l", "response": "r", "done": True, "eval_count": 1})
    assert (span.name, spoken(span)[1]) == ("text_completion l", [{"type": "text", "content": "r"}])


def test_bedrock_converse_streamed():
    """Frames with types; cached tokens are in the input."""
    span = asked("/model/us.anthropic.claude-v1%3A0/converse-stream", CONVERSE, framed(*CONVERSE_EVENTS), host="bedrock-runtime.us-east-1.amazonaws.com")
    assert span.name == "chat us.anthropic.claude-v1:0"
    assert spoken(span) == ("tool_call", [{"type": "text", "content": "I look"}, {**CALL, "id": "t2"}])
    assert usage(span) == {"input_tokens": 100, "output_tokens": 4, "cache_read.input_tokens": 90}
    assert (attribute(span, "gen_ai.provider.name"), said(span, "gen_ai.tool.definitions")) == ("aws.bedrock", [DEFINITION])
    assert attribute(span, "gen_ai.response.time_to_first_chunk") > 0


def test_bedrock_converse_whole():
    """One document."""
    answer = {
        "output": {"message": {"role": "assistant", "content": [{"text": "hi"}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 2},
    }
    span = asked("/model/m/converse", CONVERSE, answer)
    assert (spoken(span), usage(span)) == (("stop", [{"type": "text", "content": "hi"}]), {"input_tokens": 1, "output_tokens": 2})


def test_bedrock_invoked_with_anthropics_messages():
    """Its events are inside of frames, in base64."""
    events = [("chunk", {"bytes": b64encode(json.dumps(event).encode()).decode()}) for event in ANTHROPIC_EVENTS]
    span = asked("/model/m/invoke-with-response-stream", {**ANTHROPIC, "anthropic_version": "bedrock-2023-05-31"}, framed(*events))
    assert (attribute(span, "gen_ai.provider.name"), attribute(span, "gen_ai.response.id")) == ("aws.bedrock", "msg_1")
    assert spoken(span)[1][1] == {"type": "text", "content": "I look"}


def test_embeddings():
    """Texts and tokens, no vectors."""
    span = asked(
        "/v1/embeddings",
        {"model": "e", "input": ["a", "b"], "dimensions": 8},
        {"model": "e", "data": [{"embedding": [0.5] * 8}], "usage": {"prompt_tokens": 2}},
    )
    assert (span.name, usage(span), attribute(span, "gen_ai.embeddings.dimension.count")) == ("embeddings e", {"input_tokens": 2}, 8)
    assert attribute(span, "gen_ai.output.messages") is None


def test_completions():
    """A text goes on."""
    chunks = [{"id": "cmpl-1", "choices": [{"index": 0, "text": text}]} for text in ("on", "ce")]
    span = asked("/v1/completions", {"model": "m", "prompt": "p", "stream": True}, streamed([*chunks, b"[DONE]"]))
    assert (span.name, spoken(span)[1]) == ("text_completion m", [{"type": "text", "content": "once"}])


@pytest.mark.parametrize(
    ("body", "answer", "provider"),
    [
        (OPENAI_CHAT, streamed(OPENAI_CHUNKS), "openai"),
        (ANTHROPIC, streamed(ANTHROPIC_EVENTS), "anthropic"),
        (RESPONSES, [reply(RESPONSE)], "openai"),
        (GEMINI, [reply(GEMINI_CHUNKS[-1])], "gcp.gemini"),
        (OLLAMA, [reply(OLLAMA_LINES[-1])], "ollama"),
    ],
)
def test_a_gateway_with_a_path_of_its_own_is_known_by_what_it_says(body, answer, provider):
    """The shape of the question and its answer tells."""
    assert attribute(asked("/my/llm", body, answer, host="gateway.internal"), "gen_ai.provider.name") == provider


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("api.openai.com", "openai"),
        ("my.openai.azure.com", "azure.ai.openai"),
        ("api.groq.com", "groq"),
        ("localhost:8000", "openai"),
        ("openrouter.ai", "openrouter"),
    ],
)
def test_the_provider_is_who_answers(host, provider):
    """By the host; at one that nobody knows, who invented the interface."""
    assert attribute(asked("/v1/chat/completions", OPENAI_CHAT, {"choices": []}, host=host), "gen_ai.provider.name") == provider


@pytest.mark.parametrize("body", [{"messages": "none"}, {"messages": [{"text": "of a mail"}]}, [1, 2], {"input": "x"}, b"{broken"])
def test_other_posts_are_plain_http(body):
    """JSON that is no model's."""
    assert asked("/api/things", body, {"done": "yes"}).name == "POST"


@pytest.mark.parametrize("odd", [None, [], {"a": 1}, "x", 5])
def test_values_of_any_kind_are_survived_in_frames_too(odd):
    """The same for Bedrock."""
    for changed in variants(CONVERSE, odd):
        asked("/model/m/converse-stream", changed, framed(*CONVERSE_EVENTS))
    for number, (kind, document) in enumerate(CONVERSE_EVENTS):
        for changed in variants(document, odd):
            asked("/model/m/converse-stream", CONVERSE, framed(*CONVERSE_EVENTS[:number], (kind, changed), *CONVERSE_EVENTS[number + 1 :]))


ODD = [None, 0, "x", [], {}, [None], [0], ["x"], [[]], {"a": None}, 1e400, "\ud800", -1, True, 2**80]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    ("path", "body", "answers"),
    [
        ("/v1/chat/completions", OPENAI_CHAT, OPENAI_CHUNKS),
        ("/v1/responses", RESPONSES, RESPONSE_EVENTS),
        ("/v1/messages", ANTHROPIC, ANTHROPIC_EVENTS),
        ("/v1beta/models/g:generateContent", GEMINI, GEMINI_CHUNKS),
        ("/api/chat", OLLAMA, OLLAMA_LINES),
    ],
)
def test_values_of_any_kind_in_any_place_are_survived(path, body, answers, odd):
    """Each value of a request, and of each event, is replaced by something that it should not be; the call is told."""
    for changed in variants(body, odd):
        asked(path, json.dumps(changed).encode(), streamed(answers))
    for number, answer in enumerate(answers):
        for changed in variants(answer, odd) if isinstance(answer, dict) else []:
            asked(path, body, streamed([*answers[:number], changed, *answers[number + 1 :]]))


def variants(value, odd, depth=0):
    """Copies of a document in each of which one value is `odd`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, inner in items:
        for changed in [odd, *(variants(inner, odd, depth + 1) if depth < 5 else [])]:
            copy = value.copy()
            copy[key] = changed
            yield copy
