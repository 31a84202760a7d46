"""Genkit's parts, which have no type.

`{"toolRequest": {ref, name, input}}`, `{"toolResponse": {ref, name, output}}`, `{"media": {url, contentType}}`, `{"reasoning"}`.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.shape import Block, Parts, first

__all__ = ["KEYS", "TYPES"]


def _request(block: Block, _parts: Parts) -> list[Part]:
    told = block["toolRequest"]
    return build.tool_call(told.get("ref"), told.get("name"), told.get("input")) if isinstance(told, dict) else build.generic(block)


def _response(block: Block, _parts: Parts) -> list[Part]:
    told = block["toolResponse"]
    return build.response(told.get("ref"), told.get("output"), name=told.get("name")) if isinstance(told, dict) else build.generic(block)


def _media(block: Block, _parts: Parts) -> list[Part]:
    told = block["media"]
    return build.media(told.get("url"), first(told, "contentType", "mimeType")) if isinstance(told, dict) else build.generic(block)


def _reasoning(block: Block, _parts: Parts) -> list[Part]:
    return build.reasoning(block["reasoning"])


def _data(block: Block, _parts: Parts) -> list[Part]:
    return build.text(block["data"]) if not isinstance(block["data"], str) else build.media(block["data"], first(block, "mimeType", "mediaType"))


TYPES: Final[dict[str, Any]] = {}
KEYS: Final = {"toolRequest": _request, "toolResponse": _response, "media": _media, "reasoning": _reasoning, "data": _data}
