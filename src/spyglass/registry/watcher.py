"""Looks at what is new, again and again: registrations and runs of agents in; agents, versions, places and drift in the facts, and events, out.

Each look takes up where the last one ended, and a little before that: a record may reach the store later than one that arrived after it. What was seen twice
changes nothing. Events are told before the facts are kept, with the time and the place of the run, so that a look that fails can be repeated as a whole: what
is told again is the same record.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from spyglass.facts.agents import Declaration, DeclaredAgents, Registration
from spyglass.facts.configurations import Configurations
from spyglass.facts.cursors import Cursors
from spyglass.facts.deployments import Deployments
from spyglass.facts.drifts import Drifts
from spyglass.facts.versions import Versions
from spyglass.model.clock import Clock
from spyglass.model.errors import InputError
from spyglass.model.sighting import Sighting
from spyglass.plugin.contracts import Announce
from spyglass.registry.agents import RegistrationEvent, from_event
from spyglass.registry.drifting import Judge
from spyglass.registry.versions import Agent, declare, observe
from spyglass.telemetry.metrics import REGISTRY_SKIPPED

__all__ = ["Doors", "Watcher"]

log = structlog.get_logger()

_OVERLAP_NS: Final = 15 * 10**9
_FIRST_NS: Final = 86_400 * 10**9  # how far back the very first look goes
_STEP_NS: Final = 3_600 * 10**9  # one look takes no more than that at once
_MOST_STEPS: Final = 12
_MOST_REGISTRATIONS: Final = 20_000

Sights = Callable[[int, int], tuple[list[Sighting], int]]
Registrations = Callable[[int, int, int], tuple[list[RegistrationEvent], int]]
AgentKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Doors:
    """The facts that it keeps."""

    agents: DeclaredAgents
    versions: Versions
    configurations: Configurations
    deployments: Deployments
    drifts: Drifts
    cursors: Cursors


class Watcher:
    """One per store."""

    def __init__(self, doors: Doors, sights: Sights, registrations: Registrations, announce: Announce, clock: Clock) -> None:
        """`sights` and `registrations` give what arrived between two times (and of registrations at most so many), and when the last of it arrived."""
        self._doors, self._sights, self._registrations, self._announce, self._clock = doors, sights, registrations, announce, clock
        self._judge = Judge(doors.configurations, doors.deployments, doors.drifts)
        self._lock = threading.RLock()  # versions have one writer at a time

    def look(self) -> None:
        """Look once, at both.

        Raises:
            Refused: the store, the facts or the road are not there now; the next look takes up the same.
        """
        self.look_at_registrations()
        self.look_at_runs()

    def look_at_registrations(self) -> None:
        """Take up what agents said of themselves."""
        since_ns = self._since("registrations")
        events, last_ns = self._registrations(since_ns - _OVERLAP_NS, self._clock.now_ns(), _MOST_REGISTRATIONS)
        latest: dict[AgentKey, tuple[Declaration, int]] = {}
        for event in sorted(events, key=lambda one: one.time_ns):
            told = from_event(event)
            if told is None:
                REGISTRY_SKIPPED.labels("no_name").inc()
            else:
                latest[event.project, told.name] = (told, event.time_ns)
        self._register(latest)
        if last_ns > since_ns:
            self._doors.cursors.move("registrations", last_ns)

    def _register(self, latest: dict[AgentKey, tuple[Declaration, int]]) -> None:
        registrations = [Registration(project, told, at_ns) for (project, _), (told, at_ns) in latest.items()]
        if not registrations:
            return
        try:
            changed = self._doors.agents.register(registrations)
        except InputError as error:
            log.warning("agents not registered", problem=error.message)
            REGISTRY_SKIPPED.labels("too_many_agents").inc(len(registrations))
            return
        self.declare([one for one, new in zip(registrations, changed, strict=True) if new])

    def declare(self, registrations: Sequence[Registration]) -> None:
        """Keep the versions that agents say they have."""
        said = [one for one in registrations if one.declaration.version]
        with self._lock:
            agents = self._known({(one.project, one.declaration.name) for one in said})
            for one in said:
                key = (one.project, one.declaration.name)
                declare(agents[key], *key, one.declaration.version, one.told_ns)
            self._doors.versions.keep([version for agent in agents.values() for version in agent.new])

    def look_at_runs(self) -> None:
        """Take up what agents were seen to be, an hour of arrivals after the other where there is much to catch up with."""
        steps = 0
        while steps < _MOST_STEPS:
            since_ns, now_ns = self._since("runs"), self._clock.now_ns()
            until_ns = min(now_ns, since_ns + _STEP_NS)
            seen, last_ns = self._sights(since_ns - _OVERLAP_NS, until_ns)
            with self._lock:
                self._take(seen)
            steps += bool(last_ns)
            caught_up = until_ns == now_ns
            # Where all was looked at the cursor stays at the last record: what is on its way to the store arrived after that.
            after_ns = max(since_ns, last_ns) if caught_up else until_ns
            if after_ns > since_ns:
                self._doors.cursors.move("runs", after_ns)
            if caught_up:
                return

    def _since(self, name: str) -> int:
        return self._doors.cursors.get(name) or max(0, self._clock.now_ns() - _FIRST_NS)

    def _take(self, seen: Sequence[Sighting]) -> None:
        by_agent: dict[AgentKey, list[Sighting]] = {}
        for one in seen:
            if len(one.agent) > 256:
                REGISTRY_SKIPPED.labels("long_name").inc()
                continue
            by_agent.setdefault((one.project, one.agent), []).append(one)
        if not by_agent:
            return
        agents = self._known(by_agent)
        for key, sightings in by_agent.items():
            observe(agents[key], sightings)
        drifts, drift_events = self._judge(by_agent)
        for project in sorted({project for project, _ in by_agent}):
            events = [event for (of, _), agent in agents.items() if of == project for event in agent.events] + drift_events.get(project, [])
            if events:
                self._announce(project, events)
        every = agents.values()
        self._doors.versions.keep(
            [one for agent in every for one in agent.new], [one for a in every for one in a.touched], [one for a in every for one in a.moved]
        )
        self._doors.drifts.keep(drifts)

    def _known(self, keys: set[AgentKey] | dict[AgentKey, list[Sighting]]) -> dict[AgentKey, Agent]:
        versions, places = self._doors.versions.of(keys)
        return {key: Agent(versions.get(key, []), places.get(key, [])) for key in keys}
