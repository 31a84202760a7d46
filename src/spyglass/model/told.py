"""What a runner tells: events, spans and metric points with OpenTelemetry's names, before they become OTLP.

Plain values that a plugin makes without knowing Spyglass's tables: they go the road that all telemetry goes, so they are normalised, redacted and priced alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

__all__ = ["INFO", "Attributes", "Event", "Point", "Span", "Told", "Value"]

Value: TypeAlias = "str | bool | int | float | bytes | Sequence[Value] | Mapping[str, Value] | None"
Attributes: TypeAlias = Mapping[str, Value]

INFO: Final = 9  # severity numbers of OpenTelemetry's log data model


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: an OpenTelemetry event. Ids are 16 and 8 bytes, empty when there is no span."""

    name: str
    time_ns: int  # since 1970, UTC
    attributes: Attributes = field(default_factory=dict)
    body: Value = None
    severity: int = INFO
    trace_id: bytes = b""
    span_id: bytes = b""


@dataclass(frozen=True, slots=True)
class Span:
    """Something that took time. `failed` is the status message of an error, None when it went well."""

    name: str
    start_ns: int
    end_ns: int
    trace_id: bytes  # 16 bytes
    span_id: bytes  # 8 bytes
    parent_span_id: bytes = b""
    kind: Literal["internal", "server", "client", "producer", "consumer"] = "internal"
    attributes: Attributes = field(default_factory=dict)
    failed: str | None = None
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a metric. `sum` is cumulative since `start_ns`; `monotonic`: it never falls."""

    name: str
    time_ns: int
    value: int | float
    unit: str = ""
    attributes: Attributes = field(default_factory=dict)
    form: Literal["gauge", "sum"] = "gauge"
    monotonic: bool = False
    start_ns: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a runner has to tell at once, of one resource (`service.name`, `host.id`, `process.pid` …)."""

    resource: Attributes = field(default_factory=dict)
    events: Sequence[Event] = ()
    spans: Sequence[Span] = ()
    points: Sequence[Point] = ()

    def __len__(self) -> int:
        """Records in all."""
        return len(self.events) + len(self.spans) + len(self.points)
