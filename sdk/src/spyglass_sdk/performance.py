"""Nothing in, gauges of CPU, memory and disk of this process and its machine out, while it runs."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from spyglass_sdk.guard import tell
from spyglass_sdk.metrics import REGISTRY, MetricsRegistry
from spyglass_sdk.resources import Sample, sample

__all__ = ["PerformanceMonitor"]


class PerformanceMonitor:
    """Looks each `interval_s`, on a daemon thread of its own. As a context manager it runs for a block."""

    def __init__(self, interval_s: float = 5.0, registry: MetricsRegistry = REGISTRY) -> None:
        self._interval_s = max(0.05, interval_s)
        self._registry = registry
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._before: tuple[float, float] | None = None

    def look(self) -> Sample:
        """Look once, now, and tell."""
        found, now_s = sample(), time.perf_counter()
        gauge = self._registry.gauge
        if self._before is not None and now_s > self._before[0]:
            gauge("process.cpu.utilization", "1").set((found.cpu_time_s - self._before[1]) / (now_s - self._before[0]))
        self._before = (now_s, found.cpu_time_s)
        told = (
            ("process.memory.usage", "By", found.memory_bytes, 1.0),
            ("system.memory.utilization", "1", found.machine_memory_percent, 0.01),
            ("system.filesystem.utilization", "1", found.disk_percent, 0.01),
            ("system.cpu.load_average.1m", "1", found.load, 1.0),
        )
        for name, unit, value, factor in told:
            if value is not None:
                gauge(name, unit).set(value * factor)
        return found

    def start(self) -> PerformanceMonitor:
        """Look from now on; twice is once."""
        if self._thread is None or not self._thread.is_alive():
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="spyglass-performance", daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(1.0)

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception as error:  # a thread that ends would look no more
                tell("performance", error)
            if self._stop.wait(self._interval_s):
                return

    def __enter__(self) -> PerformanceMonitor:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.stop()
