"""The one form of a message, and its address: what two calls have in common is stored once.

In: a message of parts (`build.py`). Out: its canonical JSON (keys sorted, nothing that differs between an output and the same message as a later
input), the BLAKE2b hash of that, and its plain text.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from spyglass.refine.messages.build import Part

__all__ = ["HASH_BYTES", "Canonical", "Message", "canonical", "role_of"]

HASH_BYTES: Final = 16

_ROLES: Final = {
    "agent": "assistant",
    "ai": "assistant",
    "assistant": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "developer": "system",
    "function": "tool",
    "human": "user",
    "ipython": "tool",
    "model": "assistant",
    "system": "system",
    "tool": "tool",
    "user": "user",
}


class Message(NamedTuple):
    """A message of any shape, read: role system, user, assistant or tool."""

    role: str
    parts: list[Part]
    name: str = ""


class Canonical(NamedTuple):
    """A message as it is kept."""

    hash: bytes
    role: str
    text: str
    body: bytes


def role_of(told: Any, otherwise: str) -> str:
    """The canonical role; enumerations come as `MessageRole.USER` too."""
    word = str(told or "").rpartition(".")[2].lower()
    return _ROLES.get(word, otherwise)


def canonical(message: Message) -> Canonical:
    """The kept form of a message."""
    role, parts, name = message
    if len(parts) == 1 and parts[0]["type"] == "text" and not name:  # nearly all messages; the same bytes as below
        text = parts[0]["content"]
        body = b'{"parts":[{"content":' + orjson.dumps(text) + b',"type":"text"}],"role":"' + role.encode() + b'"}'
    else:
        told: dict[str, Any] = {"role": role, "parts": parts}
        if name:
            told["name"] = name
        body = orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        text = "\n".join(filter(None, map(_text, parts)))
    return Canonical(blake2b(body, digest_size=HASH_BYTES).digest(), role, text, body)


def _text(part: Part) -> str:
    """What of a part people search for."""
    kind = part["type"]
    if kind in {"text", "reasoning"}:
        return str(part["content"])
    if kind == "tool_call":
        return f"{part['name']} {_shown(part['arguments'])}".strip()
    if kind == "tool_call_response":
        return _shown(part["response"])
    if kind == "uri":
        return str(part["uri"])
    if kind == "file":
        return str(part.get("name", ""))
    return _shown(part["value"]) if kind == "generic" else ""


def _shown(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
