"""One message of any shape: its role, its parts, its name.

In: a mapping that may be a message (it has a role, or LangChain's type). Out: the message; None when it is something else.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build, langchain
from spyglass.refine.messages.blocks import PARTS
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.canonical import Message, role_of
from spyglass.refine.messages.genai import call
from spyglass.refine.messages.shape import Block, first

__all__ = ["read_message"]

_THOUGHTS: Final = ("reasoning_content", "reasoning", "thinking")
_CALLS: Final = ("tool_calls", "toolCalls", "_tool_calls")


def read_message(block: Block, otherwise: str) -> Message | None:
    """The message that `block` is; `otherwise` is its role where it says none that we know."""
    told = langchain.with_role(block, otherwise)
    block = block if told is None else told
    role = first(block, "role", "_role")
    if role is None:
        return None
    role = role_of(role, otherwise)
    if role == "system" and otherwise == "assistant":
        role = otherwise  # Gemini CLI says so of what its model answered
    parts = _thoughts(block) + (_answer(block) if role == "tool" else _content(block))
    parts = _with_calls(parts, block)
    if parts and all(part["type"] == "tool_call_response" for part in parts):
        role = "tool"
    name = block.get("name")
    return Message(role, parts, name if isinstance(name, str) and role != "tool" else "")


def _thoughts(block: Block) -> list[Part]:
    return build.reasoning(next((block[key] for key in _THOUGHTS if isinstance(block.get(key), str)), None))


def _content(block: Block) -> list[Part]:
    """`parts` of GenAI and Gemini, `content` of all others; both may be there."""
    parts = PARTS(_plain(block["parts"])) if block.get("parts") else []
    if not parts:
        content = _plain(first(block, "content", "_content", "contents", "text"))
        parts = PARTS(content) if content is not None else []
    parts += build.text(block.get("refusal"))
    sound = block.get("audio")
    if isinstance(sound, dict):
        parts += build.text(sound.get("transcript")) + build.media(sound.get("data"), modality="audio")
    return parts


def _plain(content: Any) -> Any:
    """Content that was encoded once more: a text that is a list of blocks."""
    if isinstance(content, str) and content.startswith("[{"):
        plain = build.decoded(content)
        if isinstance(plain, list) and all(isinstance(item, dict) and ("type" in item or "text" in item) for item in plain):
            return plain
    return content


def _answer(block: Block) -> list[Part]:
    """A tool's answer: its content is the response, unless it holds responses."""
    parts = _content(block)
    if any(part["type"] in {"tool_call_response", "tool_call"} for part in parts):
        return parts
    identity = first(block, "tool_call_id", "toolCallId", "id")
    content = first(block, "content", "_content", "contents", "text", "response", "result")
    failed = block.get("status") == "error" or block.get("is_error") is True
    if content is None and not parts:
        return []
    return build.response(identity, PARTS.flat(_plain(content)) if content is not None else _joined(parts), name=block.get("name"), failed=failed)


def _joined(parts: list[Part]) -> Any:
    return "\n".join(part["content"] for part in parts) if all(part["type"] == "text" for part in parts) else parts


def _with_calls(parts: list[Part], block: Block) -> list[Part]:
    """The tool calls beside the content, where the content does not have them too."""
    known = {part.get("id") for part in parts if part["type"] == "tool_call"}
    told = first(block, *_CALLS)
    calls = [part for item in (told if isinstance(told, list) else []) if isinstance(item, dict) for part in call(item)]
    function = block.get("function_call")
    if not calls and isinstance(function, dict):
        calls = build.tool_call(None, function.get("name"), function.get("arguments"))
    return parts + [part for part in calls if part.get("id") is None or part.get("id") not in known]
