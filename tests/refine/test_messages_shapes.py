"""One conversation told in every shape is one conversation."""

import base64
import json

import pytest

from spyglass.refine.messages.canonical import canonical
from spyglass.refine.messages.flattened import read_flattened
from spyglass.refine.messages.reader import Reader
from spyglass.refine.messages.recognise import messages_of

CITY = {"city": "Paris"}
SKY = {"sky": "clear"}
SKY_TEXT = json.dumps(SKY)

# system, user, the model asks for a tool, the tool answers, the model answers
GENAI = [
    {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
    {"role": "user", "parts": [{"type": "text", "content": "Weather?"}]},
    {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "get_weather", "arguments": CITY}], "finish_reason": "tool_call"},
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": SKY}]},
    {"role": "assistant", "parts": [{"type": "text", "content": "Clear."}], "name": None},
]
OPENAI_CALL = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
OPENAI = [
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
    {"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL], "refusal": None},
    {"role": "tool", "tool_call_id": "c1", "content": SKY_TEXT},
    {"role": "assistant", "content": "Clear."},
]
ANTHROPIC = {
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "get_weather", "input": CITY}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": SKY_TEXT}]}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Clear."}]},
    ],
}
RESPONSES = {
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
        {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": '{"city": "Paris"}'},
        {"type": "function_call_output", "call_id": "c1", "output": SKY_TEXT},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Clear."}]},
    ],
}
GEMINI = {
    "config": {"system_instruction": {"parts": [{"text": "Be brief."}], "role": "user"}},
    "contents": [
        {"role": "user", "parts": [{"text": "Weather?"}]},
        {"role": "model", "parts": [{"function_call": {"id": "c1", "name": "get_weather", "args": CITY}}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "c1", "name": "get_weather", "response": SKY}}]},
        {"role": "model", "parts": [{"text": "Clear."}]},
    ],
}
BEDROCK = {
    "system": [{"text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"text": "Weather?"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "c1", "name": "get_weather", "input": CITY}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "status": "success", "content": [{"json": SKY}]}}]},
        {"role": "assistant", "content": [{"text": "Clear."}]},
    ],
}


def lc(kind, **kwargs):
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", kind], "kwargs": kwargs}


LANGCHAIN = {
    "messages": [
        [
            lc("SystemMessage", content="Be brief.", type="system"),
            lc("HumanMessage", content="Weather?", type="human", id="x"),
            lc("AIMessage", content="", tool_calls=[{"name": "get_weather", "args": CITY, "id": "c1", "type": "tool_call"}]),
            lc("ToolMessage", content=SKY_TEXT, tool_call_id="c1", name="get_weather", status="success"),
            lc("AIMessageChunk", content="Clear."),
        ]
    ]
}
LANGCHAIN_PLAIN = {
    "messages": [
        {"type": "system", "content": "Be brief."},
        {"type": "human", "content": "Weather?"},
        {"type": "ai", "content": "", "additional_kwargs": {"tool_calls": [OPENAI_CALL]}},
        {"type": "tool", "content": SKY_TEXT, "tool_call_id": "c1", "name": "get_weather"},
        {"type": "ai", "data": {"content": "Clear."}},
    ]
}
GENKIT = {
    "messages": [
        {"role": "system", "content": [{"text": "Be brief."}]},
        {"role": "user", "content": [{"text": "Weather?"}]},
        {"role": "model", "content": [{"toolRequest": {"ref": "c1", "name": "get_weather", "input": CITY}}]},
        {"role": "tool", "content": [{"toolResponse": {"ref": "c1", "name": "get_weather", "output": SKY}}]},
        {"role": "model", "content": [{"text": "Clear."}]},
    ]
}
AI_SDK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
    {"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "get_weather", "input": CITY}]},
    {"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c1", "toolName": "get_weather", "output": {"type": "json", "value": SKY}}]},
    {"role": "assistant", "content": [{"type": "text", "text": "Clear."}]},
]
LIVEKIT = {
    "items": [
        {"type": "message", "role": "system", "content": ["Be brief.", {"type": "cache_breakpoint"}]},
        {"type": "agent_config_update", "instructions": "Be brief."},
        {"type": "message", "role": "user", "content": ["Weather?"]},
        {"type": "function_call", "call_id": "c1", "arguments": '{"city": "Paris"}', "name": "get_weather"},
        {"type": "function_call_output", "call_id": "c1", "name": "get_weather", "output": SKY_TEXT, "is_error": False},
        {"type": "message", "role": "assistant", "content": ["Clear."]},
    ]
}
PYDANTIC_OLD = [
    {"event.name": "gen_ai.system.message", "content": "Be brief.", "role": "system"},
    {"event.name": "gen_ai.user.message", "content": "Weather?", "role": "user"},
    {"event.name": "gen_ai.assistant.message", "role": "assistant", "tool_calls": [OPENAI_CALL]},
    {"event.name": "gen_ai.tool.message", "id": "c1", "content": SKY_TEXT},
    {"event.name": "gen_ai.assistant.message", "content": "Clear."},
    {"event.name": "gen_ai.choice", "index": 0, "message": {"role": "assistant", "content": "not an input"}},
]
SHAPES = {
    "genai": GENAI,
    "openai chat": OPENAI,
    "openai request": {"model": "m", "messages": OPENAI, "tools": []},
    "anthropic": ANTHROPIC,
    "openai responses": RESPONSES,
    "gemini": GEMINI,
    "bedrock": BEDROCK,
    "langchain": LANGCHAIN,
    "langchain plain": LANGCHAIN_PLAIN,
    "genkit": GENKIT,
    "ai sdk": AI_SDK,
    "livekit": LIVEKIT,
    "pydantic ai 0": PYDANTIC_OLD,
    "a call's arguments": {"args": [], "kwargs": {"messages": OPENAI}},
}
OUTPUTS = {
    "genai": [GENAI[2]],
    "openai response": {"id": "chatcmpl-1", "choices": [{"index": 0, "finish_reason": "tool_calls", "message": OPENAI[2]}]},
    "openai message": OPENAI[2],
    "openai choices": [{"finish_reason": "tool_calls", "index": 0, "message": OPENAI[2]}],
    "openai stream": [
        {"choices": [{"delta": {"role": "assistant", "tool_calls": [{"index": 0, "id": "c1", "function": {"name": "get_weather", "arguments": '{"city"'}}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": ': "Paris"}'}}]}}]},
        {"choices": []},
    ],
    "anthropic response": {"type": "message", "role": "assistant", "content": ANTHROPIC["messages"][1]["content"], "stop_reason": "tool_use"},
    "openai responses": {"object": "response", "output": [{"type": "reasoning", "id": "rs", "summary": []}, RESPONSES["input"][1]]},
    "adk response": {"content": GEMINI["contents"][1], "finish_reason": "STOP", "usage_metadata": {"prompt_token_count": 9}},
    "gemini response": {"candidates": [{"content": GEMINI["contents"][1], "finishReason": "STOP"}]},
    "bedrock response": {"output": {"message": BEDROCK["messages"][1]}, "stopReason": "tool_use"},
    "langchain result": {"generations": [[{"text": "", "type": "ChatGeneration", "message": LANGCHAIN["messages"][0][2]}]], "llm_output": {}},
    "genkit response": {"message": GENKIT["messages"][2], "finishReason": "stop"},
    "ai sdk result": {"text": "", "toolCalls": [{"toolCallId": "c1", "toolName": "get_weather", "args": CITY}]},
    "haystack replies": {"replies": [{"role": "assistant", "content": [{"tool_call": {"id": "c1", "tool_name": "get_weather", "arguments": CITY}}]}]},
}


def grouped(pairs):
    """Flattened attributes by message, in order of their indexes."""
    found = {}
    for key, value in pairs.items():
        index, _, field = key.partition(".")
        found.setdefault(int(index), []).append((field, value))
    return [found[index] for index in sorted(found)]


def told(value, role="user"):
    """Messages without the name of the tool in answers, which only some shapes have."""
    found = messages_of(value, role)
    for message in found:
        for part in message.parts:
            if part["type"] == "tool_call_response":
                part.pop("name", None)
    return [json.loads(canonical(message).body) for message in found]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_an_input_is_the_same_conversation(shape):
    """Roles, texts, calls and answers come out equal, so that their hashes do."""
    assert told(SHAPES[shape]) == told(GENAI)
    assert [message["role"] for message in told(GENAI)] == ["system", "user", "assistant", "tool", "assistant"]


@pytest.mark.parametrize("shape", OUTPUTS)
def test_every_shape_of_an_output_is_the_message_that_comes_back_as_input(shape):
    """An answer has the hash which it has in the history of the next call."""
    [answer] = messages_of(OUTPUTS[shape], "assistant")
    [asked] = [message for message in messages_of(GENAI, "user") if message.parts[0]["type"] == "tool_call"]
    assert canonical(answer).hash == canonical(asked).hash


def test_reasoning_is_a_part_of_its_own():
    """Whatever it is called; encrypted thoughts are left out."""
    shapes = [
        {"role": "assistant", "reasoning_content": "Hm.", "content": "Yes."},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}, {"type": "text", "text": "Yes."}]},
        {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "Hm."}}}, {"text": "Yes."}]},
        {"role": "model", "parts": [{"text": "Hm.", "thought": True}, {"text": "Yes."}]},
        {"role": "assistant", "parts": [{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "Yes."}]},
        {
            "role": "assistant",
            "content": [{"type": "redacted_thinking", "data": "zzz"}, {"type": "reasoning", "text": "Hm."}, {"type": "text", "text": "Yes."}],
        },
    ]
    assert {canonical(messages_of(shape, "assistant")[0]).text for shape in shapes} == {"Hm.\nYes."}


