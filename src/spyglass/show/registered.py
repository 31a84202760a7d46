"""What the registry keeps of agents, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from spyglass.facts.agents import Registered
from spyglass.facts.deployments import Deployment
from spyglass.facts.drifts import Drift
from spyglass.facts.versions import Place, Version
from spyglass.show.attributes import attributes_json
from spyglass.show.render import iso

__all__ = ["declared_json", "deployment_json", "drift_json", "live_json", "metrics_json", "registration_json"]

_TEXTS: Final = ("type", "owner", "environment", "version", "model")
_LISTS: Final = ("capabilities", "models", "tools", "tags")
_PREFIX: Final = "spyglass.agent."


def declared_json(one: Registered | None) -> dict[str, Any]:
    """What the list of agents shows of a registration."""
    told, body = (one.declaration, one.declaration.body) if one else (None, {})
    texts = {name: getattr(told, name) if told else "" for name in ("agent_id", "type", "owner", "version", "model")}
    return texts | {name: body.get(name, []) for name in ("tags", "capabilities")}


def registration_json(one: Registered) -> dict[str, Any]:
    """A registration as a whole."""
    told = one.declaration
    texts = {"agent": told.name, "agent_id": told.agent_id, **{name: getattr(told, name) for name in _TEXTS}, "description": told.body.get("description", "")}
    lists = {name: told.body.get(name, []) for name in _LISTS}
    return texts | lists | {"metadata": told.body.get("metadata", {}), "registered": iso(one.registered_ns), "updated": iso(one.updated_ns)}


def metrics_json(told: dict[str, Any] | None) -> dict[str, Any] | None:
    """Figures of an event `agent.metrics`."""
    if told is None:
        return None
    own = attributes_json(told["attributes"], told["attribute_types"])
    return {"time": iso(told["time_ns"]), "values": {name.removeprefix(_PREFIX): value for name, value in own.items() if name.startswith(_PREFIX)}}


def live_json(places: Sequence[Place], versions: Sequence[Version]) -> list[dict[str, Any]]:
    """The version that each environment and service ran last; places are given last seen first."""
    known = {one.number: one for one in versions}
    latest: dict[tuple[str, str], Place] = {}
    for place in places:
        latest.setdefault((place.environment, place.service), place)
    return [_live(place, known.get(place.number)) for place in latest.values()]


def _live(place: Place, version: Version | None) -> dict[str, Any]:
    told = {"version": version.declared if version else "", "fingerprint": version.fingerprint if version else ""}
    where = {"environment": place.environment, "service": place.service, "number": place.number}
    return where | told | {"since": iso(place.first_ns), "last_seen": iso(place.last_ns)}


def deployment_json(one: Deployment) -> dict[str, Any]:
    """What an environment runs."""
    return {"environment": one.environment, "number": one.number, "revision": one.revision, "pinned": one.pinned, "deployed": iso(one.deployed_ns)}


def drift_json(one: Drift) -> dict[str, Any]:
    """A place that runs otherwise than it is deployed."""
    where = {"environment": one.environment, "service": one.service, "number": one.number}
    return where | {"since": iso(one.since_ns), "trace_id": one.trace_id, "differences": one.differences}
