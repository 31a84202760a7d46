"""Messages in a JSON value of any shape: requests and responses of providers, states of frameworks, lists of messages, bare texts.

In: a decoded value and the role of what says none. Out: messages in order; none when nothing in it is shaped like a message. Recognised by structure,
never by who sent it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from spyglass.refine.messages import build, openai_chat, openai_responses
from spyglass.refine.messages.blocks import PARTS, is_block
from spyglass.refine.messages.canonical import Message
from spyglass.refine.messages.message import read_message
from spyglass.refine.messages.shape import Block, first

__all__ = ["SYSTEM_KEYS", "is_shaped", "messages_of", "plain_text", "system_of"]

_DEEPEST: Final = 6  # envelopes inside envelopes
SYSTEM_KEYS: Final = ("system", "instructions", "systemInstruction", "system_instruction", "system_prompt")


def messages_of(value: Any, role: str, depth: int = 0) -> list[Message]:
    """The messages in `value`; empty when it has none."""
    if depth > _DEEPEST:
        return []
    if isinstance(value, list):
        found = _of_list(value, role, depth)
    elif isinstance(value, dict):
        found = _of_mapping(value, role, depth)
    else:
        return []
    return [message for message in found if message.parts]


def is_shaped(value: Any) -> bool:
    """Whether a value without messages is one that could have had some: an empty answer, not a text."""
    if isinstance(value, list):
        return any(isinstance(item, dict) and "role" in item for item in value)
    return isinstance(value, dict) and ("role" in value or not _CONTAINERS.isdisjoint(value))


def plain_text(value: Any, role: str) -> list[Message]:
    """A value that is no message, as what was said."""
    parts = build.text(value)
    return [Message(role, parts)] if parts else []


def system_of(value: Any) -> list[Message]:
    """Instructions as one leading system message: a text, parts, or a message."""
    found = messages_of(value, "system") or [Message("system", PARTS(value))]
    parts = [part for message in found for part in message.parts]
    return [Message("system", parts)] if parts else []


def _of_list(items: list[Any], role: str, depth: int) -> list[Message]:
    if all(isinstance(item, str) for item in items):
        return [message for item in items for message in plain_text(item, role)]
    if role == "assistant" and len(items) > 1 and all(isinstance(item, dict) and _is_chunk(item) for item in items):
        return [_joined(items)]
    if any(isinstance(item, list) for item in items):  # LangChain: a list of conversations
        return [message for item in items for message in messages_of(item, role, depth + 1)]
    if openai_responses.are_items(items):
        return openai_responses.read_items(items, role, PARTS, lambda item, role: _of_item(item, role, depth))
    mappings = [item for item in items if isinstance(item, dict)]
    if mappings and all("event.name" in item for item in mappings):
        return [message for item in mappings for message in _of_logged(item, role)]
    joined = openai_chat.joined_deltas(mappings) if mappings and "choices" in mappings[0] else None
    if joined is not None:
        return messages_of(joined, role, depth + 1)
    if mappings and all(is_block(item) and not _is_message(item) for item in mappings):  # parts without a message around them
        return [Message(_role_of_parts(parts, role), parts)] if (parts := PARTS(items)) else []
    return [message for item in items for message in _of_item(item, role, depth)]


def _is_chunk(item: Block) -> bool:
    """Whether this is one of Gemini's contents: a stream has many of them for one message."""
    parts = item.get("parts")
    return item.get("role") == "model" and isinstance(parts, list) and all(isinstance(part, dict) and "type" not in part for part in parts)


def _joined(chunks: list[Block]) -> Message:
    """The message that chunks make: texts that follow each other are one text."""
    parts: list[build.Part] = []
    for part in [part for chunk in chunks for part in PARTS(chunk["parts"])]:
        if parts and part["type"] == parts[-1]["type"] and part["type"] in {"text", "reasoning"}:
            parts[-1] = {**parts[-1], "content": parts[-1]["content"] + part["content"]}
        else:
            parts.append(part)
    return Message("assistant", parts)


def _of_logged(event: Block, role: str) -> list[Message]:
    """An event kept in a list (Pydantic AI 0.x): what went in and what came out stand in one list."""
    name = str(event["event.name"])
    if (name == "gen_ai.choice") != (role == "assistant"):
        return []
    inner = event["message"] if isinstance(event.get("message"), dict) else event
    told = {**inner, "tool_call_id": first(inner, "tool_call_id", "id")}
    message = read_message({**told, "role": inner.get("role") or name.removeprefix("gen_ai.").removesuffix(".message")}, role)
    return [message] if message is not None else []


def _of_item(item: Any, role: str, depth: int) -> list[Message]:
    return plain_text(item, role) if isinstance(item, str) else messages_of(item, role, depth + 1)


