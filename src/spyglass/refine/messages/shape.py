"""What the files of message shapes share: how a block is read, and how blocks inside blocks are.

A shape names the blocks it knows, by the value of their `type` (`TYPES`) or by a key that only they have (`KEYS`); `blocks.py` joins all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from spyglass.refine.messages.build import Part

__all__ = ["Block", "Parts", "Reader", "first", "kind_of"]

Block = dict[str, Any]


class Parts(Protocol):
    """Reads content that stands inside a block."""

    def __call__(self, content: Any) -> list[Part]:
        """The parts of a text, a block or a list of both."""

    def flat(self, content: Any) -> Any:
        """Content of a tool's answer: one text where it is only text, parts where it has others, else as it is."""


Reader = Callable[[Block, Parts], list[Part]]


def kind_of(block: Any) -> str:
    """The `type` of a block; empty where it is no block or says none."""
    told = block.get("type") if isinstance(block, dict) else None
    return told if isinstance(told, str) else ""


def first(block: Block, *names: str) -> Any:
    """The first of these values that is there and not null."""
    return next((block[name] for name in names if block.get(name) is not None), None)
