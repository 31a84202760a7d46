"""Arguments and environment in, how much to record (`Recording`) and how much to keep (`Keeping`) out.

Each value comes from the argument, else `SPYGLASS_SDK_<NAME>`, else its `OTEL_*` variable, else the default. A variable that cannot be read is said, and
does as if it were not there.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, cast, get_args

from spyglass_sdk.guard import log

__all__ = ["Capture", "Keeping", "Recording", "choose", "keeping", "recording", "use"]

N = TypeVar("N", int, float)
Capture = Literal["full", "metadata", "off"]

_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
_MILLISECONDS: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Recording:
    """What is recorded of the host's work.

    Attributes:
        capture: `full`: inputs and outputs as they are; `metadata`: their type and size; `off`: nothing of them.
        max_payload_bytes: of one input or output; what is longer is cut, and said to be.
        track_memory: whether executions tell of memory.
        track_performance: whether executions tell of CPU time.
        record: whether executions are recorded, so that they can be replayed.
        max_snapshot_bytes: of one snapshot of a state; of a larger one a part is sent, and said to be one.
        max_record_bytes: of one recorded answer; a larger one cannot be replayed.
    """

    capture: Capture = "full"
    max_payload_bytes: int = 32_768
    track_memory: bool = False
    track_performance: bool = True
    record: bool = False
    max_snapshot_bytes: int = 4 * 2**20
    max_record_bytes: int = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Keeping:
    """How records are kept until the server has them.

    Attributes:
        sample_ratio: share of traces that are recorded, where we make the provider; None: OTEL_TRACES_SAMPLER decides.
        queue_size: records of one signal that may wait to be encoded.
        batch_size: records of one request.
        schedule_delay_s: how long a record waits for others, and how soon a running span is announced.
        max_buffer_bytes: encoded requests that may wait for the server.
        metric_interval_s: between two collections of metrics.
        heartbeat_s: between two announcements of a span that runs; 0: it is announced once.
    """

    sample_ratio: float | None = None
    queue_size: int = 16_384
    batch_size: int = 512
    schedule_delay_s: float = 0.5
    max_buffer_bytes: int = 64 * 2**20
    metric_interval_s: float = 15.0
    heartbeat_s: float = 10.0


_current: Recording | None = None


def recording() -> Recording:
    """What holds now; before `init`, what the environment says."""
    global _current  # noqa: PLW0603 - one per process, as OpenTelemetry's own providers are
    if _current is None:
        _current = choose(os.environ)
    return _current


def use(chosen: Recording) -> None:
    """Let it hold from now on."""
    global _current  # noqa: PLW0603 - as above
    _current = chosen


def choose(
    environ: Mapping[str, str],
    capture: str | None = None,
    max_payload_bytes: int | None = None,
    track_memory: bool | None = None,
    track_performance: bool | None = None,
    record: bool | None = None,
    max_snapshot_bytes: int | None = None,
    max_record_bytes: int | None = None,
) -> Recording:
    """Settle what is recorded.

    Raises:
        ValueError: an argument is none of what it may be.
    """
    read, usual = _Reader(environ), Recording()
    if capture is None:
        capture = read.word("capture", get_args(Capture))
    if capture is None:
        capture = "metadata" if read.flag("", "OTEL_AGENT_INCLUDE_IO") is False else usual.capture
    most = max_payload_bytes if max_payload_bytes is not None else read.number("max_payload_size", "OTEL_AGENT_MAX_PAYLOAD_SIZE")
    memory = track_memory if track_memory is not None else read.flag("track_memory", "OTEL_AGENT_TRACK_MEMORY")
    performance = track_performance if track_performance is not None else read.flag("track_performance", "OTEL_AGENT_TRACK_PERFORMANCE")
    if capture not in get_args(Capture):
        raise ValueError(f"capture: expected one of {', '.join(get_args(Capture))}, got {capture!r}")
    recorded = record if record is not None else read.flag("record")
    snapshot = max_snapshot_bytes if max_snapshot_bytes is not None else read.number("max_snapshot_bytes")
    answer = max_record_bytes if max_record_bytes is not None else read.number("max_record_bytes")
    return Recording(
        capture=cast("Capture", capture),
        max_payload_bytes=_at_least("max_payload_bytes", 16, int(most)) if most is not None else usual.max_payload_bytes,
        track_memory=usual.track_memory if memory is None else bool(memory),
        track_performance=usual.track_performance if performance is None else bool(performance),
        record=usual.record if recorded is None else bool(recorded),
        max_snapshot_bytes=usual.max_snapshot_bytes if snapshot is None else _at_least("max_snapshot_bytes", 1024, int(snapshot)),
        max_record_bytes=usual.max_record_bytes if answer is None else _at_least("max_record_bytes", 1024, int(answer)),
    )


def keeping(
    environ: Mapping[str, str],
    sample_ratio: float | None = None,
    queue_size: int | None = None,
    batch_size: int | None = None,
    schedule_delay_s: float | None = None,
    max_buffer_bytes: int | None = None,
    metric_interval_s: float | None = None,
    heartbeat_s: float | None = None,
) -> Keeping:
    """Settle how records are kept. OTEL_TRACES_SAMPLER and its argument are left to the provider, which reads them itself.

    Raises:
        ValueError: an argument is out of its range.
    """
    read, usual = _Reader(environ), Keeping()

    def settle(name: str, given: float | None, default: float, otel: str = "", scale: float = 1.0) -> float:
        return given if given is not None else found if (found := read.number(name, otel, scale)) is not None else default

    ratio = sample_ratio if sample_ratio is not None else read.number("sample_ratio")
    if ratio is not None and not 0 <= ratio <= 1:
        raise ValueError(f"sample_ratio: expected 0 to 1, got {ratio}")
    queue = _at_least("queue_size", 1, int(settle("queue_size", queue_size, usual.queue_size, "OTEL_BSP_MAX_QUEUE_SIZE")))
    batch = _at_least("batch_size", 1, int(settle("batch_size", batch_size, usual.batch_size, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE")))
    delay = settle("schedule_delay", schedule_delay_s, usual.schedule_delay_s, "OTEL_BSP_SCHEDULE_DELAY", _MILLISECONDS)
    interval = settle("metric_interval", metric_interval_s, usual.metric_interval_s, "OTEL_METRIC_EXPORT_INTERVAL", _MILLISECONDS)
    return Keeping(
        sample_ratio=ratio,
        queue_size=queue,
        batch_size=min(batch, queue),
        schedule_delay_s=_at_least("schedule_delay_s", 0.01, delay),
        max_buffer_bytes=_at_least("max_buffer_bytes", 2**16, int(settle("max_buffer_bytes", max_buffer_bytes, usual.max_buffer_bytes))),
        metric_interval_s=_at_least("metric_interval_s", 0.1, interval),
        heartbeat_s=_at_least("heartbeat_s", 0, settle("heartbeat", heartbeat_s, usual.heartbeat_s)),
    )


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def number(self, name: str, otel: str = "", scale: float = 1.0) -> float | None:
        """Ours as it is written; OpenTelemetry's times `scale`."""
        for variable, factor in ((_ours(name), 1.0), (otel, scale)):
            text = self._environ.get(variable, "").strip()
            if not text:
                continue
            try:
                value = float(text)
            except ValueError:
                value = math.nan
            if math.isfinite(value) and value >= 0:
                return value * factor
            log.warning("%s: expected a number from 0 on, got %r; it is not used", variable, text)
        return None

    def flag(self, name: str, otel: str = "") -> bool | None:
        for variable in (_ours(name), otel):
            text = self._environ.get(variable, "").strip().lower()
            if text in _TRUE | _FALSE:
                return text in _TRUE
            if text:
                log.warning("%s: expected true or false, got %r; it is not used", variable, text)
        return None

    def word(self, name: str, words: tuple[str, ...]) -> str | None:
        text = self._environ.get(_ours(name), "").strip().lower()
        if not text or text in words:
            return text or None
        log.warning("%s: expected one of %s, got %r; it is not used", _ours(name), ", ".join(words), text)
        return None


def _ours(name: str) -> str:
    return f"SPYGLASS_SDK_{name.upper()}" if name else ""


def _at_least(name: str, least: N, value: N) -> N:
    if value < least or not math.isfinite(value):
        raise ValueError(f"{name}: expected {least} or more, got {value}")
    return value
