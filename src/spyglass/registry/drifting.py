"""How what runs stands to what is deployed: the latest runs of agents in; what has begun to differ, or ceased to, out, each with an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from spyglass.facts.configurations import Configurations
from spyglass.facts.deployments import Deployment, Deployments
from spyglass.facts.drifts import Drift, Drifts
from spyglass.model.errors import NotFound
from spyglass.model.sighting import Sighting
from spyglass.model.told import Event
from spyglass.registry.drift import differences

__all__ = ["DRIFT", "GRACE_S", "Judge"]

DRIFT: Final = "agent.drift"
GRACE_S: Final = 20.0  # after a deployment runs may still have the configuration before it: programs ask every 15 s
_WARNING: Final = 13
_LONGEST: Final = 256  # characters of a service in the facts


class Judge:
    """Reads what is deployed and how it stood; keeps nothing."""

    def __init__(self, configurations: Configurations, deployments: Deployments, drifts: Drifts) -> None:
        self._configurations, self._deployments, self._drifts = configurations, deployments, drifts

    def __call__(self, by_agent: Mapping[tuple[str, str], Sequence[Sighting]]) -> tuple[list[Drift], dict[str, list[Event]]]:
        """What has changed, to be kept, and events of it by project. Sightings are given by project and agent."""
        drifts: list[Drift] = []
        events: dict[str, list[Event]] = {}
        for project in {project for project, _ in by_agent}:
            deployed: dict[str, list[Deployment]] = {}
            for deployment in self._deployments.all(project):
                deployed.setdefault(deployment.agent, []).append(deployment)
            concerned = [agent for of, agent in by_agent if of == project and agent in deployed]
            before = {(one.agent, one.environment, one.service): one for one in self._drifts.all(project)} if concerned else {}
            for agent in concerned:
                for place, (seen, deployment) in _latest(by_agent[project, agent], deployed[agent]).items():
                    found = self._news(seen, deployment, before.get((agent, *place)), place)
                    if found is not None:
                        drifts.append(found)
                        events.setdefault(project, []).append(_event(found, seen))
        return drifts, events

    def _news(self, seen: Sighting, deployment: Deployment, before: Drift | None, place: tuple[str, str]) -> Drift | None:
        """How it stands at a place, where that is news."""
        try:
            configuration = self._configurations.one(seen.project, seen.agent, deployment.number)
        except NotFound:
            return None
        found = differences(deployment.number, configuration.body, seen)
        if found and seen.start_ns < deployment.deployed_ns + int(GRACE_S * 1e9):
            return None
        if before is None and not found:
            return None
        if before is not None and (before.number, before.differences) == (deployment.number, found):
            return None
        return Drift(seen.project, seen.agent, *place, deployment.number, found, seen.start_ns, seen.trace_id)


def _latest(sightings: Sequence[Sighting], deployed: Sequence[Deployment]) -> dict[tuple[str, str], tuple[Sighting, Deployment]]:
    """The latest run of each environment and service in which something is deployed. A run that names no environment is in the only one that there is."""
    by_environment = {one.environment: one for one in deployed}
    found: dict[tuple[str, str], tuple[Sighting, Deployment]] = {}
    for seen in sorted(sightings, key=lambda one: one.start_ns):
        environment = seen.label or seen.environment
        deployment = by_environment.get(environment) or (deployed[0] if not environment and len(deployed) == 1 else None)
        if deployment is not None:
            found[deployment.environment, seen.service[:_LONGEST]] = (seen, deployment)
    return found


def _event(drift: Drift, seen: Sighting) -> Event:
    told = {
        "gen_ai.agent.name": drift.agent,
        "gen_ai.agent.version": seen.declared,
        "spyglass.agent.environment": drift.environment,
        "spyglass.agent.service": drift.service,
        "spyglass.agent.config_version": str(drift.number),
        "spyglass.drift.status": "differs" if drift.differences else "resolved",
        "spyglass.drift.what": [one["what"] for one in drift.differences],
        "spyglass.drift.differences": drift.differences,
    }
    own = {key: value for key, value in told.items() if value not in ("", [])}
    return Event(
        DRIFT, seen.start_ns, own, severity=_WARNING if drift.differences else 9, trace_id=bytes.fromhex(seen.trace_id), span_id=bytes.fromhex(seen.span_id)
    )
