"""What health is judged by: what agents did in a range of time, what they usually do, and which of their runs went silent.

Times in ns since 1970. Out: tables with one row per agent, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from spyglass.store.figures import HOUR_S, SLOT_S
from spyglass.store.read.asking import DAY_NS, Ask, ask, fragment

__all__ = ["HOUR_NS", "SLOT_NS", "done", "silent", "usual"]

SLOT_NS: Final = SLOT_S * 10**9
HOUR_NS: Final = HOUR_S * 10**9
_MOST_AGENTS: Final = 100_000
_MOST_SLOTS_NS: Final = DAY_NS  # a longer range is summed by hours
_NOBODY: Final = {"\0": 0}  # the engine takes no empty lists there


def done(engine: Ask, project: str, lo_ns: int, hi_ns: int) -> pa.Table:
    """Sums of the windows that lie in the range; whole windows of ten minutes, or of an hour where it is longer than a day."""
    width_s = SLOT_S if hi_ns - lo_ns <= _MOST_SLOTS_NS else HOUR_S
    return ask(engine, "figures/fold", {"project": project, "width_s": width_s, "lo_ns": lo_ns, "hi_ns": hi_ns, "limit": _MOST_AGENTS})


def usual(engine: Ask, project: str, lo_ns: int, hi_ns: int, since: Mapping[str, int]) -> pa.Table:
    """Sums of the whole hours of a range; of the agents in `since` from times of their own on, within it."""
    today_ns = hi_ns // DAY_NS * DAY_NS
    own = {agent: max(lo_ns, from_ns) for agent, from_ns in since.items()} or _NOBODY
    partly = [from_ns // DAY_NS * DAY_NS for from_ns in (lo_ns, *own.values()) if from_ns % DAY_NS]
    asked = {"project": project, "lo_ns": lo_ns, "hi_ns": hi_ns // HOUR_NS * HOUR_NS, "today_ns": today_ns, "hours_ns": min([today_ns, *partly])}
    return ask(engine, "figures/usual", asked | {"agents": list(own), "since": list(own.values()), "limit": _MOST_AGENTS})


def silent(engine: Ask, project: str, lo_ns: int) -> pa.Table:
    """Runs that have stalled, and those that were given up since; a run of which nothing was heard for a day more is forgotten here."""
    asked = {"project": project, "received_ns": max(0, lo_ns - DAY_NS), "lo_ns": lo_ns, "limit": _MOST_AGENTS}
    return ask(engine, "figures/silent", asked, state=fragment("executions/state"))
