"""Where messages are found: the `messages:` section of a dialect file, and the ranked list that all dialects make together.

In: sections of dialect files. Out: per direction one list of sources, best first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

__all__ = ["CALLS", "DIRECTIONS", "Direction", "MessageSources", "PartKeys", "Source", "keys", "ranked"]

Direction = Literal["input", "output", "system"]
Role = Literal["system", "user", "assistant", "tool"]
DIRECTIONS: tuple[Direction, ...] = ("input", "output", "system")
CALLS = frozenset({"llm"})
_KINDS = frozenset({"llm", "agent", "workflow", "chain", "create_agent"})


class PartKeys(BaseModel, extra="forbid", frozen=True):
    """Attributes which together make one message."""

    text: str = ""
    tool_calls: str = ""
    reasoning: str = ""
    object: str = ""

    def names(self) -> tuple[str, ...]:
        """The attribute names that are given."""
        return tuple(name for name in (self.reasoning, self.text, self.object, self.tool_calls) if name)


class Source(BaseModel, extra="forbid", frozen=True):
    """One place that may hold messages: exactly one of `key`, `flat`, `parts`, `event` (an event may also name its `key`)."""

    key: str = ""  # one attribute: JSON or plain text, recognised by structure
    flat: str = ""  # prefix of flattened attributes, `<flat>.<index>.…`
    parts: PartKeys | None = None
    event: str = ""  # span events and log records of this name
    rank: Annotated[int, Field(ge=1, le=99)]  # lower is read first
    kinds: frozenset[str] = _KINDS  # canonical kinds of the rows for which it is read
    role: Role | None = None  # of text that does not say one
    history: bool = False  # the transcript of a whole run; never read on a model call

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = [bool(self.event) or bool(self.key), bool(self.flat), self.parts is not None]
        if sum(places) != 1:
            raise ValueError("expected exactly one of key, flat, parts, event (key may stand beside event)")
        return self


class MessageSources(BaseModel, extra="forbid", frozen=True):
    """The `messages:` section of one dialect file."""

    input: tuple[Source, ...] = ()
    output: tuple[Source, ...] = ()
    system: tuple[Source, ...] = ()  # a leading system message, where the input has none


def ranked(sections: Iterable[MessageSources], direction: Direction) -> tuple[Source, ...]:
    """The sources of all dialects for one direction, best first; the order of the files decides between equal ranks."""
    return tuple(sorted((source for section in sections for source in getattr(section, direction)), key=lambda source: source.rank))


def keys(sections: Iterable[MessageSources]) -> frozenset[str]:
    """The attributes of rows that hold messages (not the ones of events, nor the prefixes of flattened ones)."""
    found: set[str] = set()
    for section in sections:
        for direction in DIRECTIONS:
            for source in getattr(section, direction):
                if source.parts is not None:
                    found.update(source.parts.names())
                elif source.key and not source.event:
                    found.add(source.key)
    return frozenset(found)
