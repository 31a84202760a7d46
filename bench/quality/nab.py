"""The Numenta Anomaly Benchmark (Lavin and Ahmad 2015, arXiv:1510.03336): windows of anomalies in, its score out.

Within a window the first detection counts, the earlier the more; each detection outside costs a little; a window without one costs a point. 100 is
perfect, 0 says nothing at all. As in the benchmark, one threshold for all files is chosen by profile, and nothing counts in the first 15 percent of a
file; beside it stands the score at the threshold that the product has.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from spyglass.analyze.stats.novelty import TOLD, Novelty, Settings, spread_out

Floats = npt.NDArray[np.float64]
PROFILES = {"standard": (0.11, 1.0), "reward_low_FP_rate": (0.22, 1.0), "reward_low_FN_rate": (0.11, 2.0)}  # cost of a false alarm, of a missed window
BARS = {"standard": "58 (stretch 69)"}


@dataclass(frozen=True, slots=True)
class Series:
    """One file; windows are first and last index."""

    values: Floats
    windows: tuple[tuple[int, int], ...]

    @property
    def silent(self) -> int:
        """So many values at the beginning do not count."""
        return int(0.15 * min(len(self.values), 5000))


def load(folder: Path) -> dict[str, Series]:
    """All files."""
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text())
    found = {}
    for path in sorted((folder / "data").rglob("*.csv")):
        with path.open(newline="") as file:
            rows = list(csv.reader(file))[1:]
        times = np.array([datetime.fromisoformat(row[0]).timestamp() for row in rows])
        spans = [[datetime.fromisoformat(edge).timestamp() for edge in window] for window in labels[f"{path.parent.name}/{path.name}"]]
        windows = tuple((int(np.searchsorted(times, first)), int(np.searchsorted(times, last, "right")) - 1) for first, last in spans)
        found[path.stem] = Series(np.array([float(row[1]) for row in rows]), windows)
    return found


def scores(series: Mapping[str, Series]) -> dict[str, Floats]:
    """How new each value is to its series, all series side by side."""
    detector = Novelty(Settings(), len(series))
    table = np.full((max(len(one.values) for one in series.values()), len(series)), np.nan)
    for column, one in enumerate(series.values()):
        table[: len(one.values), column] = spread_out(one.values)
    slots = np.arange(len(series))
    told = np.array([detector.step(slots, row) for row in table])
    return {name: told[: len(one.values), column] for column, (name, one) in enumerate(series.items())}


def score(series: Mapping[str, Series], told: Mapping[str, Floats], threshold: float, profile: str) -> float:
    """0 to 100, or less."""
    missed = PROFILES[profile][1]
    windows = sum(len(one.windows) for one in series.values())
    raw = sum(_raw(one, np.flatnonzero(told[name] > threshold), *PROFILES[profile]) for name, one in series.items())
    return 100 * (raw + missed * windows) / (windows + missed * windows)


def main(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    series = load(folder)
    told = scores(series)
    found = np.concatenate(list(told.values()))
    thresholds = np.quantile(found[found > 0], np.linspace(0, 0.999, 80))
    for profile in PROFILES:
        best = max(score(series, told, threshold, profile) for threshold in thresholds)
        own = score(series, told, TOLD, profile)
        yield f"{profile}, {len(series)} files", f"{best:.1f} at the best threshold, {own:.1f} at ours", BARS.get(profile, "")


def _raw(one: Series, detections: npt.NDArray[np.intp], false_alarm: float, missed: float) -> float:
    detections = detections[detections >= one.silent]
    total = 0.0
    outside = np.ones(len(detections), np.bool_)
    for first, last in one.windows:
        inside = (detections >= first) & (detections <= last)
        outside &= ~inside
        total += _worth(-(last - detections[inside][0] + 1) / (last - first + 1)) / _worth(-1.0) if inside.any() else -missed
    return total + sum(false_alarm * _penalty(int(at), one.windows) for at in detections[outside])


def _penalty(at: int, windows: tuple[tuple[int, int], ...]) -> float:
    """A false alarm soon after a window costs less."""
    before = [(first, last) for first, last in windows if last < at]
    if not before:
        return -1.0
    first, last = before[-1]
    late = (at - last) / max(last - first, 1)
    return _worth(late) if late <= 3 else -1.0


def _worth(place: float) -> float:
    return float(2 / (1 + np.exp(5 * place)) - 1)
