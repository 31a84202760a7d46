"""Parts of messages in the form of the GenAI conventions, from pieces that providers share.

In: pieces of any shape. Out: lists of parts, because an empty piece is no part. A block that is not known stays as it is: the server knows more shapes.
"""

from __future__ import annotations

from typing import Any

from spyglass.collect.flows.providers.call import Message, Part
from spyglass.collect.flows.wire_json import loads

__all__ = ["dicts", "finish_reason", "function_tool", "media", "message", "reasoning", "text", "tool_call", "tool_response"]

_FINISH = {
    "tool_calls": "tool_call",
    "tool_use": "tool_call",
    "function_call": "tool_call",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
    "safety": "content_filter",
    "malformed_function_call": "error",
}


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def message(role: str, parts: list[Part], finish: str = "") -> Message:
    """A message; an answer has its finish reason."""
    found: Message = {"role": role, "parts": parts}
    return {**found, "finish_reason": finish_reason(finish)} if finish else found


def finish_reason(told: str) -> str:
    """A finish reason as the conventions' schema names it."""
    return _FINISH.get(told.lower(), told.lower())


def text(content: Any) -> list[Part]:
    """What is said."""
    return [{"type": "text", "content": content}] if isinstance(content, str) and content else []


def reasoning(content: Any) -> list[Part]:
    """What is thought."""
    return [{"type": "reasoning", "content": content}] if isinstance(content, str) and content else []


def tool_call(identity: Any, name: Any, arguments: Any) -> list[Part]:
    """A request to call a tool; arguments that are JSON in a text become plain."""
    if isinstance(arguments, str) and arguments[:1] in {"{", "["}:
        plain = loads(arguments)
        arguments = arguments if plain is None else plain
    if not name and not identity and not arguments:
        return []
    part: Part = {"type": "tool_call", "name": str(name or ""), "arguments": arguments}
    return [{**part, "id": str(identity)} if identity else part]


def tool_response(identity: Any, result: Any, *, name: Any = None, failed: bool = False) -> list[Part]:
    """What a tool answered."""
    part: Part = {"type": "tool_call_response", "response": result}
    if identity:
        part["id"] = str(identity)
    if name:
        part["name"] = str(name)
    if failed:
        part["is_error"] = True
    return [part]


def media(content: Any, mime: Any, modality: str = "") -> list[Part]:
    """An image, a sound or a document as base64, or by its address (a data URL is for the server to take apart)."""
    if not isinstance(content, str) or not content:
        return []
    by_address = "://" in content[:32] or content.startswith("data:")
    part: Part = {"type": "uri", "uri": content} if by_address else {"type": "blob", "content": content}
    if mime or not by_address:
        part["mime_type"] = str(mime or "")
    return [{**part, "modality": modality} if modality else part]


def function_tool(name: Any, description: Any, schema: Any) -> dict[str, Any]:
    """A tool that the caller runs, as the conventions' schema of definitions has it."""
    told = {"type": "function", "name": name, "description": description, "parameters": schema}
    return {key: value for key, value in told.items() if value is not None}
