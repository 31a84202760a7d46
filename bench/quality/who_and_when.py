"""Who&When (Zhang et al. 2025, arXiv:2505.00212): failed runs of several agents in, how often the step that people call decisive is found out.

Beside it two constants that cost nothing: the step before the first error, and the fifth step. The weights were fitted to this half; what is to be
expected on others is the figure of ten-fold cross-validation in docs/benchmarks.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spyglass.analyze.attribution.suspects import Step, suspects

SUBSETS = {"algorithm-generated": "30%", "hand-crafted": "16%"}
_REPORT = re.compile(r"(?i)exitcode|there is no code|address:")
_ERROR = re.compile(r"(?i)exitcode: [1-9]|execution failed|traceback \(most|\w+Error\b")


def steps(run: dict[str, Any]) -> list[Step]:
    """Agents are `name`, or the first word of `role`; what programs and pages gave back is a report."""
    found = []
    for message in run["history"]:
        actor = (message.get("name") or message["role"]).split(" ")[0]
        report = bool(_REPORT.match(message["content"])) or "terminal" in actor.lower()
        found.append(Step(actor, message["content"], report, asked=actor == "human"))
    return found


def main(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    for subset, bar in SUBSETS.items():
        runs = [json.loads(path.read_text()) for path in sorted((folder / subset).glob("*.json"))]
        decisive = [int(run["mistake_step"]) for run in runs]
        told = [[one.index for one in suspects(steps(run))] for run in runs]
        first = sum(where[0] == at for where, at in zip(told, decisive, strict=True)) / len(runs)
        three = sum(at in where for where, at in zip(told, decisive, strict=True)) / len(runs)
        error = sum(_before_error(run) == at for run, at in zip(runs, decisive, strict=True)) / len(runs)
        fifth = sum(at == 4 for at in decisive) / len(runs)
        yield f"{subset}, {len(runs)} runs", f"step {first:.0%}, among three {three:.0%}; before the first error {error:.0%}, the fifth {fifth:.0%}", f"> {bar}"


def _before_error(run: dict[str, Any]) -> int:
    first = next((at for at, message in enumerate(run["history"]) if _ERROR.search(message["content"])), 2)
    return max(first - 1, 0)
