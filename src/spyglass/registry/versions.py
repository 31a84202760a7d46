"""Versions of agents from what was seen of them: known versions and sightings in; what is new or has changed, and what is worth an event, out.

A version is what an agent calls itself together with the fingerprint of what it was seen to be. What is not told (a run without content, a call without the
version) belongs to the version that it agrees with. Plain functions over what the caller read; nothing is kept here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from spyglass.facts.versions import Place, Version
from spyglass.model.sighting import Sighting
from spyglass.model.told import INFO, Event
from spyglass.registry.fingerprint import fingerprint, kept, parts_of

__all__ = ["OBSERVED", "REGRESSED", "Agent", "declare", "is_lower", "observe"]

OBSERVED: Final = "agent.version.observed"
REGRESSED: Final = "agent.version.regressed"
_WARNING: Final = 13
_SETTLES_NS: Final = 60 * 10**9
_LONGEST: Final = 256  # characters of a name in the facts
_NUMBERS: Final = re.compile(r"v?\d+(?:\.\d+)*")


@dataclass(slots=True)
class Agent:
    """All that is known of one agent; `observe` changes it. `new` and `touched` versions and `moved` places are to be kept."""

    versions: list[Version] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    new: list[Version] = field(default_factory=list)
    touched: list[Version] = field(default_factory=list)
    moved: list[Place] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def observe(agent: Agent, sightings: Iterable[Sighting]) -> None:
    """Work sightings of one agent into what is known of it. Names that are too long to be kept are cut."""
    for seen in sorted(sightings, key=lambda one: one.start_ns):
        parts = parts_of(seen)
        told = fingerprint(parts)
        declared = seen.declared[:_LONGEST]
        if not told and not declared:
            continue
        version = _match(agent, declared, told, seen)
        if version is None:
            version = _add(agent, seen, declared, told, parts)
        else:
            _touch(agent, version, seen, declared, told, parts)
        _move(agent, version, seen)


def declare(agent: Agent, project: str, name: str, declared: str, at_ns: int) -> None:
    """Work a version that an agent says it has into what is known of it; nobody has seen it yet."""
    declared = declared[:_LONGEST]
    if not declared or any(one.declared == declared for one in agent.versions):
        return
    number = max((one.number for one in agent.versions), default=0) + 1
    version = Version(project, name, number, declared, "", {}, at_ns, at_ns, "", "")
    agent.versions.append(version)
    agent.new.append(version)


def is_lower(version: str, than: str) -> bool | None:
    """Whether one declared version comes before another; None where that cannot be said of their names.

    Example:
        >>> is_lower("1.9", "v1.10"), is_lower("blue", "green")
        (True, None)
    """
    if not (_NUMBERS.fullmatch(version) and _NUMBERS.fullmatch(than)):
        return None
    left, right = ([int(part) for part in text.lstrip("v").split(".")] for text in (version, than))
    return left < right


def _match(agent: Agent, declared: str, told: str, seen: Sighting) -> Version | None:
    """The version that says the same; else the latest that agrees in what is told; else one that this completes."""
    exact = [one for one in agent.versions if (one.declared, one.fingerprint) == (declared, told)]
    agreeing = [one for one in agent.versions if declared in {"", one.declared} and told in {"", one.fingerprint}]
    if found := exact or agreeing:
        return max(found, key=lambda one: (one.last_ns, one.number))
    for one in sorted(agent.versions, key=lambda one: -one.last_ns):
        completed = one.fingerprint in {"", told} and (one.declared == declared or (one.declared == "" and one.trace_id == seen.trace_id))
        if completed:
            return one
    return None


def _add(agent: Agent, seen: Sighting, declared: str, told: str, parts: dict[str, Any]) -> Version:
    number = max((one.number for one in agent.versions), default=0) + 1
    version = Version(seen.project, seen.agent, number, declared, told, kept(parts), seen.start_ns, seen.start_ns, seen.trace_id, seen.span_id)
    agent.versions.append(version)
    agent.new.append(version)
    return version


def _touch(agent: Agent, version: Version, seen: Sighting, declared: str, told: str, parts: dict[str, Any]) -> None:
    if (told and not version.fingerprint) or (declared and not version.declared):
        version.declared, version.fingerprint = declared or version.declared, told or version.fingerprint
        version.parts = kept(parts) if told else version.parts
        if not version.trace_id:  # it was declared, and is seen for the first time
            version.trace_id, version.span_id = seen.trace_id, seen.span_id
        if version not in agent.new:
            agent.new.append(version)
    if version.first_ns <= seen.start_ns <= version.last_ns:
        return
    version.first_ns, version.last_ns = min(version.first_ns, seen.start_ns), max(version.last_ns, seen.start_ns)
    if version not in agent.new and version not in agent.touched:
        agent.touched.append(version)


def _move(agent: Agent, version: Version, seen: Sighting) -> None:
    """Note where it was seen, and tell when it has taken over there: agents that change between two versions all the time have both, and nothing happened."""
    environment, service = seen.environment[:_LONGEST], seen.service[:_LONGEST]
    here = [one for one in agent.places if (one.environment, one.service) == (environment, service)]
    place = next((one for one in here if one.number == version.number), None)
    latest = max((one for one in here if one is not place), key=lambda one: one.last_ns, default=None)
    if latest is not None and _takes_over(place, latest, seen.start_ns):
        before = next((one for one in agent.versions if one.number == latest.number), None)
        if before is not None and _goes_back(before, version):
            more = {**_named("version", version), **_named("version_before", before)}
            agent.events.append(_event(REGRESSED, seen, more, severity=_WARNING))
        elif before is not None and (place is None or place.first_ns > latest.last_ns) and not _settled(agent, version, place):
            agent.events.append(_event(OBSERVED, seen, {**_named("version", version), "spyglass.agent.model": seen.model}))
    if place is None:
        place = Place(seen.project, seen.agent, environment, service, version.number, seen.start_ns, seen.start_ns)
        agent.places.append(place)
    elif place.first_ns <= seen.start_ns <= place.last_ns:
        return
    place.first_ns, place.last_ns = min(place.first_ns, seen.start_ns), max(place.last_ns, seen.start_ns)
    if place not in agent.moved:
        agent.moved.append(place)


def _takes_over(place: Place | None, other: Place, at_ns: int) -> bool:
    """Whether with this sighting a version has been the only one of its place for a minute."""
    if place is None:
        return at_ns - other.last_ns >= _SETTLES_NS
    since_ns = max(place.first_ns, other.last_ns)
    return place.last_ns - since_ns < _SETTLES_NS <= at_ns - since_ns


def _settled(agent: Agent, version: Version, here: Place | None) -> bool:
    """Whether it has been somewhere else for a minute, and so is known."""
    return any(one.number == version.number and one is not here and one.last_ns - one.first_ns >= _SETTLES_NS for one in agent.places)


def _goes_back(before: Version, now: Version) -> bool:
    """Names decide where they are numbers; else what was found first is older."""
    if before.declared != now.declared and (lower := is_lower(now.declared, before.declared)) is not None:
        return lower
    return now.number < before.number


def _named(prefix: str, version: Version) -> dict[str, Any]:
    told = {"number": version.number, "declared": version.declared, "fingerprint": version.fingerprint}
    return {f"spyglass.agent.{prefix}.{name}": value for name, value in told.items() if value != ""}


def _event(name: str, seen: Sighting, attributes: dict[str, Any], severity: int = INFO) -> Event:
    """At the moment and place of the sighting, so that telling it again tells the same."""
    own = {
        "gen_ai.agent.name": seen.agent,
        "gen_ai.agent.version": seen.declared,
        "spyglass.agent.environment": seen.environment,
        "spyglass.agent.service": seen.service,
        **attributes,
    }
    told = {key: value for key, value in own.items() if value != ""}
    return Event(name, seen.start_ns, told, severity=severity, trace_id=bytes.fromhex(seen.trace_id), span_id=bytes.fromhex(seen.span_id))
