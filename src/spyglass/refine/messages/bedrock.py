"""Bedrock Converse's blocks, which have no type: `{"toolUse"}`, `{"toolResult"}`, `{"reasoningContent"}`, `{"image"}`. Strands writes the same."""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.genai import call
from spyglass.refine.messages.shape import Block, Parts, first

__all__ = ["KEYS", "TYPES"]


def _tool_use(block: Block, _parts: Parts) -> list[Part]:
    told = block["toolUse"]
    return call(told) if isinstance(told, dict) else build.generic(block)


def _tool_result(block: Block, parts: Parts) -> list[Part]:
    told = block["toolResult"]
    if not isinstance(told, dict):
        return build.generic(block)
    return build.response(told.get("toolUseId"), parts.flat(told.get("content")), failed=told.get("status") == "error")


def _json(block: Block, _parts: Parts) -> list[Part]:
    return build.text(block["json"])


def _reasoning(block: Block, _parts: Parts) -> list[Part]:
    told = block["reasoningContent"]
    inner = first(told, "reasoningText", "text") if isinstance(told, dict) else told
    return build.reasoning(inner.get("text") if isinstance(inner, dict) else inner)


def _media(modality: str) -> Any:
    def read(block: Block, _parts: Parts) -> list[Part]:
        told = block[modality]
        source = told.get("source") if isinstance(told, dict) else None
        if not isinstance(source, dict):
            return build.media(told, first(block, "mediaType", "mimeType"), "image") or build.generic(block)
        form = first(told, "format")
        kind = "application" if modality == "document" else modality
        address = source.get("s3Location")
        content = first(address, "uri") if isinstance(address, dict) else first(source, "bytes", "text")
        return build.media(content, f"{kind}/{form}" if form else None, "" if modality == "document" else modality) or build.generic(block)

    return read


def _guarded(block: Block, parts: Parts) -> list[Part]:
    told = block["guardContent"]
    return parts(told.get("text", told) if isinstance(told, dict) else told)


def _nothing(_block: Block, _parts: Parts) -> list[Part]:
    return []


TYPES: Final[dict[str, Any]] = {}
KEYS: Final = {
    "cachePoint": _nothing,
    "document": _media("document"),
    "guardContent": _guarded,
    "image": _media("image"),
    "json": _json,
    "reasoningContent": _reasoning,
    "toolResult": _tool_result,
    "toolUse": _tool_use,
    "video": _media("video"),
}
