"""What each way of asking sends and gets: requests with everything that is common in agents, answers whole and streamed."""

from __future__ import annotations

import json

from tests.collect.flows.conftest import chunked, chunks, events, flows, post, reply, told

TOOL = {"name": "get_weather", "description": "Weather of a city", "schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
IMAGE = "iVBORw0KGgo="

OPENAI_CHAT = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "developer", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IMAGE}"}}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": '{"celsius": 21}'},
        {"role": "assistant", "reasoning_content": "hm", "content": "21 degrees"},
        {"role": "user", "content": "and tomorrow?"},
    ],
    "tools": [{"type": "function", "function": {"name": TOOL["name"], "description": TOOL["description"], "parameters": TOOL["schema"]}}],
    "temperature": 0.5,
    "max_completion_tokens": 100,
    "stop": "END",
    "seed": 7,
}
OPENAI_CHUNKS = [
    {"id": "chatcmpl-9", "model": "gpt-4o-mini-2024", "system_fingerprint": "fp", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
    {"id": "chatcmpl-9", "choices": [{"index": 0, "delta": {"content": "wait"}}]},
    {"id": "chatcmpl-9", "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "c2", "function": {"name": "get_weather", "arguments": ""}}]}}]},
    {"id": "chatcmpl-9", "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]}}]},
    {"id": "chatcmpl-9", "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": ' "Rome"}'}}]}}]},
    {"id": "chatcmpl-9", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    {
        "id": "chatcmpl-9",
        "choices": [],
        "usage": {
            "prompt_tokens": 50,
            "completion_tokens": 20,
            "prompt_tokens_details": {"cached_tokens": 32},
            "completion_tokens_details": {"reasoning_tokens": 8},
        },
    },
    b"[DONE]",
]

RESPONSES = {
    "model": "gpt-5",
    "instructions": "be brief",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "weather in Rome?"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "look it up"}]},
        {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": '{"city": "Rome"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "21"},
    ],
    "tools": [{"type": "function", "name": TOOL["name"], "description": TOOL["description"], "parameters": TOOL["schema"]}],
    "max_output_tokens": 50,
    "reasoning": {"effort": "low"},
    "conversation": "conv_1",
}
RESPONSE = {
    "id": "resp_7",
    "object": "response",
    "model": "gpt-5-2025",
    "status": "completed",
    "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "easy"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "21 degrees"}]},
    ],
    "usage": {"input_tokens": 40, "output_tokens": 12, "input_tokens_details": {"cached_tokens": 8}, "output_tokens_details": {"reasoning_tokens": 4}},
}
RESPONSE_EVENTS = [
    {"type": "response.created", "response": {"id": "resp_7", "model": "gpt-5-2025", "status": "in_progress", "output": []}},
    {"type": "response.reasoning_summary_text.delta", "delta": "easy"},
    {"type": "response.output_item.done", "item": RESPONSE["output"][0]},
    {"type": "response.output_text.delta", "delta": "21 "},
    {"type": "response.output_text.delta", "delta": "degrees"},
    {"type": "response.output_item.done", "item": RESPONSE["output"][1]},
    {"type": "response.completed", "response": RESPONSE},
]

