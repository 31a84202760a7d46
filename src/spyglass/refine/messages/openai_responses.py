"""OpenAI's Responses API: items of a conversation, of which several make one message.

`{"type": "message", role, content}`, `{"type": "function_call", call_id, name, arguments}`, `{"type": "function_call_output", call_id, output}`,
`{"type": "reasoning", summary}`, built-in tools. What the model made in one turn stands in several items one after the other; it is one message here, as in
every other shape. LiveKit's chat contexts have the same items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.canonical import Message
from spyglass.refine.messages.shape import Block, Parts, first, kind_of

__all__ = ["KEYS", "TYPES", "are_items", "read_items"]


def _call(block: Block, _parts: Parts) -> list[Part]:
    return build.tool_call(first(block, "call_id", "id"), first(block, "name"), first(block, "arguments", "input"))


def _output(block: Block, parts: Parts) -> list[Part]:
    failed = block.get("is_error") is True
    return build.response(first(block, "call_id", "id"), parts.flat(first(block, "output")), name=first(block, "name"), failed=failed)


def _built_in(block: Block, _parts: Parts) -> list[Part]:
    """A tool that the provider ran: what was asked; its answer, if told, stands in the same item."""
    kind = str(block["type"])
    asked = first(block, "action", "queries", "code", "arguments", "input")
    parts = build.tool_call(first(block, "call_id", "id"), first(block, "name") or kind.removesuffix("_call"), asked)
    answer = first(block, "output", "results", "outputs", "result")
    return parts if answer is None else parts + build.response(first(block, "call_id", "id"), answer)


def _image(block: Block, _parts: Parts) -> list[Part]:
    return build.media(first(block, "image_url", "result"), modality="image") or build.generic(block)


def _nothing(_block: Block, _parts: Parts) -> list[Part]:
    return []


_ASSISTANT: Final = {
    "custom_tool_call": _call,
    "function_call": _call,
    **dict.fromkeys(
        ("code_interpreter_call", "computer_call", "file_search_call", "local_shell_call", "mcp_call", "shell_call", "tool_search_call", "web_search_call"),
        _built_in,
    ),
    "image_generation_call": _image,
}
_TOOL: Final = {"custom_tool_call_output": _output, "computer_call_output": _output, "function_call_output": _output, "local_shell_call_output": _output}
TYPES: Final = {**_ASSISTANT, **_TOOL, "input_image": _image, "cache_breakpoint": _nothing}
KEYS: Final[dict[str, Any]] = {}
_ITEMS: Final = TYPES.keys() - {"input_image", "cache_breakpoint"}


def are_items(items: list[Any]) -> bool:
    """Whether a list has items that only this shape has."""
    return any(kind_of(item) in _ITEMS or (kind_of(item) == "reasoning" and "role" not in item) for item in items)


def read_items(items: list[Any], role: str, parts: Parts, read: Callable[[Any, str], list[Message]]) -> list[Message]:
    """The messages that items make; `read` reads those which are messages themselves."""
    messages: list[Message] = []
    for item in items:
        kind = kind_of(item)
        if kind in _TOOL:
            messages.append(Message("tool", parts(item)))
        elif kind in _ASSISTANT or (kind == "reasoning" and "role" not in item):
            _continue(messages, parts(item))
        elif kind in {"", "message", "text"} or "role" in item:
            for message in read(item, role):
                if message.role == "assistant" and messages and messages[-1].role == "assistant":
                    _continue(messages, message.parts)
                else:
                    messages.append(message)
    return [message for message in messages if message.parts]


def _continue(messages: list[Message], parts: list[Part]) -> None:
    if not messages or messages[-1].role != "assistant":
        messages.append(Message("assistant", []))
    messages[-1].parts.extend(parts)
