"""The Turing Change Point Dataset (van den Burg and Williams 2020, arXiv:2003.06222): what five people marked in, F1 with a margin of five values out.

Online: each series is given value by value, and a change that was told is never taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

import numpy as np

from spyglass.analyze.stats.changepoint import ChangePoints

MARGIN = 5
BAR = 0.70


def main(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    marked = json.loads((folder / "annotations.json").read_text())
    found: list[float] = []
    silent: list[float] = []
    for path in sorted((folder / "datasets").glob("*.json")):
        told = json.loads(path.read_text())
        values = [np.nan if value is None else float(value) for value in told["series"][0]["raw"]]
        detector = ChangePoints()
        changes = [at for at in map(detector.step, values) if at is not None]
        annotations = {person: {0, *marks} for person, marks in marked[path.stem].items()}
        found.append(f1(annotations, changes))
        silent.append(f1(annotations, []))
    yield f"F1 online, {len(found)} series", f"{np.mean(found):.3f}", f"{BAR:.2f}"
    yield "F1 of telling nothing", f"{np.mean(silent):.3f}", ""


def f1(annotations: Mapping[str, Set[int]], changes: Iterable[int]) -> float:
    """Precision against whatever anybody marked, recall as the mean over people; the beginning counts as marked and found."""
    told = {0, *changes}
    precision = _matched(set().union(*annotations.values()), told) / len(told)
    recall = float(np.mean([_matched(marks, told) / len(marks) for marks in annotations.values()]))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _matched(marks: Set[int], told: Set[int]) -> int:
    """Marks that have a change of their own within the margin."""
    left, count = set(told), 0
    for mark in sorted(marks):
        near = [(abs(mark - at), at) for at in left if abs(mark - at) <= MARGIN]
        if near:
            left.discard(min(near)[1])
            count += 1
    return count
