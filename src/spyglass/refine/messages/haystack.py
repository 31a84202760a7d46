"""Haystack's content, which has no type: `{"text"}`, `{"tool_call": {id, tool_name, arguments}}`, `{"tool_call_result": {result, origin, error}}`."""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.genai import call
from spyglass.refine.messages.shape import Block, Parts

__all__ = ["KEYS", "TYPES"]


def _call(block: Block, _parts: Parts) -> list[Part]:
    told = block["tool_call"]
    return call(told) if isinstance(told, dict) else build.generic(block)


def _result(block: Block, parts: Parts) -> list[Part]:
    told = block["tool_call_result"]
    if not isinstance(told, dict):
        return build.generic(block)
    origin = told.get("origin")
    asked = origin if isinstance(origin, dict) else {}
    return build.response(asked.get("id"), parts.flat(told.get("result")), name=asked.get("tool_name"), failed=told.get("error") is True)


TYPES: Final[dict[str, Any]] = {}
KEYS: Final = {"tool_call": _call, "tool_call_result": _result}
