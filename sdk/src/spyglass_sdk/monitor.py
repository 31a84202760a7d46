"""An agent that lives long in, its requests as spans and its figures as metrics out."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

from spyglass_sdk import names
from spyglass_sdk.events import emit
from spyglass_sdk.feedback import score
from spyglass_sdk.guard import harmless
from spyglass_sdk.metrics import REGISTRY
from spyglass_sdk.observation import Observation, observation
from spyglass_sdk.who import Attached, set_agent

__all__ = ["AIAgentMonitor", "AgentMetrics", "Request", "quick_register_agent", "quick_update_metrics"]

_PREFIX: Final = "spyglass.agent."
_INTELLIGENCE: Final = ("accuracy", "coherence", "efficiency", "adaptability")


@dataclass
class AgentMetrics:
    """Figures of an agent. Extend it with fields of your own: each number becomes a gauge `spyglass.agent.<field>`, one that is None is left out."""

    requests: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_s: float | None = None  # of the latest request
    active_requests: int = 0

    def values(self) -> dict[str, float]:
        """The numbers, by name. One of your own may raise: then nothing is told."""
        told = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: float(value) for name, value in told.items() if isinstance(value, (int, float))}


class Request:
    """A request that runs: a block of `with` or `async with`. Say what came of it before the block ends."""

    def __init__(self, monitor: AIAgentMonitor, input_tokens: int | None, told: dict[str, Any]) -> None:
        self._monitor = monitor
        self._counts: dict[str, float | None] = {"input_tokens": input_tokens}
        self._told = told
        self.work: Observation | None = None

    def complete(self, output: object = None, *, output_tokens: int | None = None, cost_usd: float | None = None, **counts: float | None) -> Request:
        """What came of it, and what that took: also input_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens."""
        self._counts |= {"output_tokens": output_tokens, "cost_usd": cost_usd, **counts}
        if output is not None and self.work is not None:
            self.work.output(output)
        return self

    def __enter__(self) -> Request:
        self.work = observation(f"{self._monitor.agent_id} request", "llm", model=self._monitor.model, attributes=self._told)
        self._monitor.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        if self.work is None:
            return
        self.work.usage(**self._counts)
        self.work.__exit__(kind, error, where)
        self._monitor.finish(self._counts, failed=error is not None, latency_s=self.work.lasted_s)

    async def __aenter__(self) -> Request:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.__exit__(kind, error, where)


class AIAgentMonitor:
    """Watches one agent, for a block of `with` or `async with`: registered at its beginning, told of at its end.

    Args:
        agent_id: which agent.
        model: that it asks, unless a request says otherwise.
        agent_type: what it is.
        metrics: figures to go on with, or of a class of your own.
    """

    def __init__(self, agent_id: str, model: str | None = None, agent_type: str = "agent", *, metrics: AgentMetrics | None = None, **metadata: Any) -> None:
        self.agent_id, self.model, self.agent_type = agent_id, model, agent_type
        self.metrics = metrics or AgentMetrics()
        self._metadata = metadata
        self._attached: Attached | None = None
        self._lock = threading.Lock()

    def track_request(self, input_tokens: int | None = None, **attributes: Any) -> Request:
        """A request to the model: `async with monitor.track_request(input_tokens=12) as request:`."""
        return Request(self, input_tokens, {names.AGENT_ID: self.agent_id, **attributes})

    @harmless(None)
    def update_metrics(self, **values: float) -> None:
        """Set figures: those of `metrics` by their names, and any others."""
        with self._lock:
            for name, value in values.items():
                if any(field.name == name for field in dataclasses.fields(self.metrics)):
                    setattr(self.metrics, name, value)
        quick_update_metrics(self.agent_id, **{**self.metrics.values(), **values})

    @harmless(None)
    def report_intelligence_metrics(
        self, accuracy: float | None = None, coherence: float | None = None, efficiency: float | None = None, adaptability: float | None = None
    ) -> None:
        """How well it does, each from 0 to 1: told as scores of what runs here, and as gauges."""
        told = dict(zip(_INTELLIGENCE, (accuracy, coherence, efficiency, adaptability), strict=True))
        given = {name: value for name, value in told.items() if value is not None}
        for name, value in given.items():
            score(None, name, value, attributes={names.AGENT_ID: self.agent_id, names.AGENT: self.agent_id})
        quick_update_metrics(self.agent_id, **given)

    @harmless(None)
    def begin(self) -> None:
        """A request begins."""
        with self._lock:
            self.metrics.requests += 1
            self.metrics.active_requests += 1

    @harmless(None)
    def finish(self, counts: dict[str, float | None], *, failed: bool, latency_s: float) -> None:
        """A request is over."""
        with self._lock:
            self.metrics.active_requests -= 1
            self.metrics.errors += failed
            self.metrics.input_tokens += int(counts.get("input_tokens") or 0)
            self.metrics.output_tokens += int(counts.get("output_tokens") or 0)
            self.metrics.cost_usd += float(counts.get("cost_usd") or 0)
            self.metrics.latency_s = latency_s
            values = self.metrics.values()
        _gauges(self.agent_id, values)

    def __enter__(self) -> AIAgentMonitor:
        self._attached = set_agent(self.agent_id, self.agent_id)
        quick_register_agent(self.agent_id, self.agent_type, self.model, **self._metadata)
        return self

    @harmless(None)
    def _told_last(self) -> None:
        quick_update_metrics(self.agent_id, **self.metrics.values())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._told_last()
        if self._attached is not None:
            self._attached.close()

    async def __aenter__(self) -> AIAgentMonitor:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.__exit__(kind, error, where)


@harmless(False)
def quick_register_agent(agent_id: str, agent_type: str = "agent", model: str | None = None, *, version: str | None = None, **metadata: Any) -> bool:
    """Say that there is an agent: the event `agent.registered`. More about it by name: owner, capabilities, tools, tags, environment."""
    told = {names.AGENT_ID: agent_id, names.AGENT: agent_id, names.AGENT_VERSION: version, names.REQUEST_MODEL: model, "spyglass.agent.type": agent_type}
    emit("agent.registered", {**told, **{f"{_PREFIX}{name}": value for name, value in metadata.items()}})
    return True


@harmless(False)
def quick_update_metrics(agent_id: str, **values: float) -> bool:
    """Say figures of an agent: gauges `spyglass.agent.<name>`, and the event `agent.metrics`."""
    _gauges(agent_id, values)
    told = {names.AGENT_ID: agent_id, names.AGENT: agent_id}
    emit("agent.metrics", {**told, **{f"{_PREFIX}{name}": float(value) for name, value in values.items()}})
    return True


def _gauges(agent_id: str, values: dict[str, float]) -> None:
    for name, value in values.items():
        REGISTRY.gauge(f"{_PREFIX}{name}").set(value, **{names.AGENT_ID: agent_id})
