"""How healthy the whole is, from 0 to 100: its agents, what comes in, the store, the runners, and what was lost; each part from a few figures, pure.

The whole is made of its parts as an agent's is (health.py); nothing counts without what comes in and the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from spyglass.registry.health import whole

__all__ = ["SYSTEM", "System", "SystemPart", "SystemPartName", "of_agents", "of_ingest", "of_losses", "of_runners", "of_store", "system"]

SystemPartName = Literal["agents", "ingest", "store", "runners", "losses"]
_BEHIND_HALF_S: Final = 60.0  # a store that is so far behind has half its score
_LOST_HALF: Final = 0.02  # of what came: so large a loss halves the score


@dataclass(frozen=True, slots=True)
class _Share:
    weight: float
    decides: bool = False


SYSTEM: Final[dict[SystemPartName, _Share]] = {
    "agents": _Share(0.35),
    "ingest": _Share(0.2, decides=True),
    "store": _Share(0.2, decides=True),
    "runners": _Share(0.1),
    "losses": _Share(0.15),
}


@dataclass(frozen=True, slots=True)
class SystemPart:
    """One part; `score` None: there is nothing to judge. `problems` say what is wrong, and what to do."""

    name: SystemPartName
    score: float | None
    weight: float
    told: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class System:
    """The whole."""

    score: float
    parts: tuple[SystemPart, ...]


def system(parts: list[SystemPart]) -> System:
    """The whole from its parts."""
    scores = {part.name: np.array([part.score or 0.0]) for part in parts}
    known = {part.name: np.array([part.score is not None]) for part in parts}
    return System(float(whole(scores, known, SYSTEM)[0]), tuple(parts))


def of_agents(scores: list[float], critical: list[str]) -> SystemPart:
    """The mean of the agents that are judged and not known to be unwell; `critical` are names."""
    if not scores:
        return _part("agents", None, "no agent did anything in the last hour")
    problems = (f"critical: {', '.join(critical[:5])}{' …' if len(critical) > 5 else ''}",) if critical else ()
    return _part("agents", sum(scores) / len(scores), f"{len(scores)} agents, {len(critical)} of them critical", *problems)


def of_ingest(waiting_bytes: int, most_bytes: int, refusing: str, ended: list[str]) -> SystemPart:
    """Whether what is sent is taken: how full the log is of what waits for the store, and what stands in its way."""
    problems = [f"the thread {name} has ended: the server's log says why, restart it" for name in ended]
    problems += [f"senders are refused: {refusing}"] if refusing else []
    filled = min(1.0, waiting_bytes / most_bytes) if most_bytes else 0.0
    return _part("ingest", 0.0 if problems else 100.0 * (1.0 - filled), f"the log is {filled:.0%} full of what waits for the store", *problems)


def of_store(readable: bool, failing: str, behind_s: float) -> SystemPart:
    """Whether the store can be read and written, and how far it is behind what was acknowledged."""
    problems = [*([] if readable else ["the store does not answer queries"]), *([f"the store cannot be written: {failing}"] if failing else [])]
    score = 0.0 if problems else 100.0 * 2.0 ** (-max(0.0, behind_s) / _BEHIND_HALF_S)
    return _part("store", score, f"{behind_s:.0f} s behind" if behind_s >= 1 else "up to date", *problems)


def of_runners(states: Sequence[tuple[str, str, str]]) -> SystemPart:
    """Of those that should run: (name, state, problem) of each."""
    if not states:
        return _part("runners", None, "no runner should run")
    bad = [f"{name} is {state}{f': {problem}' if problem else ''}" for name, state, problem in states if state not in {"running", "ended"}]
    return _part("runners", 100.0 * (len(states) - len(bad)) / len(states), f"{len(states) - len(bad)} of {len(states)} run", *bad[:10])


def of_losses(received: int, lost: int) -> SystemPart:
    """Rows of the last hour, and how many of them were rejected or dropped."""
    if received <= 0:
        return _part("losses", None, "nothing came in the last hour")
    share = min(1.0, lost / received)
    problems = ("GET /api/v1/ledger says whose they were, and why",) if lost else ()
    return _part("losses", 100.0 * 2.0 ** (-share / _LOST_HALF), f"{lost or 'none'} of {received} rows lost", *problems)


def _part(name: SystemPartName, score: float | None, told: str, *problems: str) -> SystemPart:
    return SystemPart(name, score, SYSTEM[name].weight, told, problems)
