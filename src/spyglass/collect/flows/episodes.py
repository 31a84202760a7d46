"""Which trace a call on the wire belongs to, when it does not say so itself: a watch may last for weeks, and a trace of weeks is one that nobody can read.

In: who made each call, in the order in which they are told. Out: the trace and the span above; and the spans of agents that the traces begin with.

An *agent* is the command that was launched, a program that was attached, or, where all of a machine or container is watched, the outermost process that makes
calls itself. What it does goes on in another trace after a pause without calls, or after very many of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from spyglass.collect.records import Actor
from spyglass.model.clock import Clock
from spyglass.model.told import Attributes, Span, Value

__all__ = ["Bounds", "Episodes", "Lineage", "Run"]

_MOST: Final = 4096  # agents at a time; the one that was silent longest is ended for a new one

Lineage = Callable[[Actor], Iterable[int]]
"""Pids of the processes above an actor, the nearest first."""

Context = tuple[bytes, bytes]


class Bounds(NamedTuple):
    """How long a trace may become."""

    idle_s: float = 900.0
    calls: int = 1000


class Run(NamedTuple):
    """A command that was launched: its process, and when."""

    pid: int
    began_ns: int
    command: tuple[str, ...]


@dataclass(slots=True)
class _Episode:
    """One trace of an agent."""

    pid: int
    name: str
    number: int
    trace_id: bytes
    span_id: bytes
    began_ns: int
    latest_ns: int
    calls: int = 0
    told: dict[str, Value] = field(default_factory=dict)


class Episodes:
    """Bounded; for one thread. `take` gives the spans that have begun or ended since it was asked last."""

    def __init__(
        self,
        watch: str,
        clock: Clock,
        name: Callable[[int], str],
        bounds: Bounds | None = None,
        *,
        run: Run | None = None,
        lineage: Lineage | None = None,
    ) -> None:
        """`name`: what to call the agent of a pid. `lineage` is given where all of a machine is watched, so that no root tells one agent from another."""
        self._watch, self._clock, self._name, self._bounds, self._lineage = watch, clock, name, bounds or Bounds(), lineage
        self._run = run
        self._open: OrderedDict[int, _Episode] = OrderedDict()
        self._spans: list[Span] = []
        if run is not None:
            self._begin(run.pid, run.began_ns, 1)

    def __call__(self, actor: Actor, began_ns: int, agentic: bool) -> Context:
        """Where something belongs that has just ended; `agentic`: who does it is an agent."""
        agent = self._agent(actor, agentic)
        if agent is None:
            key = f"{self._watch}/{actor.pid}/{actor.started_ns}/{int(began_ns // (self._bounds.idle_s * 1e9))}"
            return blake2b(key.encode(), digest_size=16, person=b"spyglass.watch").digest(), b""
        episode = self._open.get(agent)
        if episode is None:
            episode = self._begin(agent, began_ns, 1)
        elif began_ns - episode.latest_ns > self._bounds.idle_s * 1e9 or episode.calls >= self._bounds.calls:
            self._end(episode)
            episode = self._begin(agent, began_ns, episode.number + 1)
        elif not self._launched(agent):
            episode.began_ns = min(episode.began_ns, began_ns)
        episode.calls, episode.latest_ns = episode.calls + 1, max(self._clock.now_ns(), episode.latest_ns)
        self._open.move_to_end(agent)
        return episode.trace_id, episode.span_id

    def open_runs(self) -> dict[str, int]:
        """The agents that go on: their pids by the ids that the server knows their runs by, and by those of their traces."""
        ids = ((episode.pid, episode.trace_id.hex(), episode.span_id.hex()) for episode in self._open.values())
        return {known: pid for pid, trace_id, span_id in ids for known in (f"{trace_id}-{span_id}", trace_id)}

    def context(self, agent: int) -> Context:
        """Trace and span of an agent that goes on; empty: it does not."""
        episode = self._open.get(agent)
        return (episode.trace_id, episode.span_id) if episode is not None else (b"", b"")

    def cancel(self, agent: int, told: Attributes) -> None:
        """It was called off, so it has not failed; `told`: by whom. A command that was launched ends when it does."""
        episode = self._open.get(agent)
        if episode is None:
            return
        episode.told |= {**told, "spyglass.execution.status": "cancelled"}
        if not self._launched(agent):
            episode.latest_ns = self._clock.now_ns()
            self._end(self._open.pop(agent))

    def sweep(self) -> None:
        """End what was silent long enough; a command that was launched ends when it does."""
        now_ns = self._clock.now_ns()
        for agent, episode in list(self._open.items()):
            if now_ns - episode.latest_ns > self._bounds.idle_s * 1e9 and not self._launched(agent):
                self._end(self._open.pop(agent))

    def finish(self, code: int | None = None) -> None:
        """The watch is over; `code`: of the command that was launched."""
        for agent, episode in list(self._open.items()):
            if self._launched(agent):
                episode.latest_ns = self._clock.now_ns()
                self._end(episode, code)
            else:
                self._end(episode)
        self._open.clear()

    def take(self) -> list[Span]:
        """Spans of agents: pending as they begin, whole when they end."""
        found, self._spans = self._spans, []
        return found

    def _agent(self, actor: Actor, agentic: bool) -> int | None:
        """None: nobody above it is an agent, and it is none itself."""
        if self._lineage is None:
            return actor.root or actor.pid
        return next((pid for pid in reversed([actor.pid, *self._lineage(actor)]) if pid in self._open), actor.pid if agentic else None)

    def _launched(self, agent: int) -> bool:
        return self._run is not None and agent == self._run.pid

    def _begin(self, agent: int, began_ns: int, number: int) -> _Episode:
        if len(self._open) >= _MOST:
            self._end(self._open.popitem(last=False)[1])
        told: dict[str, Value] = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": self._name(agent), "process.pid": agent}
        if self._run is not None and agent == self._run.pid:
            told["process.command_args"] = list(self._run.command)
        if number > 1:
            told["spyglass.watch.part"] = number
        trace_id, span_id = self._ids(agent, began_ns, number)
        episode = _Episode(agent, self._name(agent), number, trace_id, span_id, began_ns, began_ns, told=told)
        self._open[agent] = episode
        self._spans.append(_span(episode, {**told, "spyglass.pending": True}))
        return episode

    def _ids(self, agent: int, began_ns: int, number: int) -> Context:
        """Those of the launched command's first trace follow from the watch alone."""
        first = self._launched(agent) and number == 1
        key = f"{self._watch}/{agent}" if first else f"{self._watch}/{agent}/{began_ns}/{number}"
        trace_id = blake2b(key.encode(), digest_size=16, person=b"spyglass.watch").digest()
        return trace_id, bytes.fromhex(self._watch)[:8] if first and len(self._watch) == 16 else blake2b(trace_id, digest_size=8).digest()

    def _end(self, episode: _Episode, code: int | None = None) -> None:
        told: dict[str, Value] = {**episode.told, "spyglass.pending": False}
        if code is not None:
            told["process.exit.code"] = code
        self._spans.append(_span(episode, told, f"ended with code {code}" if code else None))


def _span(episode: _Episode, told: Attributes, failed: str | None = None) -> Span:
    attributes = {name: value for name, value in told.items() if value not in ("", [])}
    end_ns = max(episode.latest_ns, episode.began_ns)
    return Span(f"invoke_agent {episode.name}".strip(), episode.began_ns, end_ns, episode.trace_id, episode.span_id, attributes=attributes, failed=failed)
