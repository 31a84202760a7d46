"""What turns are made of: whose session it is, model calls with their usage, tools; and how much of them is told.

Plain values that formats fill in and turn.py makes spans of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from spyglass.collect.transcripts.content import Part
from spyglass.model.told import Value

__all__ = ["ERROR", "WARN", "Call", "Identity", "Limits", "Place", "Tool", "Usage"]

WARN: Final = 13  # severity numbers of OpenTelemetry's log data model
ERROR: Final = 17


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a transcript is told, in characters."""

    text: int = 256 * 1024  # of one text, argument or result
    history: int = 32 * 1024  # of a turn's earlier messages, with each call
    calls: int = 500  # model calls of one trace; a longer turn goes on in another


@dataclass(slots=True)
class Identity:
    """Whose session it is, as far as the transcript has told by now."""

    agent: str
    session: str = ""
    provider: str = ""
    model: str = ""
    version: str = ""
    directory: str = ""
    branch: str = ""

    def attributes(self) -> dict[str, Value]:
        """What every span and event of the session carries."""
        told = {
            "session.id": self.session,
            "gen_ai.conversation.id": self.session,
            "gen_ai.agent.name": self.agent,
            "spyglass.evidence": "transcript",
        }
        return {key: value for key, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn hangs: its trace, the span above it, and what sort of agent was asked for there."""

    trace: bytes
    parent: bytes = b""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; `input` has the cached ones in it, `output` the thoughts."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    reasoning: int = 0
    cost_usd: float | None = None  # as the agent reckons it

    def attributes(self) -> dict[str, Value]:
        """As the GenAI conventions name them."""
        told: dict[str, Value] = {"gen_ai.usage.input_tokens": self.input, "gen_ai.usage.output_tokens": self.output}
        if self.cache_read:
            told["gen_ai.usage.cache_read.input_tokens"] = self.cache_read
        if self.cache_write:
            told["gen_ai.usage.cache_write.input_tokens"] = self.cache_write
        if self.cache_write_1h:
            told["anthropic.usage.cache_creation.ephemeral_1h_input_tokens"] = self.cache_write_1h
        if self.reasoning:
            told["gen_ai.usage.reasoning.output_tokens"] = self.reasoning
        if self.cost_usd is not None:
            told["gen_ai.cost.total_cost"] = self.cost_usd
        return told


@dataclass(slots=True)
class Call:
    """A model call while it is read."""

    key: str
    start_ns: int
    end_ns: int
    model: str = ""
    said: str = ""  # JSON of the input messages
    parts: list[Part] = field(default_factory=list)
    usage: Usage | None = None
    finish: str = ""
    response_id: str = ""
    error: str = ""  # its kind
    message: str = ""  # of the error
    more: dict[str, Value] = field(default_factory=dict)
    dirty: bool = True

    def output(self) -> dict[str, Any]:
        """The assistant's message."""
        return {"role": "assistant", "parts": self.parts, **({"finish_reason": self.finish} if self.finish else {})}


@dataclass(slots=True)
class Tool:
    """A tool while it runs. `end_ns` is 0 until it is over."""

    identity: str
    name: str
    start_ns: int
    arguments: Any = None
    end_ns: int = 0
    result: str = ""
    error: str = ""
    message: str = ""
    more: dict[str, Value] = field(default_factory=dict)
    dirty: bool = True
