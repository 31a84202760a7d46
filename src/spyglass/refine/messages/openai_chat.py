"""Parts of OpenAI's chat completions: images, sounds, files and refusals in the content; deprecated function calls."""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import build
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.genai import call
from spyglass.refine.messages.shape import Block, Parts, first

__all__ = ["KEYS", "TYPES", "joined_deltas"]


def _image_url(block: Block, _parts: Parts) -> list[Part]:
    told = block.get("image_url")
    return build.media(first(told, "url") if isinstance(told, dict) else told, modality="image")


def _input_audio(block: Block, _parts: Parts) -> list[Part]:
    told = block.get("input_audio")
    sound = told if isinstance(told, dict) else block
    form = first(sound, "format")
    return build.media(first(sound, "data"), f"audio/{form}" if form else None, "audio")


def _refusal(block: Block, _parts: Parts) -> list[Part]:
    return build.text(block.get("refusal"))


def _call(block: Block, _parts: Parts) -> list[Part]:
    return call(block)


def joined_deltas(chunks: list[Block]) -> Block | None:
    """The message that the chunks of a stream make together; None when they are no chunks."""
    content: list[str] = []
    role = "assistant"
    calls: dict[Any, Block] = {}
    for chunk in chunks:
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            return None
        for choice in choices:
            delta = choice.get("delta") if isinstance(choice, dict) else None
            if not isinstance(delta, dict):
                return None
            role = delta.get("role") or role
            said = delta.get("content")
            content.append(said if isinstance(said, str) else "")
            _add_calls(calls, delta.get("tool_calls"))
    return {"role": role, "content": "".join(content), "tool_calls": list(calls.values())}


def _add_calls(calls: dict[Any, Block], pieces: Any) -> None:
    """Pieces of tool calls, each with the index of the call that it continues."""
    for piece in pieces if isinstance(pieces, list) else []:
        function = piece.get("function") if isinstance(piece, dict) else None
        if not isinstance(function, dict):
            continue
        whole = calls.setdefault(piece.get("index", len(calls)), {"id": None, "function": {"name": "", "arguments": ""}})
        whole["id"] = whole["id"] or piece.get("id")
        for key in ("name", "arguments"):
            whole["function"][key] += function.get(key) or ""


TYPES: Final = {"audio": _input_audio, "function": _call, "image_url": _image_url, "input_audio": _input_audio, "refusal": _refusal}
KEYS: Final[dict[str, Any]] = {"image_url": _image_url, "input_audio": _input_audio}