def test_a_failed_tool_says_so():
    """Flags of every shape become one."""
    shapes = [
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "no", "is_error": True}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "c", "status": "error", "content": [{"text": "no"}]}}]},
        {"type": "tool", "tool_call_id": "c", "content": "no", "status": "error"},
        {"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c", "output": {"type": "error-text", "value": "no"}}]},
    ]
    bodies = [told(shape)[0] for shape in shapes]
    assert bodies == [{"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "no", "is_error": True}]}] * 4


def test_large_images_become_their_hash_and_size():
    """As data URL, as base64 source, as inline data, deep inside a tool's answer; a small one stays."""
    content = base64.b64encode(bytes(range(256)) * 8).decode()
    shapes = [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{content}"}}]},
        {"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": content}}]},
        {"role": "user", "parts": [{"type": "blob", "modality": "image", "mime_type": "image/png", "content": content}]},
        {"role": "user", "content": [{"image": {"format": "png", "source": {"bytes": content}}}]},
    ]
    bodies = [told(shape)[0] for shape in shapes]
    assert bodies[1:] == bodies[:-1]
    assert bodies[0]["parts"][0] | {"sha256": ""} == {"type": "blob", "mime_type": "image/png", "modality": "image", "size_bytes": 2048, "sha256": ""}
    deep = {"role": "tool", "tool_call_id": "c", "content": json.dumps({"shots": [{"png": f"data:image/png;base64,{content}"}]})}
    assert content not in canonical(messages_of(deep, "user")[0]).body.decode()
    small = messages_of({"role": "user", "content": [{"type": "image_url", "image_url": "data:image/png;base64,AAAA"}]}, "user")[0]
    assert small.parts == [{"type": "blob", "mime_type": "image/png", "modality": "image", "content": "AAAA"}]


