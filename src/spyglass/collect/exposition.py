"""Pages of metrics in Prometheus' text format or in OpenMetrics: a page in, points out.

Counters, and the buckets, counts and sums of histograms and summaries, are monotonic sums: `le` and `quantile` stay attributes. All else is a gauge.
A sum begins when its page says so (`_created`), else when it was first seen, and again when it falls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client import parser as prometheus_parser
from prometheus_client.openmetrics import parser as openmetrics_parser

from spyglass.model.told import Point, Value

__all__ = ["ACCEPT", "ExpositionError", "Series"]

ACCEPT: Final = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5"
_OPENMETRICS: Final = "application/openmetrics-text"
_SUMS: Final = {
    "counter": ("_total", ""),
    "histogram": ("_bucket", "_count", "_sum"),
    "gaugehistogram": (),
    "summary": ("_count", "_sum"),
}
_UNITS: Final = {"seconds": "s", "bytes": "By", "ratio": "1", "celsius": "Cel", "meters": "m", "volts": "V", "amperes": "A", "joules": "J", "grams": "g"}
_PARTS: Final = re.compile(r"_(?:total|bucket|count|sum)$")
_TARGET: Final = frozenset({"target", "target_info"})  # its labels are attributes of the whole target
_STALE_NS: Final = 300 * 10**9  # a sample with a time of its own that is older is history, not news


class ExpositionError(Exception):
    """The page is not in either format."""


@dataclass(slots=True)
class _Sum:
    value: float
    start_ns: int


@dataclass(slots=True)
class Series:
    """What is remembered of one target from page to page: its sums, as far as they were on the last page. Bounded by `most` samples a page."""

    most: int
    target: dict[str, Value] = field(default_factory=dict)  # attributes of `target_info`
    _sums: dict[tuple[Any, ...], _Sum] = field(default_factory=dict)

    def read(self, text: str, content_type: str, now_ns: int, wanted: Callable[[str], bool], drop: Callable[[str, int], None]) -> list[Point]:
        """The points of a page. Series that are not on it any more are forgotten: when one comes back, it begins anew.

        `drop` is given `filtered` (not `wanted` by name), `stale`, `too_many`, with numbers of samples.

        Raises:
            ExpositionError: a line of it cannot be read; nothing of it is taken.
        """
        families = self._families(text, content_type)
        sums: dict[tuple[Any, ...], _Sum] = {}
        found: list[Point] = []
        beyond = 0
        for family in families:
            if family.name in _TARGET:
                self.target = dict(family.samples[0].labels) if family.samples else {}
                continue
            if not wanted(family.name):
                drop("filtered", len(family.samples))
                continue
            taken = family.samples[: max(0, self.most - len(found))]
            beyond += len(family.samples) - len(taken)
            found += self._points(family, taken, now_ns, sums, drop)
        if beyond:
            drop("too_many", beyond)
        self._sums = sums
        return found

    def _families(self, text: str, content_type: str) -> list[Any]:
        try:
            return list(_parser_of(content_type)(text))
        except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:  # the parser has no error of its own
            raise ExpositionError(f"it is neither Prometheus' text format nor OpenMetrics: {str(error)[:120]}") from None

    def _points(self, family: Any, samples: list[Any], now_ns: int, sums: dict[tuple[Any, ...], _Sum], drop: Callable[[str, int], None]) -> Iterator[Point]:
        created = {_identity("", sample.labels): int(sample.value * 1e9) for sample in family.samples if sample.name == f"{family.name}_created"}
        unit = family.unit or _unit(family.name)
        for sample in samples:
            time_ns = _time_ns(sample.timestamp, now_ns)
            if sample.name == f"{family.name}_created":
                continue
            if time_ns < now_ns - _STALE_NS:
                drop("stale", 1)
                continue
            if not _is_sum(family, sample.name):
                yield Point(sample.name, time_ns, sample.value, _UNITS.get(unit, unit), sample.labels)
                continue
            start_ns = self._start(sample, created, time_ns, sums)
            told = "" if sample.name.endswith(("_count", "_bucket")) else _UNITS.get(unit, unit)
            yield Point(sample.name, time_ns, sample.value, told, sample.labels, "sum", True, start_ns)

    def _start(self, sample: Any, created: dict[Any, int], time_ns: int, sums: dict[tuple[Any, ...], _Sum]) -> int:
        key = _identity(sample.name, sample.labels)
        series = _identity("", {name: value for name, value in sample.labels.items() if name != "le"})
        known = self._sums.get(key)
        start_ns = created.get(series) or (known.start_ns if known and sample.value >= known.value else time_ns)
        sums[key] = _Sum(sample.value, start_ns)
        return start_ns


def _parser_of(content_type: str) -> Callable[[str], Iterator[Any]]:
    parser: Any = openmetrics_parser if content_type.partition(";")[0].strip().lower() == _OPENMETRICS else prometheus_parser
    return parser.text_string_to_metric_families  # type: ignore[no-any-return]


def _is_sum(family: Any, name: str) -> bool:
    return any(name == f"{family.name}{suffix}" or (suffix and name.endswith(suffix)) for suffix in _SUMS.get(family.type, ()))


def _identity(name: str, labels: dict[str, str]) -> tuple[Any, ...]:
    return (name, *sorted(labels.items()))


def _time_ns(stamp: Any, now_ns: int) -> int:
    """The time that a sample has of its own, in seconds; else now."""
    return now_ns if stamp is None else int(float(stamp) * 1e9)


def _unit(name: str) -> str:
    """As a name tells it: `http_request_duration_seconds`."""
    return next((word for word in _UNITS if _PARTS.sub("", name).endswith(f"_{word}")), "")
