"""One series of figures by its name: `llm.cost_usd` or `points.avg:queue.depth` and a search in; even buckets of one value each out.

It reads what `GET /api/v1/series/…` and `GET /api/v1/points` read. Buckets are whole: the one that goes on now is left out, and so is what lies before the
first one that has anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.series.grid import Fill, even, fill
from spyglass.analyze.series.scales import ScaleName
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind
from spyglass.show.beside import events_beside
from spyglass.show.parameters import Window
from spyglass.show.scope import scope_of
from spyglass.show.services import Services
from spyglass.store.read import series as read

__all__ = ["FIGURES", "FillOrAuto", "Line", "Wanted", "line_of", "nice_bucket_s"]

Floats = npt.NDArray[np.float64]
FillOrAuto = Literal["auto", "none", "zero", "previous", "linear"]
_NICE_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800, 2_592_000, 31_536_000)
_QUANTILES: Final = {"p50_ns": 0, "p90_ns": 1, "p95_ns": 2, "p99_ns": 3}
_COUNTED: Final = frozenset({"count", "errors", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost_usd"})
_SPANS: Final = ("count", "errors", "error_share", "mean_ns", "min_ns", "max_ns", *_QUANTILES)
_CALLS: Final = (*sorted(_COUNTED), "error_share", "output_tokens_mean", "cost_usd_mean", *_QUANTILES)
_POINTS: Final = ("avg", "min", "max", "last", "increase", "rate", "count", "p50", "p90", "p95", "p99")
FIGURES: Final[Mapping[str, tuple[str, ...]]] = {
    "spans": _SPANS,
    "llm": _CALLS,
    "tool": _CALLS,
    "embedding": _CALLS,
    "events": ("count", "errors", "error_share"),
    "points": _POINTS,
}
"""Sources, and the figures of each."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    source: str
    figure: str
    metric: str = ""
    query: str = ""
    agent: str = ""

    @classmethod
    def parse(cls, text: str, query: str = "", agent: str = "") -> Wanted:
        """Of `llm.cost_usd`, `spans.p95_ns`, `points.avg:queue.depth`.

        Raises:
            InputError: there is no such series; those there are are told.
        """
        source, _, rest = text.partition(".")
        figure, _, metric = rest.partition(":")
        if source not in FIGURES:
            raise InputError(f"series: expected one of {', '.join(FIGURES)} before the first dot, got {source[:40]!r}")
        if figure not in FIGURES[source]:
            raise InputError(f"series: {source} has no {figure[:40]!r}; it has {', '.join(FIGURES[source])}")
        if (source == "points") != bool(metric):
            raise InputError(f"series: expected {'points.<figure>:<metric>' if source == 'points' else 'no metric after a colon'}, got {text[:80]!r}")
        if agent and source not in {"llm", "tool", "embedding"}:
            raise InputError(f"agent: only llm, tool and embedding are told by agent, not {source}; search for it with `query` instead")
        return cls(source, figure, metric, query, agent)

    @property
    def name(self) -> str:
        """As it is written."""
        return f"{self.source}.{self.figure}" + (f":{self.metric}" if self.metric else "")

    @property
    def unit(self) -> str:
        """Of its values; empty: a number, or what the metric says."""
        if self.figure.endswith("_ns"):
            return "ns"
        return "USD" if "cost" in self.figure else "tokens" if "tokens" in self.figure else ""

    @property
    def scale(self) -> ScaleName:
        """On which its deviations are alike."""
        if self.figure == "error_share":
            return "share"
        if self.figure in {"count", "errors"} and self.source != "points":
            return "count"
        return "size" if self.figure.endswith(("_ns", "_mean")) else "plain"

    @property
    def fill(self) -> Fill:
        """What a bucket without anything means: nothing counted is zero, nothing measured is not known."""
        return "zero" if self.figure in _COUNTED else "none"


