"""Parts of the GenAI conventions, and the names for them that others share.

`{"type": "text", "content": …}`, `{"type": "tool_call", "id", "name", "arguments"}`, `{"type": "tool_call_response", "id", "response"}`, blobs, URIs, files.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.shape import Block, Parts, first

__all__ = ["KEYS", "TYPES", "call"]


def _text(block: Block, _parts: Parts) -> list[Part]:
    told = first(block, "content", "text", "value")
    return build.text(told.get("value", told) if isinstance(told, dict) else told)


def _reasoning(block: Block, _parts: Parts) -> list[Part]:
    told = first(block, "content", "text", "reasoning", "thinking", "summary")
    if isinstance(told, list):  # summaries of the Responses API
        told = "\n".join(str(item.get("text") or "") for item in told if isinstance(item, dict))
    return build.reasoning(told)


def call(block: Block) -> list[Part]:
    """A tool call by whatever names its fields have."""
    function = block.get("function")
    if isinstance(function, dict):
        return build.tool_call(first(block, "id", "call_id"), function.get("name"), first(function, "arguments", "args", "input"))
    identity = first(block, "id", "call_id", "toolCallId", "tool_call_id", "toolUseId", "ref")
    name = first(block, "name", "toolName", "tool_name") or (function if isinstance(function, str) else None)
    return build.tool_call(identity, name, first(block, "arguments", "args", "input", "parameters"))


def _call(block: Block, _parts: Parts) -> list[Part]:
    return call(block)


def _response(block: Block, parts: Parts) -> list[Part]:
    result = first(block, "response", "result", "content", "output")
    failed = block.get("is_error") is True or block.get("isError") is True
    return build.response(first(block, "id", "call_id", "tool_call_id"), parts.flat(result), name=first(block, "name"), failed=failed)


def _blob(block: Block, _parts: Parts) -> list[Part]:
    if "sha256" in block:  # replaced before
        return [{key: block[key] for key in ("type", "mime_type", "modality", "size_bytes", "sha256") if key in block}]
    content = first(block, "content", "data", "blob")
    return [build.blob(content, block.get("mime_type"), str(block.get("modality") or ""))] if isinstance(content, str) else []


def _uri(block: Block, _parts: Parts) -> list[Part]:
    return build.media(first(block, "uri", "url"), block.get("mime_type"), str(block.get("modality") or ""))


def _file(block: Block, _parts: Parts) -> list[Part]:
    """A file by its id, its address or its content; the names differ between OpenAI, the AI SDK and the conventions."""
    inner = block["file"] if isinstance(block.get("file"), dict) else block
    name = first(inner, "filename", "name")
    mime = first(inner, "mime_type", "mediaType", "mimeType", "media_type")
    content = first(inner, "file_data", "data", "url", "uri", "content")
    if isinstance(content, str) and content:
        return [{**part, "name": str(name)} if name else part for part in build.media(content, mime)]
    told = {"file_id": first(inner, "file_id", "id"), "mime_type": mime, "name": name, "modality": inner.get("modality")}
    return [{"type": "file", **{key: str(value) for key, value in told.items() if value}}] if any(told.values()) else build.generic(block)


TYPES: Final = {
    "blob": _blob,
    "file": _file,
    "reasoning": _reasoning,
    "server_tool_call": _call,
    "server_tool_call_response": _response,
    "text": _text,
    "thinking": _reasoning,
    "tool_call": _call,
    "tool_call_response": _response,
    "uri": _uri,
}
KEYS: Final[dict[str, Any]] = {"text": _text}  # a block without a type
