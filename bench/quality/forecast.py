"""Seasonal series (the examples of Prophet): forecasts from twelve places in the last two fifths of each, one and two seasons ahead; MASE out.

MASE is the mean error in sizes of the mean seasonal-naive step of what came before the place (Hyndman and Koehler 2006). Beside it the same of the
seasonal-naive line itself, and how much of what came lay within the band of 90 %.

Beside them what machines and services wrote (NAB, where it is there), as hourly means: eight places each. A series that hardly moved before a fault has any
error there, so the middle one of the series is told, and the geometric mean of MASE over that of the seasonal-naive line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.forecast import forecast

Floats = npt.NDArray[np.float64]
PLACES = 12
HORIZONS = {"one season": 1, "two seasons": 2}
BAR = 0.95


def load(path: Path) -> tuple[Floats, float]:
    """Values in even steps, and the step in seconds; months count as even."""
    with path.open(newline="") as file:
        told = sorted((datetime.fromisoformat(row["ds"]).timestamp(), float(row["y"]) if row["y"] else np.nan) for row in csv.DictReader(file))
    times, values = (np.array(column) for column in zip(*told, strict=True))
    step = float(np.median(np.diff(times)))
    if step > 20 * 86_400:
        return values, 30.44 * 86_400
    places = np.round((times - times[0]) / step).astype(int)
    grid = np.full(places[-1] + 1, np.nan)
    grid[places] = values
    return grid, step


def hourly(path: Path) -> Floats:
    """Means of the hours of a file of NAB."""
    with path.open(newline="") as file:
        told = sorted((datetime.fromisoformat(row["timestamp"]).timestamp(), float(row["value"])) for row in csv.DictReader(file))
    times, values = (np.array(column) for column in zip(*told, strict=True))
    hours = ((times - times[0]) // 3_600).astype(int)
    counts = np.bincount(hours)
    means: Floats = np.where(counts > 0, np.bincount(hours, values) / np.maximum(counts, 1), np.nan)
    return means


def season(step_s: float) -> int:
    """The season that MASE is counted by, as usual for this step."""
    return 12 if step_s > 20 * 86_400 else 7 if step_s >= 86_400 else round(86_400 / step_s)


def score(values: Floats, step_s: float, steps: int, places: int = PLACES) -> tuple[float, float, float]:
    """MASE, that of the seasonal-naive line, and the share within the band."""
    period, count = season(step_s), len(values)
    errors, naive, within = [], [], []
    for place in np.linspace(round(0.6 * count), count - steps, places).astype(int):
        known, truth = values[:place], values[place : place + steps]
        scale = float(np.nanmean(np.abs(known[period:] - known[:-period]))) or np.nan  # until now it stood still: no size to measure by
        made = forecast(known, steps, 0.9, step_s)
        lag = place - len(known[: np.flatnonzero(np.isfinite(known))[-1] + 1])  # a gap before the place is forecast as well
        middle, low, high = (forecast(known, steps + lag, 0.9, step_s).middle[lag:], None, None) if lag else (made.middle, made.low, made.high)
        errors.append(float(np.nanmean(np.abs(middle - truth))) / scale if np.isfinite(truth).any() else np.nan)
        naive.append(float(np.nanmean(np.abs(made.naive - truth))) / scale if np.isfinite(truth).any() else np.nan)
        if low is not None and high is not None:
            within += ((truth >= low) & (truth <= high))[np.isfinite(truth)].tolist()
    return float(np.nanmean(errors)), float(np.nanmean(naive)), float(np.mean(within))


def main(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    for name, seasons in HORIZONS.items():
        found = []
        for path in sorted(folder.glob("*.csv")):
            values, step_s = load(path)
            found.append(score(values, step_s, seasons * season(step_s)))
            mase, naive, within = found[-1]
            yield f"{path.stem.removeprefix('example_')}, {name}", f"{mase:.3f}; naive {naive:.3f}; {within:.0%} within", ""
        means = np.mean(found, axis=0)
        yield f"MASE, mean of {len(found)}, {name}", f"{means[0]:.3f}; naive {means[1]:.3f}; {means[2]:.0%} within 90 %", f"{BAR:.2f}"
    if (folder.parent / "nab").is_dir():
        yield from services(folder.parent / "nab")


def services(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of NAB, hourly; a file that repeats itself exactly has no step to measure by."""
    series = [hourly(path) for path in sorted(folder.glob("data/*/*.csv"))]
    for name, seasons in HORIZONS.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.array([score(values, 3_600, seasons * 24, 8) for values in series if np.nanmean(np.abs(values[24:] - values[:-24])) > 0])
        middle, naive, within = np.median(found[:, 0]), np.median(found[:, 1]), found[:, 2].mean()
        share = np.exp(np.log(found[:, 0] / found[:, 1]).mean())
        yield f"NAB hourly, {len(found)} files, {name}", f"median {middle:.3f}; naive {naive:.3f}; ratio {share:.2f}; {within:.0%} within 90 %", ""
