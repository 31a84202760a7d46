"""The Vercel AI SDK's parts: `{"type": "tool-call", toolCallId, toolName, input}`, `{"type": "tool-result", output}`; tool invocations of its UI messages.

Mastra and others that stand on it write the same.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.genai import call
from spyglass.refine.messages.shape import Block, Parts, first

__all__ = ["KEYS", "TYPES"]


def _call(block: Block, _parts: Parts) -> list[Part]:
    return call(block)


def _result(block: Block, parts: Parts) -> list[Part]:
    told = first(block, "output", "result", "content")
    failed = block.get("isError") is True
    if isinstance(told, dict) and set(told) <= {"type", "value", "providerOptions"} and "value" in told:
        failed = failed or str(told.get("type")).startswith("error")
        told = told["value"]
    return build.response(first(block, "toolCallId", "id"), parts.flat(told), name=first(block, "toolName", "name"), failed=failed)


def _error(block: Block, _parts: Parts) -> list[Part]:
    return build.response(block.get("toolCallId"), first(block, "error", "output"), name=block.get("toolName"), failed=True)


def _invocation(block: Block, _parts: Parts) -> list[Part]:
    told = block["toolInvocation"] if isinstance(block.get("toolInvocation"), dict) else block
    parts = call(told)
    return parts + build.response(told.get("toolCallId"), told["result"], name=told.get("toolName")) if "result" in told else parts


def _nothing(_block: Block, _parts: Parts) -> list[Part]:
    return []


TYPES: Final = {
    "redacted-reasoning": _nothing,
    "step-start": _nothing,
    "tool-call": _call,
    "tool-error": _error,
    "tool-invocation": _invocation,
    "tool-result": _result,
}
KEYS: Final[dict[str, Any]] = {"toolCallId": _call}
