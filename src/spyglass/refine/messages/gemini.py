"""Gemini's parts, which have no type: `{"text"}`, `{"functionCall"}`, `{"functionResponse"}`, `{"inlineData"}`, `{"fileData"}`, code and its result.

Python writes the same names with underscores. A part with `thought: true` is reasoning.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.shape import Block, Parts, first

__all__ = ["KEYS", "TYPES"]


def _call(block: Block, _parts: Parts) -> list[Part]:
    told = _inner(block, "functionCall", "function_call")
    return build.tool_call(told.get("id"), told.get("name"), first(told, "args", "arguments"))


def _response(block: Block, _parts: Parts) -> list[Part]:
    told = _inner(block, "functionResponse", "function_response")
    return build.response(told.get("id"), told.get("response"), name=told.get("name"))


def _inline(block: Block, _parts: Parts) -> list[Part]:
    told = _inner(block, "inlineData", "inline_data")
    return build.media(told.get("data"), first(told, "mimeType", "mime_type"))


def _file(block: Block, _parts: Parts) -> list[Part]:
    told = _inner(block, "fileData", "file_data")
    return build.media(first(told, "fileUri", "file_uri"), first(told, "mimeType", "mime_type"))


def _code(block: Block, _parts: Parts) -> list[Part]:
    told = _inner(block, "executableCode", "executable_code")
    return build.tool_call(told.get("id"), "code_execution", told)


def _result(block: Block, _parts: Parts) -> list[Part]:
    told = _inner(block, "codeExecutionResult", "code_execution_result")
    return build.response(told.get("id"), told, name="code_execution", failed=str(told.get("outcome", "")).upper() == "OUTCOME_FAILED")


def _thought(block: Block, parts: Parts) -> list[Part]:
    if block["thought"] is True:
        return build.reasoning(block.get("text"))
    if isinstance(block["thought"], str):
        return build.reasoning(block["thought"])
    return parts({key: value for key, value in block.items() if key != "thought"})


def _inner(block: Block, *names: str) -> Block:
    told = first(block, *names)
    return told if isinstance(told, dict) else {}


TYPES: Final[dict[str, Any]] = {}
KEYS: Final = {
    "thought": _thought,
    **dict.fromkeys(("functionCall", "function_call"), _call),
    **dict.fromkeys(("functionResponse", "function_response"), _response),
    **dict.fromkeys(("inlineData", "inline_data"), _inline),
    **dict.fromkeys(("fileData", "file_data"), _file),
    **dict.fromkeys(("executableCode", "executable_code"), _code),
    **dict.fromkeys(("codeExecutionResult", "code_execution_result"), _result),
}
