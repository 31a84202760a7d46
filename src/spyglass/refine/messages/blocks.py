"""Content of any shape to parts: every shape's blocks in one table.

In: a text, a block, or a list of both. Out: parts. A block is known by its `type`, else by a key that only its shape has, else it is kept as it is.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.refine.messages import ai_sdk, anthropic, bedrock, build, gemini, genai, genkit, haystack, openai_chat, openai_responses
from spyglass.refine.messages.build import Part
from spyglass.refine.messages.shape import Block, Reader

__all__ = ["PARTS", "is_block"]

_SHAPES: Final = (openai_responses, openai_chat, anthropic, ai_sdk, gemini, bedrock, genkit, haystack, genai)  # the later ones win where two have one name
_TEXT_TYPES: Final = ("input_text", "output_text", "summary_text")
_TYPES: Final[dict[str, Reader]] = {name: reader for shape in _SHAPES for name, reader in shape.TYPES.items()} | dict.fromkeys(_TEXT_TYPES, genai.TYPES["text"])
_KEYS: Final[tuple[tuple[str, Reader], ...]] = tuple((key, reader) for shape in _SHAPES for key, reader in shape.KEYS.items())
_DEEPEST: Final = 8  # blocks inside tool answers inside blocks


class _Parts:
    """Reads content; knows how deep it is."""

    def __init__(self, depth: int = 0) -> None:
        self._depth = depth

    def __call__(self, content: Any) -> list[Part]:
        """The parts of a text, a block or a list of both."""
        if isinstance(content, dict):
            return self._block(content)
        if isinstance(content, list):
            return [part for item in content for part in self(item)]
        return build.text(content)

    def flat(self, content: Any) -> Any:
        """Content of a tool's answer: one text where it is only text, parts where it has others, else as it is."""
        if not isinstance(content, list) or not content or not all(isinstance(item, dict) and is_block(item) for item in content):
            return content
        parts = self(content)
        if all(part["type"] == "text" for part in parts):
            return "\n".join(part["content"] for part in parts)
        return parts

    def _block(self, block: Block) -> list[Part]:
        if self._depth >= _DEEPEST:
            return build.generic(block)
        reader = _reader(block)
        return build.generic(block) if reader is None else reader(block, _Parts(self._depth + 1))


PARTS: Final = _Parts()


def is_block(block: Block) -> bool:
    """Whether some shape knows this block."""
    return _reader(block) is not None


def _reader(block: Block) -> Reader | None:
    kind = block.get("type")
    if isinstance(kind, str) and kind in _TYPES:
        return _TYPES[kind]
    return next((reader for key, reader in _KEYS if block.get(key) is not None), None)
