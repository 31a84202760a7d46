"""PetShop (Hardt et al. 2024, CLeaR): where is the root cause of a symptom that is seen at the front; top-1 and top-3 recall of the node out.

The trouble lasts from the time of the symptom to the end of the file; before it is normal operation of the same traffic, where it is there, of the nearest
traffic otherwise, and the file's own minutes before the symptom.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spyglass.analyze.rootcause.rank import Candidate, Symptom, rank
from spyglass.analyze.rootcause.shift import Shift, shift

Floats = npt.NDArray[np.float64]
Table = tuple[Floats, dict[tuple[str, str, str], Floats]]
FAMILIES = {"latency": "latency", "availability": "failures", "requests": "requests"}
SCALES: dict[str, Any] = {"latency": "size", "failures": "share", "requests": "count"}
STEP_S = 300
BAR = 0.75


def load(path: Path) -> Table:
    """Times, and values by node, metric and statistic."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = list(csv.reader(io.StringIO(raw.decode())))
    body = rows[4:]
    times = np.array([float(row[0]) for row in body])
    keys = list(zip(rows[0][1:], rows[1][1:], rows[2][1:], strict=True))
    values = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in body])
    return times, {key: values[:, at] for at, key in enumerate(keys)}


def graph(path: Path) -> list[tuple[str, str]]:
    """Caller and callee."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    return [(row[0], callee) for row in rows[1:] for callee, cell in zip(rows[0][1:], row[1:], strict=True) if cell.strip() not in {"", "0", "0.0"}]


def ranked(normal: Table, issue: Path, calls: list[tuple[str, str]]) -> tuple[list[Candidate], str]:
    """The ranking of one issue, and the node that it was."""
    told = json.loads((issue / "target.json").read_text())
    times, values = load(issue / "metrics.csv")
    during = times >= told["target"]["timestamp"] - STEP_S / 2
    shifts: dict[str, dict[str, Shift]] = {}
    for (node, metric, statistic), row in values.items():
        family = FAMILIES[metric]
        usual = normal[1].get((node, metric, statistic), np.zeros(0))
        before, later = np.concatenate([usual, row[~during]]), row[during]
        if family == "failures":
            before, later = 1 - before / 100, 1 - later / 100
        one = shift(before, later, SCALES[family])
        if one is not None:
            shifts.setdefault(node, {})[f"{family}.{statistic}"] = one
    symptom: Symptom = "latency" if told["target"]["metric"] == "latency" else "failures"
    more = {node: _more(values, node, during, figures[f"{symptom}.Average"]) for node, figures in shifts.items() if f"{symptom}.Average" in figures}
    return rank(calls, shifts, told["target"]["node"], symptom, more), told["root_cause"]["node"]


def _more(values: dict[tuple[str, str, str], Floats], node: str, during: npt.NDArray[np.bool_], one: Shift) -> float:
    """Failed calls, or seconds, that there were more than before, in one step."""
    requests = values[node, "requests", "Sum"][during]
    return float(np.nanmean(requests)) * (one.during - one.before) if np.isfinite(requests).any() else 0.0


def main(folder: Path, part: str = "train") -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    first, third = [], []
    for scenario in sorted(path for path in folder.iterdir() if path.is_dir()):
        usual = scenario / "noissue" / "metrics.csv.gz"
        normal = load(usual if usual.exists() else folder / "high_traffic" / "noissue" / "metrics.csv.gz")
        calls = graph(scenario / "graph.csv")
        for issue in sorted((scenario / part).iterdir()):
            found, cause = ranked(normal, issue, calls)
            names = [one.node for one in found]
            first.append(names[0] == cause)
            third.append(cause in names[:3])
    yield f"top-1, {len(first)} issues", f"{np.mean(first):.2f}", ""
    yield "top-3", f"{np.mean(third):.2f}", f"{BAR:.2f}"
