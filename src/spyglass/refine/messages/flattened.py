"""Messages that were flattened into one attribute per field: `llm.input_messages.0.message.content`, `gen_ai.prompt.0.tool_calls.0.name`.

In: for each message of a row, in order of their indexes (which may have gaps), the (field, value) pairs. Out: the messages. OpenInference wraps every level
in a name of its own (`message`, `message_content`, `tool_call`); OpenLLMetry and AgentOps do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spyglass.refine.messages import build
from spyglass.refine.messages.canonical import Message
from spyglass.refine.messages.message import read_message
from spyglass.refine.messages.shape import Block, first

__all__ = ["Pairs", "is_call", "read_flattened", "read_one"]

Pairs = list[tuple[str, str]]  # what stands after the index in an attribute's key, and its value


def read_flattened(items: Iterable[Pairs], role: str) -> list[Message]:
    """The messages, each given by its own pairs; `role` where one says none."""
    messages: list[Message] = []
    for pairs in items:
        message = read_one(pairs, role)
        if message is None:
            continue
        if messages and message.role == messages[-1].role == "assistant" and is_call(message):
            messages[-1].parts.extend(message.parts)  # items of the Responses API, each flattened to a message
        else:
            messages.append(message)
    return messages


def read_one(pairs: Pairs, role: str) -> Message | None:
    """One message; None when it says nothing."""
    root: Block = {}
    for path, value in pairs:
        _put(root, path.split("."), value)
    message = _read(_lists(root), role)
    return message if message is not None and message.parts else None


def is_call(message: Message) -> bool:
    """Whether it only asks for tools."""
    return all(part["type"] == "tool_call" for part in message.parts)


def _put(node: Block, path: list[str], value: str) -> None:
    for name in path[:-1]:
        inner = node.get(name)
        if not isinstance(inner, dict):
            inner = node[name] = {}
        node = inner
    node.setdefault(path[-1], value)


def _lists(node: Any) -> Any:
    """Mappings whose keys are all numbers are lists."""
    if not isinstance(node, dict):
        return node
    if node and all(key.isdecimal() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(inner) for key, inner in node.items()}


def _read(item: Block, role: str) -> Message | None:
    inner = item.get("message")
    block = _unwrapped(inner) if isinstance(inner, dict) else item
    functions = item.get("function")
    if isinstance(functions, list):  # AutoGen: each a JSON text
        block["tool_calls"] = [call for call in map(build.decoded, functions) if isinstance(call, dict)]
    return read_message({"role": role, **block}, role)


def _unwrapped(message: Block) -> Block:
    """OpenInference's message without its wrappers."""
    contents = _items(message.get("contents"))
    blocks = [_content(item) for item in contents]
    identity = next((item["message"].get("tool_call_id") for item in contents if isinstance(item.get("message"), dict)), None)
    calls = [item["tool_call"] for item in _items(message.get("tool_calls")) if isinstance(item.get("tool_call"), dict)]
    told: Block = {key: value for key, value in message.items() if isinstance(value, str)}
    if blocks:
        told["contents"] = blocks
        if not told.get("content"):
            told.pop("content", None)
    if calls:
        told["tool_calls"] = calls
    elif name := message.get("function_call_name"):
        told["function_call"] = {"name": name, "arguments": message.get("function_call_arguments_json")}
    if identity and "tool_call_id" not in told:
        told["tool_call_id"] = identity
    return told


def _content(item: Block) -> Block:
    """One block of a message's content; a tool call may stand among them."""
    call = item.get("tool_call")
    if isinstance(call, dict):
        return {"type": "tool_call", **call}
    inner = item.get("message_content")
    if not isinstance(inner, dict):
        return item
    image = inner.get("image")
    if isinstance(image, dict):
        nested = image.get("image")
        return {"type": "image_url", "image_url": first(nested if isinstance(nested, dict) else image, "url")}
    sound = inner.get("audio")
    if isinstance(sound, dict):
        nested = sound.get("audio")
        told = nested if isinstance(nested, dict) else sound
        return {"type": "uri", "uri": first(told, "url"), "mime_type": told.get("mime_type"), "modality": "audio"}
    return {key: value for key, value in inner.items() if key != "signature"}


def _items(value: Any) -> list[Block]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
