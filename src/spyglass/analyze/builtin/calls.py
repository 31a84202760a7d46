"""Each call of a model or a tool, with numbers instead of texts: spans in, the frame `calls.steps` out, so that texts are looked at once for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel

from spyglass.analyze.builtin.steps import STEPS, taken
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Calls", "Settings", "analyzer"]


class Settings(BaseModel, extra="forbid", frozen=True):
    """There are none."""


class Calls:
    """Remembers nothing."""

    def __init__(self, settings: Settings) -> None:
        del settings

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Spans that have ended."""
        if isinstance(seen, Batch):
            rows = taken(seen.rows)
            if rows.num_rows:
                yield Frame(STEPS, rows)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Nothing waits."""
        del now_ns
        return ()

    def save(self) -> State:
        """Nothing."""
        return {}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        del state


analyzer: Final = AnalyzerKind(
    name="calls",
    version="1.0.0",
    description="Calls of models and tools with one number for each text: what other analyzers read.",
    reads=frozenset({"span"}),
    settings=Settings,
    make=Calls,
    makes=(STEPS,),
)