def _is_message(item: Block) -> bool:
    return "role" in item or read_message(item, "user") is not None


def _role_of_parts(parts: list[build.Part], role: str) -> str:
    return "tool" if all(part["type"] == "tool_call_response" for part in parts) else role


def _of_mapping(value: Block, role: str, depth: int) -> list[Message]:
    message = read_message(value, role)
    if message is not None:
        return [message]
    for key, read in _ENVELOPES:
        if value.get(key) is not None and (found := read(value, key, role, depth)):
            return found
    parts = PARTS(value) if is_block(value) else []
    return [Message(_role_of_parts(parts, role), parts)] if parts else []


def _with_system(value: Block, key: str, role: str, depth: int) -> list[Message]:
    """A request: the conversation, led by the instructions that stand beside it."""
    inner = value[key]
    found = plain_text(inner, role) if isinstance(inner, str) else messages_of(inner, role, depth + 1)
    config = first(value, "config", "generationConfig", "params")
    told = first(value, *SYSTEM_KEYS) or (first(config, *SYSTEM_KEYS) if isinstance(config, dict) else None)
    if told is None or not found or found[0].role == "system":
        return found
    return system_of(told) + found


def _answers(value: Block, key: str, role: str, depth: int) -> list[Message]:
    """What the model answered; its role is the assistant's, whatever direction this was found in."""
    del role
    inner = value[key]
    if isinstance(inner, str):
        return plain_text(inner, "assistant")
    return messages_of(inner, "assistant", depth + 1)


def _choices(value: Block, key: str, role: str, depth: int) -> list[Message]:
    """Choices of OpenAI, candidates of Gemini: each has its message under one of several names."""
    del role
    found: list[Message] = []
    for choice in value[key] if isinstance(value[key], list) else [value[key]]:
        if not isinstance(choice, dict):
            continue
        inner = first(choice, "message", "delta", "content", "text")
        found += plain_text(inner, "assistant") if isinstance(inner, str) else messages_of(inner, "assistant", depth + 1)
    return found


def _generations(value: Block, key: str, role: str, depth: int) -> list[Message]:
    """LangChain's results: `[[{"message": …, "text": …}]]`."""
    del role
    outer = value[key] if isinstance(value[key], list) else []
    found: list[Message] = []
    for generation in [item for inner in outer for item in (inner if isinstance(inner, list) else [inner])]:
        if isinstance(generation, dict):
            message = first(generation, "message")
            found += messages_of(message, "assistant", depth + 1) if message is not None else plain_text(generation.get("text"), "assistant")
    return found


def _result(value: Block, key: str, role: str, depth: int) -> list[Message]:
    """The AI SDK's result: text, reasoning, an object and tool calls side by side, one message together."""
    del key, role, depth
    calls = first(value, "toolCalls", "tool_calls")
    block = {"role": "assistant", "content": first(value, "text", "object"), "tool_calls": calls, "reasoning": first(value, "reasoningText", "reasoning")}
    message = read_message(block, "assistant")
    return [message] if message is not None else []


def _arguments(value: Block, key: str, role: str, depth: int) -> list[Message]:
    """What a decorated function was called with: `{"args": […], "kwargs": {…}}`."""
    inner = value[key]
    if isinstance(inner, dict) or (isinstance(inner, list) and any(isinstance(item, dict | list) for item in inner)):
        return messages_of(inner, role, depth + 1)
    return []


def _content(value: Block, key: str, role: str, depth: int) -> list[Message]:
    """A chunk of Google's ADK: Gemini's content beside how the answer ended and what it used."""
    inner = value[key]
    return messages_of(inner, role, depth + 1) if isinstance(inner, dict) and "parts" in inner else []


_CONTAINERS: Final = frozenset({"candidates", "choices", "contents", "generations", "messages", "replies", "toolCalls"})
Envelope = Callable[[Block, str, str, int], list[Message]]

_ENVELOPES: Final[tuple[tuple[str, Envelope], ...]] = (
    ("messages", _with_system),
    ("contents", _with_system),
    ("choices", _choices),
    ("candidates", _choices),
    ("generations", _generations),
    ("chat_history", _with_system),
    ("items", _with_system),  # LiveKit
    ("replies", _answers),  # Haystack
    ("toolCalls", _result),
    ("content", _content),
    ("message", _answers),  # Genkit, Ollama, Bedrock, Cohere
    ("output", _answers),
    ("input", _with_system),
    ("prompts", _with_system),
    ("prompt", _with_system),
    ("inputs", _arguments),
    ("outputs", _arguments),
    ("kwargs", _arguments),
    ("args", _arguments),
    ("response", _answers),
    ("result", _answers),
    ("completion", _answers),
    ("output_text", _answers),
    ("combined_chunk_content", _answers),  # Logfire
    ("generated_text", _answers),
)
