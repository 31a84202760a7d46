"""The registry of agents, handed what it reads of the store."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from spyglass.app.periodic import Periodic
from spyglass.facts.agents import DeclaredAgents
from spyglass.facts.configurations import Configurations
from spyglass.facts.cursors import Cursors
from spyglass.facts.database import Facts
from spyglass.facts.deployments import Deployments
from spyglass.facts.drifts import Drifts
from spyglass.facts.versions import Versions
from spyglass.model.clock import Clock
from spyglass.plugin.contracts import Announce
from spyglass.registry.agents import RegistrationEvent
from spyglass.registry.registry import Registry
from spyglass.registry.watcher import Doors, Watcher
from spyglass.show.attributes import attributes_json
from spyglass.show.tool_definitions import tool_definitions
from spyglass.store.engine import Engine
from spyglass.store.quiet import Quiet
from spyglass.store.read.asking import Scope
from spyglass.store.read.registrations import registrations
from spyglass.store.read.roster import carriers, is_known, roster
from spyglass.store.read.sightings import Sightings
from spyglass.store.writer import Writer

__all__ = ["make_registry"]

_LOOK_EVERY_S: Final = 3.0
_WEEK_NS: Final = 7 * 86_400 * 10**9


def make_registry(facts: Facts, engine: Engine, announce: Announce, clock: Clock, writer: Writer, periodic: Periodic) -> Registry:
    """All of it; `periodic` looks for what is new."""
    doors = Doors(DeclaredAgents(facts, clock), Versions(facts), Configurations(facts, clock), Deployments(facts, clock), Drifts(facts), Cursors(facts))

    def registered(since_ns: int, until_ns: int, limit: int) -> tuple[list[RegistrationEvent], int]:
        rows = registrations(engine.read, since_ns, until_ns, limit)
        return [_event(row) for row in rows], max((row["received_ns"] for row in rows), default=0)

    def seen(project: str) -> list[str]:
        now_ns = clock.now_ns()
        return list(roster(engine.read, Scope(project, max(0, now_ns - _WEEK_NS), now_ns)).last_ns)

    def carrying(project: str, agent_id: str) -> list[str]:
        return carriers(engine.read, project, agent_id, clock.now_ns())

    def look() -> None:
        with quiet.look() as new:
            if new:
                watcher.look()

    watcher = Watcher(doors, Sightings(engine.read, tool_definitions), registered, announce, clock)
    quiet = Quiet(lambda: writer.status().committed_rows)
    periodic.add("registry", _LOOK_EVERY_S, look)
    return Registry(doors, watcher, announce, partial(is_known, engine.read), seen, carrying, clock)


def _event(row: dict[str, Any]) -> RegistrationEvent:
    attributes = attributes_json(row["attributes"], row["attribute_types"])
    return RegistrationEvent(row["project"], row["time_ns"], row["agent"], row["agent_id"], row["version"], row["model"], row["environment"], attributes)