def test_openinference_is_rebuilt_from_its_attributes():
    """Contents, nested calls and gaps in the indexes; single items of the Responses API make one message again."""
    pairs = {
        "0.message.role": "system",
        "0.message.content": "Be brief.",
        "3.message.role": "user",
        "3.message.contents.0.message_content.type": "text",
        "3.message.contents.0.message_content.text": "Weather?",
        "10.message.role": "assistant",
        "10.message.tool_calls.0.tool_call.id": "c1",
        "10.message.tool_calls.0.tool_call.function.name": "get_weather",
        "10.message.tool_calls.0.tool_call.function.arguments": '{"city": "Paris"}',
        "11.message.role": "tool",
        "11.message.tool_call_id": "c1",
        "11.message.content": SKY_TEXT,
        "12.message.role": "assistant",
        "12.message.contents.0.message_content.text": "Clear.",
    }
    found = read_flattened(grouped(pairs), "user")
    assert [canonical(message).hash for message in found] == [canonical(message).hash for message in messages_of(GENAI, "user")]


def test_openllmetry_is_rebuilt_from_its_attributes():
    """The same with other names; content may be JSON of blocks."""
    pairs = {
        "0.role": "system",
        "0.content": "Be brief.",
        "1.role": "user",
        "1.content": '[{"type": "text", "text": "Weather?"}]',
        "2.role": "assistant",
        "2.tool_calls.0.id": "c1",
        "2.tool_calls.0.name": "get_weather",
        "2.tool_calls.0.arguments": '{"city": "Paris"}',
        "3.role": "tool",
        "3.tool_call_id": "c1",
        "3.content": SKY_TEXT,
        "4.role": "assistant",
        "4.content": "Clear.",
        "4.finish_reason": "stop",
    }
    found = read_flattened(grouped(pairs), "user")
    assert [canonical(message).hash for message in found] == [canonical(message).hash for message in messages_of(GENAI, "user")]


def test_chunks_of_a_stream_are_one_message():
    """Gemini's contents, one for each piece that arrived."""
    chunks = [{"role": "model", "parts": [{"text": piece}]} for piece in ("Cl", "ea", "r.", "")]
    found: dict = {}
    Reader(100).hashes(json.dumps(chunks).encode(), "assistant", found)
    assert [message.text for message in found.values()] == ["Clear."]


@pytest.mark.parametrize("value", [{}, [], None, 7, "", {"query": "x"}, {"documents": [{"id": 1}]}, [1, 2], {"messages": []}, [{"role": "user", "parts": []}]])
def test_what_has_no_messages_has_none(value):
    """Other JSON is not mistaken for a conversation."""
    assert messages_of(value, "user") == []