@dataclass(frozen=True, slots=True)
class Line:
    """Values of buckets one after the other."""

    wanted: Wanted
    bucket_s: int
    first_s: int  # where the first bucket begins, Unix time
    values: Floats  # NaN: none

    @property
    def times_ns(self) -> list[int]:
        """Where each bucket begins."""
        return [(self.first_s + at * self.bucket_s) * 10**9 for at in range(len(self.values))]


def nice_bucket_s(asked: int, window: Window, fit: int = 300) -> int:
    """Seconds of a bucket, so that about `fit` of them are in the window, where none was asked for."""
    wanted = (window.to_ns - window.from_ns) / 1e9 / fit
    return asked or next((nice for nice in _NICE_S if nice >= wanted), _NICE_S[-1])


def line_of(services: Services, project: str, window: Window, wanted: Wanted, bucket_s: int, how: FillOrAuto = "auto") -> Line:
    """The series of a project in a window.

    Raises:
        InputError: too many buckets.
        QueryError: the search text is wrong.
    """
    now_s = services.clock.now_ns() // 10**9
    last_s = min(window.to_ns // 10**9, now_s) // bucket_s * bucket_s - 1
    first_s = -(-(window.from_ns // 10**9) // bucket_s) * bucket_s
    table = _read(services, project, window, wanted, bucket_s)
    times, values = table["bucket"], table["value"]
    inside = [at for at in times if first_s <= at <= last_s]
    if not inside:
        return Line(wanted, bucket_s, first_s, np.zeros(0))
    first_s = max(first_s, min(inside))
    grid = even(times, values, bucket_s, first_s, last_s)
    return Line(wanted, bucket_s, first_s, fill(grid, wanted.fill if how == "auto" else how))


def _read(services: Services, project: str, window: Window, wanted: Wanted, bucket_s: int) -> dict[str, list[Any]]:
    engine = services.engine.read
    if wanted.source == "points":
        found = read.points(engine, scope_of(services, Kind.POINT, project, window, wanted.query), bucket_s, [], wanted.metric)
        rows = [row | {"rate": None if row["increase"] is None else row["increase"] / bucket_s} for row in found]
        return {"bucket": [row["bucket"] for row in rows], "value": [row.get(wanted.figure) for row in rows]}
    if wanted.source == "events":
        table = read.events(engine, scope_of(services, Kind.EVENT, project, window, wanted.query), bucket_s, [])
    elif wanted.source == "spans":
        table = read.spans(engine, scope_of(services, Kind.SPAN, project, window, wanted.query), bucket_s, [])
    else:
        scope, events = scope_of(services, Kind.SPAN, project, window, wanted.query), events_beside(services, project, window, wanted.query)
        summed = read.calls_of_sums(engine, scope, bucket_s, [], wanted.source, wanted.agent, services.sums.until_s)
        table = read.calls(engine, scope, bucket_s, [], wanted.source, wanted.agent, events) if summed is None else summed
    return {"bucket": table["bucket"].to_pylist(), "value": _figure(table, wanted.figure).tolist()}


def _figure(table: pa.Table, figure: str) -> Floats:
    if figure in _QUANTILES:
        return np.array([row[_QUANTILES[figure]] for row in table["quantiles_ns"].to_pylist()], np.float64)
    made = _MADE.get(figure)
    if made is None:
        return _column(table, figure)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = made(table)
    return found


def _column(table: pa.Table, name: str) -> Floats:
    found: Floats = table[name].to_numpy().astype(np.float64)
    return found


_MADE: Final[Mapping[str, Callable[[pa.Table], Floats]]] = {
    "error_share": lambda table: _column(table, "errors") / _column(table, "count"),
    "mean_ns": lambda table: _column(table, "sum_ns") / _column(table, "count"),
    "output_tokens_mean": lambda table: _column(table, "output_tokens") / _column(table, "count"),
    "cost_usd_mean": lambda table: _column(table, "cost_usd") / _column(table, "count"),
}
