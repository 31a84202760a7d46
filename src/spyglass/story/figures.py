"""The metrics of the story: each model call is observed, and every minute its sums are told as GenAI's histograms; beside them a gauge of the queue."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from spyglass.decode.attributes import put_all
from spyglass.story.speech import Model
from spyglass.story.telling import Record, Scene, Service

__all__ = ["Figures"]

_MINUTE_NS: Final = 60 * 10**9
_DELTA: Final[Any] = 1
_SCOPE: Final = "opentelemetry.instrumentation.genai"
# Bucket bounds of the GenAI conventions.
_BOUNDS: Final[dict[str, list[float]]] = {
    "gen_ai.client.token.usage": [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
    "gen_ai.client.operation.duration": [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
}
_UNITS: Final = {"gen_ai.client.token.usage": "{token}", "gen_ai.client.operation.duration": "s"}
_ABOUT: Final = {
    "gen_ai.client.token.usage": "Number of input and output tokens used.",
    "gen_ai.client.operation.duration": "GenAI operation duration.",
}


@dataclass(slots=True)
class _Histogram:
    values: list[float] = field(default_factory=list)
    exemplar: tuple[float, int, bytes, bytes] | None = None  # value, time, trace, span


class Figures:
    """Gathers what scenes observe, and tells it minute by minute."""

    def __init__(self) -> None:
        self._minutes: dict[int, dict[tuple[Service, str, tuple[tuple[str, str], ...]], _Histogram]] = {}

    def observe(self, scene: Scene, model: Model, seconds: float, input_tokens: int, output_tokens: int) -> None:
        """One call of a model, which ends now."""
        about = (
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", model.provider),
            ("gen_ai.request.model", model.name),
            ("gen_ai.response.model", model.answers_as),
        )
        self._add(scene, "gen_ai.client.operation.duration", about, seconds)
        for kind, tokens in (("input", input_tokens), ("output", output_tokens)):
            self._add(scene, "gen_ai.client.token.usage", (*about, ("gen_ai.token.type", kind)), tokens)

    def _add(self, scene: Scene, metric: str, about: tuple[tuple[str, str], ...], value: float) -> None:
        minute = self._minutes.setdefault(scene.now_ns // _MINUTE_NS, {})
        histogram = minute.setdefault((scene.service, metric, about), _Histogram())
        histogram.values.append(value)
        span = scene.above.span
        histogram.exemplar = (float(value), scene.now_ns, span.trace_id, span.span_id)

    def take(self, until_ns: int) -> Iterator[Record]:
        """The minutes that are over, oldest first."""
        for minute in sorted(minute for minute in self._minutes if (minute + 1) * _MINUTE_NS <= until_ns):
            for (service, metric, about), histogram in self._minutes.pop(minute).items():
                yield Record((minute + 1) * _MINUTE_NS, "metrics", service, _SCOPE, _histogram(metric, about, histogram, minute * _MINUTE_NS))


def queue_length(service: Service, at_ns: int, waiting: int) -> Record:
    """How many customers wait."""
    metric = Metric(name="support.queue.length", description="Customers who wait for an answer.", unit="{customer}")
    metric.gauge.data_points.add(time_unix_nano=at_ns, as_int=waiting)
    return Record(at_ns, "metrics", service, f"{service.name}.app", metric)


def _histogram(name: str, about: tuple[tuple[str, str], ...], told: _Histogram, begin_ns: int) -> Any:
    metric = Metric(name=name, description=_ABOUT[name], unit=_UNITS[name])
    metric.histogram.aggregation_temporality = _DELTA
    bounds, counts = _BOUNDS[name], [0] * (len(_BOUNDS[name]) + 1)
    for value in told.values:
        counts[bisect.bisect_left(bounds, value)] += 1
    point = metric.histogram.data_points.add(start_time_unix_nano=begin_ns, time_unix_nano=begin_ns + _MINUTE_NS, count=len(told.values), sum=sum(told.values))
    point.min, point.max = min(told.values), max(told.values)
    point.explicit_bounds.extend(bounds)
    point.bucket_counts.extend(counts)
    put_all(point.attributes, dict(about))
    if told.exemplar:
        value, at_ns, trace_id, span_id = told.exemplar
        point.exemplars.add(as_double=value, time_unix_nano=at_ns, trace_id=trace_id, span_id=span_id)
    return metric
