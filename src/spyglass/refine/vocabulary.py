"""The words that all dialects share: operations, providers, finish reasons, and what counts as no value.

In: vocabulary.yaml, read and checked. Out: `Vocabulary`, whose functions turn one text into the canonical word.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final

from pydantic import BaseModel, Field, field_validator

__all__ = ["KINDS", "Vocabulary"]

# Every canonical kind of span; a row of log records that is no call has "".
KINDS: Final = (
    "",
    "llm",
    "embedding",
    "reranker",
    "retriever",
    "tool",
    "agent",
    "workflow",
    "chain",
    "guardrail",
    "evaluator",
    "prompt",
    "memory",
    "mcp",
    "create_agent",
    "span",
)

_HOST_PORT: Final = re.compile(r"^\[?[\w.:-]+\]?:\d{1,5}$|^https?://|^\d+\.\d+\.\d+\.\d+$|^localhost$")
_CLASS: Final = re.compile(r"(?:[\w$]+\.)+([A-Z_][\w$]*)")


class Vocabulary(BaseModel, extra="forbid", frozen=True):
    """The file `vocabulary.yaml`."""

    operations: dict[str, list[str]] = Field(default_factory=dict)
    canonical_operations: list[str] = Field(default_factory=list)
    providers: dict[str, str] = Field(default_factory=dict)
    dotted_providers: list[str] = Field(default_factory=list)
    not_providers: list[str] = Field(default_factory=list)
    model_providers: list[tuple[str, str]] = Field(default_factory=list)
    finish_reasons: dict[str, list[str]] = Field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    @field_validator("model_providers")
    @classmethod
    def _patterns(cls, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        for pattern, _ in pairs:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        return pairs

    @cached_property
    def operation_kinds(self) -> dict[str, str]:
        """Word of an operation, which may be a pattern with `*`, to kind."""
        return {word: kind for kind, words in self.operations.items() for word in words}

    @cached_property
    def _models(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(pattern), provider) for pattern, provider in self.model_providers]

    @cached_property
    def _reasons(self) -> dict[str, str]:
        return {word: reason for reason, words in self.finish_reasons.items() for word in words}

    @cached_property
    def _frameworks(self) -> frozenset[str]:
        return frozenset(self.not_providers)

    def operation(self, told: str, kind: str) -> str:
        """The operation of a span of `kind`: what it told where that fits, else the usual one of the kind, else nothing."""
        word = told.strip().lower()
        names = self.operations.get(kind, ())
        if word in self.canonical_operations and self.operation_kinds.get(word) == kind:
            return word
        return names[0] if kind in _CALLED and names else told

    def provider(self, told: str) -> str | None:
        """The canonical provider; None for frameworks and addresses of machines, which are no providers."""
        name = told.strip().lower()
        if name in self._frameworks or _HOST_PORT.search(name):
            return None
        if name in self.providers:
            return self.providers[name]
        if name in self.dotted_providers:
            return name
        first = name.split(".", 1)[0]
        return self.providers.get(first, first) or None

    def provider_of_model(self, model: str) -> str:
        """The provider that a model's name gives away, else nothing."""
        name = model.lower()
        for pattern, provider in self._models:
            if pattern.search(name):
                return provider or self.provider(name.split("/", 1)[0]) or ""
        return ""

    def finish_reason(self, told: str) -> str:
        """One of stop length tool_call content_filter error where it is known, else the word itself in lower case."""
        word = told.strip().strip("\"'").rsplit(".", 1)[-1].lower().replace("-", "_")
        return self._reasons.get(word, word)

    @staticmethod
    def error_type(told: str) -> str:
        """An error's class without its module: `openai.InternalServerError`, `<class 'x.Y'>` are `InternalServerError`, `Y`."""
        text = told.strip()
        if text.startswith("<class '") and text.endswith("'>"):
            text = text[8:-2]
        found = _CLASS.fullmatch(text)
        return found.group(1) if found else text

    def kind_of_operation(self, told: str) -> str | None:
        """The kind that an operation's name stands for, any case; None when it says nothing."""
        word = told.strip().lower()
        found = self.operation_kinds.get(word)
        if found is not None:
            return found
        return next((kind for pattern, kind in self.operation_kinds.items() if "*" in pattern and fnmatchcase(word, pattern)), None)


_CALLED: Final = frozenset({"llm", "embedding", "tool", "agent", "create_agent", "workflow", "retriever", "reranker"})
