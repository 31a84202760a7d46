"""LangChain's messages.

`{"lc": 1, "type": "constructor", "id": […, "AIMessage"], "kwargs": {…}}`, `{"type": "human", "content"}`, `{"type": "ai", "data": {…}}`.
They are turned into messages with a role, as every other shape has.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages.shape import Block

__all__ = ["with_role"]

_ROLES: Final = {"ai": "assistant", "chat": "", "function": "tool", "human": "user", "remove": "", "system": "system", "tool": "tool"}
_EXTRA: Final = ("tool_calls", "function_call", "reasoning_content", "refusal")  # what older versions keep in additional_kwargs


def with_role(block: Block, otherwise: str) -> Block | None:
    """The message with a `role`; None when it is no message of LangChain's."""
    if "lc" in block and isinstance(block.get("kwargs"), dict):
        names = block.get("id")
        return _as_role(block["kwargs"], _kind(names[-1] if isinstance(names, list) and names else ""), otherwise)
    kind = _kind(block.get("type"))
    if kind is None:
        return None
    if isinstance(block.get("data"), dict) and "content" in block["data"]:
        return _as_role(block["data"], kind, otherwise)
    return _as_role(block, kind, otherwise) if "content" in block else None


def _kind(name: Any) -> str | None:
    """`AIMessageChunk`, `AIMessage` and `ai` are all `ai`."""
    word = str(name or "").removesuffix("Chunk").removesuffix("Message").lower()
    return word if word in _ROLES else None


def _as_role(block: Block, kind: str | None, otherwise: str) -> Block | None:
    if kind is None:
        return None
    extra = block.get("additional_kwargs")
    told = {key: value for key, value in extra.items() if key in _EXTRA} if isinstance(extra, dict) else {}
    if block.get("tool_calls"):
        told.pop("tool_calls", None)
    return {**told, **{key: value for key, value in block.items() if value is not None}, "role": block.get("role") or _ROLES[kind] or otherwise}
