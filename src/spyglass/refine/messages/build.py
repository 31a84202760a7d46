"""The parts of a canonical message, each made in one place.

In: pieces of any shape. Out: lists of parts of the GenAI schema (a list because an empty piece is no part). What a sender encoded twice is plain here
(arguments are objects, not JSON text), so that one message has one form whoever told it. Large binary content becomes its hash and size.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any, Final

import orjson

__all__ = ["Part", "blob", "decoded", "generic", "media", "reasoning", "response", "text", "tool_call", "without_blobs"]

Part = dict[str, Any]

_LARGE: Final = 1024  # characters of base64 from which content is replaced
_DATA_URL: Final = re.compile(r"data:(?P<mime>[\w.+-]+/[\w.+-]+)?(?:;[\w=.+-]+)*;base64,(?P<data>.*)", re.DOTALL)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{1024,}={0,2}\s*")
_DEEPEST: Final = 50  # levels of nesting that are looked through for binary content


def text(content: Any) -> list[Part]:
    """What is said."""
    if not isinstance(content, str):
        content = "" if content is None else orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()
    return [{"type": "text", "content": content}] if content else []


def reasoning(content: Any) -> list[Part]:
    """What is thought; encrypted or empty thoughts are no part."""
    return [{"type": "reasoning", "content": content}] if isinstance(content, str) and content else []


def tool_call(identity: Any, name: Any, arguments: Any) -> list[Part]:
    """A request to call a tool."""
    if not name and not identity and arguments in (None, "", {}):
        return []
    part: Part = {"type": "tool_call", "name": str(name or ""), "arguments": without_blobs(decoded(arguments))}
    if identity:
        part["id"] = str(identity)
    return [part]


def response(identity: Any, result: Any, *, name: Any = None, failed: bool = False) -> list[Part]:
    """What a tool answered."""
    part: Part = {"type": "tool_call_response", "response": without_blobs(decoded(result))}
    if identity:
        part["id"] = str(identity)
    if name:
        part["name"] = str(name)
    if failed:
        part["is_error"] = True
    return [part]


def media(content: Any, mime: Any = None, modality: str = "") -> list[Part]:
    """An image, a sound, a film or a document: by its address, or with its content as base64 or data URL."""
    if not isinstance(content, str) or not content:
        return []
    if content.startswith("data:"):
        match = _DATA_URL.fullmatch(content)
        return [blob(match["data"], match["mime"] or mime, modality)] if match else [_uri(content, mime, modality)]
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", content):
        return [_uri(content, mime, modality)]
    return [blob(content, mime, modality)]


def blob(content: str, mime: Any = None, modality: str = "") -> Part:
    """Binary content as base64; from 1 KB on only its kind, size and hash."""
    part: Part = {"type": "blob", "mime_type": str(mime or "")}
    if modality:
        part["modality"] = modality
    if len(content) <= _LARGE:
        return {**part, "content": content}
    plain = _plain(content)
    return {**part, "size_bytes": len(plain), "sha256": hashlib.sha256(plain).hexdigest()}


def generic(block: dict[str, Any]) -> list[Part]:
    """A part of an unknown kind, kept as it is."""
    told = {key: value for key, value in block.items() if value is not None}
    if not told.keys() - {"type", "id", "index"}:
        return []
    return [{"type": "generic", "kind": str(told.pop("type", "")), "value": without_blobs(told)}]


def decoded(value: Any) -> Any:
    """The object or list that a JSON text stands for; anything else as it is."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def without_blobs(value: Any, depth: int = 0) -> Any:
    """`value` with large data URLs and base64 texts, at any level, replaced by what `blob` makes of them."""
    if isinstance(value, str):
        if len(value) <= _LARGE:
            return value
        if value.startswith("data:") and (match := _DATA_URL.fullmatch(value)):
            return blob(match["data"], match["mime"])
        return blob(value) if _BASE64.fullmatch(value) else value
    if depth >= _DEEPEST:
        return value
    if isinstance(value, dict):
        return {key: without_blobs(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_blobs(inner, depth + 1) for inner in value]
    return value


def _uri(address: str, mime: Any, modality: str) -> Part:
    part: Part = {"type": "uri", "uri": address}
    if mime:
        part["mime_type"] = str(mime)
    if modality:
        part["modality"] = modality
    return part


def _plain(content: str) -> bytes:
    try:
        return base64.b64decode(content.replace("-", "+").replace("_", "/") + "=" * (-len(content) % 4))
    except (binascii.Error, ValueError):
        return content.encode("utf-8", "surrogatepass")
