"""What the API needs of the registry, in one hand; made by app/registry.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spyglass.facts.agents import Declaration, Registration
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, NotFound, Refused
from spyglass.model.told import Event
from spyglass.plugin.contracts import Announce
from spyglass.registry.agents import attributes_of, checked, nearest
from spyglass.registry.watcher import Doors, Watcher
from spyglass.telemetry.metrics import REGISTRY_SKIPPED

__all__ = ["Registry"]


@dataclass(frozen=True, slots=True)
class Registry:
    """Doors to the facts, and who keeps them up to date.

    Attributes:
        doors: the facts.
        watcher: looks at what is new.
        announce: tells events of a project.
        is_seen: whether telemetry tells of an agent of a project.
        seen: names of the agents that telemetry of the last week tells of, in a project.
        carriers: names of the agents that carried an id within that week.
        clock: where time comes from.
    """

    doors: Doors
    watcher: Watcher
    announce: Announce
    is_seen: Callable[[str, str], bool]
    seen: Callable[[str], list[str]]
    carriers: Callable[[str, str], list[str]]
    clock: Clock

    def resolve(self, project: str, name: str) -> str:
        """The name of the agent with this name, else with this id.

        Raises:
            NotFound: there is none; the nearest names are told.
            Conflict: two agents carry the id; both are told.
        """
        if self.is_known(project, name):
            return name
        carriers = self.carriers_of(project, name)
        if len(carriers) > 1:
            told = " and ".join(carriers)
            raise Conflict(f"agents {told} of project {project} carry the id {name[:256]!r}: ask for one of them by its name", agents=carriers)
        if carriers:
            return carriers[0]
        near = nearest(name[:256], self.known(project))
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise NotFound(f"project {project} has no agent {name[:256]!r}{meant}", nearest=near)

    def carriers_of(self, project: str, agent_id: str) -> list[str]:
        """Names of the agents that carry an id, by registration or telemetry."""
        return sorted({*self.doors.agents.carriers(project, agent_id), *self.carriers(project, agent_id)})

    def is_known(self, project: str, name: str) -> bool:
        """Whether there is an agent of this name: declared, seen, or configured."""
        doors = self.doors
        return bool(
            doors.agents.one(project, name)
            or self.is_seen(project, name)
            or doors.versions.page(project, name, 1)
            or doors.configurations.page(project, name, 1)
        )

    def known(self, project: str) -> set[str]:
        """Names of all agents: declared, seen lately, seen ever, and configured."""
        doors = self.doors
        return {*doors.agents.names(project), *self.seen(project), *doors.versions.agents(project), *doors.configurations.agents(project)}

    def register(self, project: str, declaration: Declaration) -> bool:
        """Keep what is said of an agent; says whether it changed anything.

        Raises:
            Conflict: another agent carries the id; both are told.
            InputError: it says too much, or there are too many agents.
        """
        others = [name for name in self.doors.agents.carriers(project, declaration.agent_id) if name != declaration.name] if declaration.agent_id else []
        if others:
            told = f"the id {declaration.agent_id!r} belongs to agent {others[0]}, and cannot be {declaration.name}'s, too"
            raise Conflict(f"project {project}: {told}: register one of them with another id", agents=sorted([*others, declaration.name]))
        at_ns = self.clock.now_ns()
        registration = Registration(project, checked(declaration), at_ns)
        (changed,) = self.doors.agents.register([registration])
        if changed:
            self.watcher.declare([registration])
            self.tell(project, Event("agent.registered", at_ns, attributes_of(declaration)))
        return changed

    def tell(self, project: str, event: Event) -> None:
        """Tell of what was done and kept. It is done, whether it can be told now or not."""
        try:
            self.announce(project, [event])
        except Refused:
            REGISTRY_SKIPPED.labels("not_told").inc()