ANTHROPIC = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 1024,
    "system": [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {
            "role": "user",
            "content": [{"type": "text", "text": "look"}, {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": IMAGE}}],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "tool_use", "id": "t1", "name": "get_weather", "input": {"city": "Rome"}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "21"}], "is_error": False}]},
    ],
    "tools": [{"name": TOOL["name"], "description": TOOL["description"], "input_schema": TOOL["schema"]}],
    "metadata": {"user_id": "user_ab_account__session_0f0f0f0f-1111-2222-3333-444444444444"},
    "stream": True,
}
ANTHROPIC_EVENTS = [
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "model": "claude-sonnet-4-5-2025",
            "usage": {"input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 5, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "let me see"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "ping"},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "I "}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "look"}},
    {"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "t2", "name": "get_weather", "input": {}}},
    {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": '{"city": '}},
    {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": '"Rome"}'}},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 30}},
    {"type": "message_stop"},
]

GEMINI = {
    "systemInstruction": {"parts": [{"text": "be brief"}]},
    "contents": [
        {"role": "user", "parts": [{"text": "look"}, {"inlineData": {"mimeType": "image/png", "data": IMAGE}}]},
        {"role": "model", "parts": [{"functionCall": {"name": "get_weather", "args": {"city": "Rome"}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "get_weather", "response": {"celsius": 21}}}]},
    ],
    "tools": [{"functionDeclarations": [{"name": TOOL["name"], "description": TOOL["description"], "parameters": TOOL["schema"]}]}],
    "generationConfig": {"temperature": 0.1, "maxOutputTokens": 99, "topK": 40},
}
GEMINI_CHUNKS = [
    {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "thinking", "thought": True}]}}],
        "responseId": "g1",
        "modelVersion": "gemini-2.5-flash-001",
    },
    {"candidates": [{"content": {"role": "model", "parts": [{"text": "21 "}]}}]},
    {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "degrees"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 20, "candidatesTokenCount": 5, "thoughtsTokenCount": 7, "cachedContentTokenCount": 4, "totalTokenCount": 32},
    },
]

OLLAMA = {
    "model": "llama3.2",
    "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}],
    "options": {"temperature": 0.2, "num_predict": 10},
}
OLLAMA_LINES = [
    {"model": "llama3.2", "message": {"role": "assistant", "content": "hel"}, "done": False},
    {"model": "llama3.2", "message": {"role": "assistant", "content": "lo"}, "done": False},
    {"model": "llama3.2", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", "prompt_eval_count": 11, "eval_count": 3},
]


def asked(path, body, answer, *headers, host="api.example.com"):
    """The one span of a request with this answer: a document, or bytes of a whole HTTP answer, or a list of moves."""
    moves = answer if isinstance(answer, list) else [answer if isinstance(answer, bytes) else reply(answer)]
    reader = flows()
    (span,) = told(chunks([("out", post(path, body, *headers, host=host)), *(("in", move) for move in moves)]), reader)
    assert reader.losses() == {}
    return span


def streamed(documents, *, named=False):
    """An answer of events, as moves."""
    return chunked(events(*documents, named=named))


CONVERSE = {
    "system": [{"text": "be brief"}, {"cachePoint": {"type": "default"}}],
    "messages": [
        {"role": "user", "content": [{"text": "weather?"}]},
        {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": "hm"}}},
                {"toolUse": {"toolUseId": "t1", "name": TOOL["name"], "input": {"city": "Rome"}}},
            ],
        },
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"json": {"celsius": 21}}], "status": "success"}}]},
    ],
    "inferenceConfig": {"maxTokens": 50, "temperature": 0.1},
    "toolConfig": {"tools": [{"toolSpec": {"name": TOOL["name"], "description": TOOL["description"], "inputSchema": {"json": TOOL["schema"]}}}]},
}
CONVERSE_EVENTS = [
    ("messageStart", {"role": "assistant"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "I "}}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "look"}}),
    ("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t2", "name": "get_weather"}}}),
    ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolUse": {"input": '{"city": "Rome"}'}}}),
    ("messageStop", {"stopReason": "tool_use"}),
    ("metadata", {"usage": {"inputTokens": 10, "outputTokens": 4, "cacheReadInputTokens": 90}}),
]


def frame(kind, document):
    """One frame of Amazon's event streams; its checksums are not right."""
    payload = json.dumps(document).encode()
    fields = ((":message-type", "event"), (":event-type", kind), (":content-type", "application/json"))
    head = b"".join(bytes([len(name)]) + name.encode() + b"\x07" + len(value).to_bytes(2) + value.encode() for name, value in fields)
    return (16 + len(head) + len(payload)).to_bytes(4) + len(head).to_bytes(4) + bytes(4) + head + payload + bytes(4)


def framed(*events):
    """An answer of such frames, as moves."""
    return chunked([frame(kind, document) for kind, document in events], kind="application/vnd.amazon.eventstream")
