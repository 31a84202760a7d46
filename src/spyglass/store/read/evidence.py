"""What a trace claims and what runners saw in its time, as tables; spyglass.join puts them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from spyglass.store.read.asking import Ask, ask, received_bound
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["MOST", "actions", "asked", "calls", "claims", "is_agent", "others", "watches"]

MOST: Final = 50_000  # rows of each


def claims(engine: Ask, at: Whereabouts) -> pa.Table:
    """The spans of a trace: columns of evidence/claims.sql."""
    return ask(engine, "evidence/claims", at.parameters | {"limit": MOST}, where=at.condition)


def others(engine: Ask, project: str, trace: str, low_ns: int, high_ns: int) -> pa.Table:
    """Tools of other traces than `trace` (hex) at that time: columns of evidence/others.sql."""
    return ask(engine, "evidence/others", _within(project, low_ns, high_ns) | {"trace": trace})


def asked(engine: Ask, at: Whereabouts) -> pa.Table:
    """Answers of models in a trace which ask for tools: columns of evidence/asked.sql."""
    return ask(engine, "evidence/asked", at.parameters | {"limit": MOST})


def actions(engine: Ask, project: str, low_ns: int, high_ns: int, roots: Sequence[int] = ()) -> pa.Table:
    """What processes did: columns of evidence/actions.sql. `roots`: pids of watched programs, none for all."""
    return ask(engine, "evidence/actions", _within(project, low_ns, high_ns) | {"roots": [str(root) for root in roots]})


def calls(engine: Ask, project: str, low_ns: int, high_ns: int) -> pa.Table:
    """Model calls seen on the wire: columns of evidence/calls.sql."""
    return ask(engine, "evidence/calls", _within(project, low_ns, high_ns))


def watches(engine: Ask, project: str, low_ns: int, high_ns: int) -> pa.Table:
    """When each watch was looking: columns of evidence/watches.sql."""
    return ask(engine, "evidence/watches", _within(project, low_ns, high_ns))


def is_agent(engine: Ask, project: str, trace: str, span: str) -> bool:
    """Whether there is such a span of an agent (ids in hex)."""
    return bool(ask(engine, "evidence/agent", {"project": project, "trace": trace, "span": span, "limit": 1}).num_rows)


def _within(project: str, low_ns: int, high_ns: int) -> dict[str, object]:
    return {"project": project, "lo_ns": low_ns, "hi_ns": high_ns, "received_ns": received_bound(low_ns), "limit": MOST}
