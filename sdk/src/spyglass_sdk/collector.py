"""What agents did in, metrics, events and files out: the collector of a program that wants its figures here, too, and not in Spyglass only."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from spyglass_sdk import names
from spyglass_sdk.emitter import EventEmitter
from spyglass_sdk.exporters import CSVExporter, Exporter, JSONExporter, PrometheusExporter
from spyglass_sdk.guard import harmless, tell
from spyglass_sdk.metrics import MetricsRegistry
from spyglass_sdk.past import tell_run
from spyglass_sdk.performance import PerformanceMonitor
from spyglass_sdk.quiet import quiet

__all__ = ["TelemetryCollector"]

_FILES: Final[dict[str, Callable[[str | Path], Exporter]]] = {"json": JSONExporter, "csv": CSVExporter, "prometheus": PrometheusExporter}
_SUFFIXES: Final = {".json": "json", ".csv": "csv", ".prom": "prometheus", ".txt": "prometheus"}


class TelemetryCollector:
    """Records executions, tokens, cost and rate limits; keeps the latest `most_records` of the executions.

    `metrics`, `events` and `performance` are its parts, and can be used alone. As a context manager it runs for a block.
    """

    def __init__(
        self,
        exporters: Sequence[Exporter] = (),
        *,
        interval_s: float = 60.0,
        performance: bool = False,
        most_records: int = 10_000,
        registry: MetricsRegistry | None = None,
    ) -> None:
        """`exporters` are called each `interval_s` between `start` and `stop`, on a daemon thread; `performance`: whether the machine is watched, too."""
        self.metrics = registry or MetricsRegistry()
        self.events = EventEmitter()
        self.performance = PerformanceMonitor(registry=self.metrics)
        self._exporters = list(exporters)
        self._interval_s = max(0.1, interval_s)
        self._watch = performance
        self._records: deque[dict[str, Any]] = deque(maxlen=max(1, most_records))
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @harmless(None)
    def record_agent_execution(
        self,
        agent: str,
        operation: str,
        *,
        duration_s: float,
        success: bool = True,
        error: BaseException | str | None = None,
        model: str | None = None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cost_usd: float | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """A run of an agent that is over: spans, metrics, and the event `agent.execution`. For what is to be seen while it runs, see `execution`."""
        failed = not success or error is not None
        labels = {names.AGENT: agent, names.OPERATION: operation}
        outcome = "error" if failed else "ok"
        self.metrics.counter("spyglass.agent.executions", "{execution}").add(1, **labels, outcome=outcome)
        self.metrics.histogram("spyglass.agent.execution.duration", "s").observe(duration_s, **labels, outcome=outcome)
        if input_tokens is not None or output_tokens is not None:
            self.record_tokens(model or "", input_tokens or 0, output_tokens or 0, agent=agent)
        if cost_usd is not None:
            self.record_cost(model or "", cost_usd, agent=agent)
        kind = (type(error).__name__ if isinstance(error, BaseException) else "error") if failed else None
        message = str(error)[:2048] if error is not None else None
        told = {
            "time_ns": time.time_ns(),
            "agent": agent,
            "operation": operation,
            "duration_s": duration_s,
            "outcome": outcome,
            "error_type": kind,
            "error": message,
            "model": model,
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "cost_usd": cost_usd,
            "metadata": dict(metadata) if metadata else None,
        }
        self._records.append(told)
        named = {names.AGENT: agent, names.OPERATION: operation, names.REQUEST_MODEL: model, names.ERROR_TYPE: kind}
        usage = {names.INPUT_TOKENS: input_tokens, names.OUTPUT_TOKENS: output_tokens, names.COST_USD: cost_usd}
        more = {"spyglass.execution.duration_s": duration_s, "error.message": message, names.METADATA: metadata}
        tell_run(agent, operation, duration_s, kind, message, model, usage)
        self.events.emit("agent.execution", {**named, **usage, **more}, severity="error" if failed else "info")

    @harmless(None)
    def record_tokens(self, model: str, input_tokens: int = 0, output_tokens: int = 0, **labels: object) -> None:
        """Tokens that a model took and gave."""
        counter = self.metrics.counter("spyglass.tokens", "{token}")
        for kind, count in (("input", input_tokens), ("output", output_tokens)):
            if count:
                counter.add(count, **{names.REQUEST_MODEL: model, "gen_ai.token.type": kind}, **labels)

    @harmless(None)
    def record_cost(self, model: str, cost_usd: float, **labels: object) -> None:
        """What that cost."""
        self.metrics.counter("spyglass.cost", "USD").add(cost_usd, **{names.REQUEST_MODEL: model}, **labels)

    @harmless(None)
    def record_rate_limit(self, provider: str, limit: float, remaining: float, reset_s: float | None = None, resource: str = "requests") -> None:
        """How much of a provider's limit is left, and in how many seconds it is whole again."""
        labels = {names.PROVIDER: provider, "resource": resource}
        self.metrics.gauge("spyglass.rate_limit.limit").set(limit, **labels)
        self.metrics.gauge("spyglass.rate_limit.remaining").set(remaining, **labels)
        if reset_s is not None:
            self.metrics.gauge("spyglass.rate_limit.reset", "s").set(reset_s, **labels)
        if remaining <= 0:
            self.events.emit("rate_limit.reached", {**labels, "limit": limit, "reset_s": reset_s}, severity="warning")

    def records(self) -> list[dict[str, Any]]:
        """The executions that are kept, oldest first."""
        return list(self._records)

    @harmless(False)
    def export_to_file(self, path: str | Path, format: str | None = None) -> bool:  # noqa: A002 - the word for it
        """Write what is kept to a file: `json`, `csv` or `prometheus`, else what its ending says. True when it is written."""
        told = format or _SUFFIXES.get(Path(path).suffix.lower(), "")
        if told not in _FILES:
            raise ValueError(f"format: expected one of {', '.join(_FILES)}, or a path that ends so, got {told or Path(path).name!r}")
        return _FILES[told](path).export(self.records(), self.metrics.readings())

    def export(self) -> bool:
        """Call all exporters once, now. True when all took it."""
        taken = [self._export(exporter) for exporter in self._exporters]
        return all(taken)

    def start(self) -> TelemetryCollector:
        """Export and watch from now on; twice is once."""
        if self._watch:
            self.performance.start()
        if self._exporters and (self._thread is None or not self._thread.is_alive()):
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="spyglass-collector", daemon=True)
            self._thread.start()
        return self

    def stop(self, timeout_s: float = 5.0) -> None:
        """Export once more, and then no more; waits no longer than that."""
        self.performance.stop()
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)

    def _run(self) -> None:
        quiet()
        ended = False
        while not ended:
            ended = self._stop.wait(self._interval_s)
            self.export()

    def _export(self, exporter: Exporter) -> bool:
        try:
            return bool(exporter.export(self.records(), self.metrics.readings()))
        except Exception as error:  # the host's own exporter
            tell(f"exporter {type(exporter).__name__}", error)
            return False

    def __enter__(self) -> TelemetryCollector:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.stop()
