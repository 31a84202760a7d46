"""Names and numbers in, OpenTelemetry metrics out; and a bounded memory of the latest values, for exporters that want to see them here.

One registry for the whole process is `REGISTRY`; more can be made. Instruments are made once per name, with their kind and labels as they come.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from opentelemetry import metrics

from spyglass_sdk.content import said
from spyglass_sdk.guard import harmless, tell
from spyglass_sdk.release import VERSION

__all__ = ["REGISTRY", "Counter", "Gauge", "Histogram", "Metric", "MetricsRegistry", "Reading", "Summary"]

_lock = threading.Lock()  # of all metrics: held for less than it takes to get one of many

Labels = tuple[tuple[str, str], ...]

_INSTRUMENTS: Final = {  # how OpenTelemetry calls what makes one, and what it is told by
    "counter": ("create_counter", "add"),
    "gauge": ("create_gauge", "set"),
    "histogram": ("create_histogram", "record"),
    "summary": ("create_histogram", "record"),
}
_LONGEST: Final = 1024  # bytes of a label: each is sent with each collection
_MOST_SERIES: Final = 1000  # of one metric; OpenTelemetry's own limit is 2000
_WINDOW: Final = 512  # values from which a summary tells its quantiles
_QUANTILES: Final = (0.5, 0.9, 0.99)
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


@dataclass(slots=True)
class _Series:
    count: int = 0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    latest: float = 0.0
    buckets: list[int] = field(default_factory=list)
    window: deque[float] = field(default_factory=lambda: deque(maxlen=_WINDOW))


@dataclass(frozen=True, slots=True)
class Reading:
    """One series as it stands.

    Attributes:
        value: of a counter the sum, of a gauge the latest, of the others the mean.
        quantiles: of a summary, over its last 512 values.
        buckets: of a histogram: upper bound and how many values are at most that.
    """

    name: str
    kind: str
    unit: str
    description: str
    labels: dict[str, str]
    value: float
    count: int
    total: float
    low: float
    high: float
    quantiles: dict[float, float]
    buckets: dict[float, int]


class Metric:
    """What all kinds share. A metric holds at most 1000 series; more go to OpenTelemetry only."""

    kind: Literal["counter", "gauge", "histogram", "summary"]

    def __init__(self, name: str, unit: str = "", description: str = "") -> None:
        self.name, self.unit, self.description = name, unit, description
        self._series: dict[Labels, _Series] = {}
        self._provider: object = None
        self._instrument: Any = None

    def readings(self) -> list[Reading]:
        """All series as they stand."""
        with _lock:
            return [self._read(labels, series) for labels, series in self._series.items()]

    @harmless(None)
    def _record(self, value: float, labels: Mapping[str, object]) -> None:
        value = float(value)
        if not math.isfinite(value):
            raise ValueError(f"metric {self.name}: expected a finite number")
        if self.kind == "counter" and value < 0:
            raise ValueError(f"metric {self.name}: a counter goes up only")
        attributes = {said(name, _LONGEST): said(one, _LONGEST) for name, one in labels.items()}
        with _lock:
            self._keep(tuple(sorted(attributes.items())), value)
        self._tell(value, attributes)

    def _keep(self, labels: Labels, value: float) -> None:
        series = self._series.get(labels)
        if series is None:
            if len(self._series) >= _MOST_SERIES:
                tell(f"metric {self.name}", OverflowError(f"more than {_MOST_SERIES} series; use labels with few values"))
                return
            series = self._series[labels] = _Series(buckets=[0] * len(BUCKETS))
        series.count += 1
        series.total += value
        series.low, series.high, series.latest = min(series.low, value), max(series.high, value), value
        if self.kind == "summary":
            series.window.append(value)
        elif self.kind == "histogram":
            for index, bound in enumerate(BUCKETS):
                series.buckets[index] += value <= bound

    def _read(self, labels: Labels, series: _Series) -> Reading:
        value = {"counter": series.total, "gauge": series.latest}.get(self.kind, series.total / series.count if series.count else 0.0)
        ordered = sorted(series.window)
        quantiles = {part: ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)] for part in _QUANTILES} if ordered else {}
        buckets = dict(zip(BUCKETS, series.buckets, strict=True)) if self.kind == "histogram" else {}
        told = (self.name, self.kind, self.unit, self.description, dict(labels), value)
        return Reading(*told, series.count, series.total, series.low, series.high, quantiles, buckets)

    def _tell(self, value: float, attributes: dict[str, str]) -> None:
        make, use = _INSTRUMENTS[self.kind]
        getattr(self._made(make), use)(value, attributes)

    def _made(self, make: str) -> Any:
        provider = metrics.get_meter_provider()
        if self._instrument is None or provider is not self._provider:  # a provider that comes later is taken up
            self._provider = provider
            self._instrument = getattr(provider.get_meter("spyglass_sdk", VERSION), make)(self.name, unit=self.unit, description=self.description)
        return self._instrument


class Counter(Metric):
    """Goes up only."""

    kind = "counter"

    def add(self, value: float = 1, **labels: object) -> None:
        """Count; what is below zero is a fault of the caller, and not counted."""
        self._record(value, labels)


class Gauge(Metric):
    """Has a value now."""

    kind = "gauge"

    def set(self, value: float, **labels: object) -> None:
        """This is the value from now on."""
        self._record(value, labels)


class _Distribution(Metric):
    def observe(self, value: float, **labels: object) -> None:
        """One more value."""
        self._record(value, labels)

    @contextmanager
    def time(self, **labels: object) -> Iterator[None]:
        """Observe how long the block takes, in seconds."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.observe(time.perf_counter() - began_s, **labels)


class Histogram(_Distribution):
    """How values are distributed, in buckets."""

    kind = "histogram"


class Summary(_Distribution):
    """How the latest values are distributed, in quantiles."""

    kind = "summary"


M = TypeVar("M", bound=Metric)


class MetricsRegistry:
    """Metrics by name, each made when it is first asked for. A name that has another kind already gives a metric that only OpenTelemetry sees."""

    def __init__(self) -> None:
        self._metrics: dict[str, Metric] = {}

    def counter(self, name: str, unit: str = "", description: str = "") -> Counter:
        """The counter of that name."""
        return self._get(Counter, name, unit, description)

    def gauge(self, name: str, unit: str = "", description: str = "") -> Gauge:
        """The gauge of that name."""
        return self._get(Gauge, name, unit, description)

    def histogram(self, name: str, unit: str = "", description: str = "") -> Histogram:
        """The histogram of that name."""
        return self._get(Histogram, name, unit, description)

    def summary(self, name: str, unit: str = "", description: str = "") -> Summary:
        """The summary of that name."""
        return self._get(Summary, name, unit, description)

    def readings(self) -> list[Reading]:
        """All series of all metrics as they stand, in order of their names."""
        with _lock:
            found = sorted(self._metrics.items())
        return [reading for _, metric in found for reading in metric.readings()]

    def _get(self, kind: type[M], name: str, unit: str, description: str) -> M:
        name = said(name, _LONGEST)
        with _lock:
            found = self._metrics.get(name)
            if found is None:
                found = self._metrics[name] = kind(name, unit, description)
        if isinstance(found, kind):
            return found
        tell(f"metric {name}", TypeError(f"is a {found.kind} already"))
        return kind(name, unit, description)


REGISTRY: Final = MetricsRegistry()


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread may have held it while the process forked
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
