"""The one form of a message, and its address: what two calls have in common is stored once.

In: a message of parts (`build.py`). Out: its canonical JSON (keys sorted, nothing that differs between an output and the same message as a later
input), the BLAKE2b hash of that, and its plain text.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec
import orjson

from spyglass.refine.messages.build import Part

__all__ = ["HASH_BYTES", "Canonical", "Message", "canonical", "canonical_text", "plain_text_of", "role_of"]

HASH_BYTES: Final = 16

_EMPTY: Final = blake2b(digest_size=HASH_BYTES)
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


_TEXT_ENDS: Final = {role: f',"type":"text"}}],"role":"{role}"}}'.encode() for role in ("system", "user", "assistant", "tool")}


class Message(NamedTuple):
    """A message of any shape, read: role system, user, assistant or tool."""

    role: str
    parts: list[Part]
    name: str = ""


class Canonical(msgspec.Struct, frozen=True, gc=False):
    """A message as it is kept. There are very many at a time: this is the cheapest of Python's records."""

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
    if len(parts) == 1 and parts[0]["type"] == "text" and not name:
        return canonical_text(role, parts[0]["content"])
    told: dict[str, Any] = {"role": role, "parts": parts}
    if name:
        told["name"] = name
    body = orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return Canonical(_hash(body), role, "\n".join(filter(None, map(_text, parts))), body)


def canonical_text(role: str, text: str) -> Canonical:
    """The kept form of a message that is one text, as nearly all are: the bytes that `canonical` would write."""
    body = b'{"parts":[{"content":' + orjson.dumps(text) + _TEXT_ENDS[role]
    return Canonical(_hash(body), role, text, body)


def _hash(body: bytes) -> bytes:
    digest = _EMPTY.copy()  # cheaper than a new one
    digest.update(body)
    return digest.digest()


def plain_text_of(block: dict[str, Any]) -> tuple[str, str] | None:
    """Role and text of a message that is one text and says nothing else, in the GenAI or OpenAI form; None for every other."""
    role, parts = block.get("role"), block.get("parts")
    if parts is None:
        text, simple = block.get("content"), len(block) == 2
    elif type(parts) is list and len(parts) == 1 and type(parts[0]) is dict:
        text = parts[0].get("content")
        simple = len(parts[0]) == 2 and parts[0].get("type") == "text" and (len(block) == 2 or (len(block) == 3 and "finish_reason" in block))
    else:
        return None
    return (role, text) if simple and type(text) is str and text and role in _TEXT_ENDS and role != "tool" else None


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
