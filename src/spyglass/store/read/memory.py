"""What happened to agents' memory: operations latest first, told by events and by spans of memory operations."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from spyglass.store.read.asking import HIGHEST, Ask, Place, ask, received_bound

__all__ = ["Whose", "operations"]

_LATEST: Final = Place(2**63 - 1, HIGHEST)


@dataclass(frozen=True, slots=True)
class Whose:
    """Which operations are meant: of an agent (by name or id), or within an execution and the spans below it; of one scope or key, empty: of all."""

    agent: str = ""
    agent_id: str = ""
    execution: str = ""
    trace: str = ""  # of the spans
    spans: list[str] = field(default_factory=list)
    scope: str = ""
    key: str = ""


def operations(
    engine: Ask, project: str, whose: Whose, from_ns: int, until_ns: int, limit: int, before: Place | None = None
) -> tuple[list[dict[str, Any]], Place | None]:
    """A page of operations between two times (ns, both included), latest first, and where the next one begins: columns of memory/operations.sql."""
    at = before or _LATEST
    asked = {"project": project, **asdict(whose), "lo_ns": from_ns, "hi_ns": until_ns, "received_ns": received_bound(from_ns)}
    rows = ask(engine, "memory/operations", asked | {"before_ns": at.figure, "before_place": at.id, "limit": limit + 1}).to_pylist()
    page = rows[:limit]
    return page, Place(page[-1]["time_ns"], page[-1]["place"]) if len(rows) > limit else None
