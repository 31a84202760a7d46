"""Anthropic's content blocks: `tool_use`, `tool_result`, `thinking`, images and documents by `source`, tools that the provider ran."""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.genai import call
from spyglass.refine.messages.shape import Block, Parts, first

__all__ = ["KEYS", "TYPES"]


def _tool_use(block: Block, _parts: Parts) -> list[Part]:
    return call(block)


def _tool_result(block: Block, parts: Parts) -> list[Part]:
    return build.response(first(block, "tool_use_id", "id"), parts.flat(block.get("content")), failed=block.get("is_error") is True)


def _source(block: Block, _parts: Parts) -> list[Part]:
    """An image or document; the AI SDK, MCP and LangChain put its content beside the type."""
    modality = "image" if block.get("type") == "image" else ""
    source = block.get("source")
    if isinstance(source, dict):
        if source.get("type") == "text":
            return build.text(source.get("data"))
        if source.get("file_id"):
            return [{"type": "file", "file_id": str(source["file_id"])}]
        return build.media(first(source, "data", "url"), first(source, "media_type", "mime_type"), modality)
    mime = first(block, "mime_type", "mimeType", "mediaType", "media_type")
    told = first(block, "data", "image", "url", "uri", "base64")
    told = first(told, "url", "data") if isinstance(told, dict) else told
    return build.media(told, mime, modality) or build.generic(block)


def _nothing(_block: Block, _parts: Parts) -> list[Part]:
    return []


TYPES: Final = {
    "document": _source,
    "image": _source,
    "mcp_tool_result": _tool_result,
    "mcp_tool_use": _tool_use,
    "redacted_thinking": _nothing,
    "server_tool_use": _tool_use,
    "tool_result": _tool_result,
    "tool_use": _tool_use,
    **dict.fromkeys(("web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result", "bash_code_execution_tool_result"), _tool_result),
}
KEYS: Final[dict[str, Any]] = {}
