"""The routing tree: labels of an alert in; where it is told, with what it is told together, and how often, out. Built like Alertmanager's.

An alert goes down the tree to the first child that matches, and on to its siblings where that says `continue`. What a route does not say its parent says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Self

import xxhash
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from spyglass.alert.cause import LABEL
from spyglass.alert.hours import Hours, OnCall
from spyglass.alert.match import Matchers, matches
from spyglass.alert.rules import NAME
from spyglass.model.errors import InputError

__all__ = ["Escalation", "Inhibition", "Level", "Place", "Route", "Routing", "group_key", "group_labels", "place_of", "places", "read_routing"]

Name = Annotated[str, Field(pattern=NAME)]
_DEEPEST: Final = 8
_MOST_ROUTES: Final = 200


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Route(_Part):
    """A node of the tree; null: as its parent."""

    match: Matchers = Field((), max_length=20, description="Matchers, all of which must hold; none: every alert.")
    channels: tuple[Name, ...] | None = Field(None, max_length=20, description="Names of channels.")
    group_by: tuple[Annotated[str, Field(max_length=200)], ...] | None = Field(
        None, max_length=10, description="Labels; alerts that have them in common are told together. By default `cause`: one trouble, whatever its rules."
    )
    group_wait_s: float | None = Field(None, ge=0, le=3_600, description="How long a new group waits for more alerts.")
    group_interval_s: float | None = Field(None, ge=1, le=86_400, description="Least time between two notices of a group.")
    repeat_interval_s: float | None = Field(None, ge=60, le=2_592_000, description="When a notice is repeated while its alerts fire.")
    mute: tuple[Name, ...] | None = Field(None, max_length=20, description="Names of `hours` in which nothing is told.")
    active: tuple[Name, ...] | None = Field(None, max_length=20, description="Names of `hours` outside of which nothing is told.")
    escalation: Name | None = Field(None, description="Name of the escalation.")
    resolved: bool | None = Field(None, description="Whether the end of alerts is told, too.")
    goes_on: bool = Field(False, alias="continue", description="Whether siblings after it are looked at, too.")
    routes: tuple[Route, ...] = Field((), max_length=100, description="Children, in order.")


class Inhibition(_Part):
    """While an alert of the one kind fires, those of the other are not told."""

    source: Matchers = Field(min_length=1, max_length=20, description="Alerts that silence others.")
    target: Matchers = Field(min_length=1, max_length=20, description="Alerts that are silenced.")
    equal: tuple[Annotated[str, Field(max_length=200)], ...] = Field((), max_length=10, description="Labels that both must have in common.")


class Level(_Part):
    """Who is told when nobody has acknowledged."""

    after_s: float = Field(ge=1, le=604_800, description="Seconds after the first notice.")
    channels: tuple[Name, ...] = Field(min_length=1, max_length=20, description="Names of channels.")
    on_call: Name | None = Field(None, description="Name of a schedule: whoever is on call is named in the notice.")


class Escalation(_Part):
    """Levels, in the order of their times."""

    levels: tuple[Level, ...] = Field(min_length=1, max_length=10, description="The levels above the first notice.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if [level.after_s for level in self.levels] != sorted({level.after_s for level in self.levels}):
            raise ValueError("levels: expected each later than the one before it")
        return self


class Routing(_Part):
    """All of it, of one project."""

    route: Route = Field(default_factory=Route, description="The root; it matches every alert.")
    inhibit: tuple[Inhibition, ...] = Field((), max_length=100, description="Which alerts silence others.")
    hours: dict[Name, tuple[Hours, ...]] = Field(default_factory=dict, max_length=50, description="Parts of the week, by name.")
    escalations: dict[Name, Escalation] = Field(default_factory=dict, max_length=50, description="Escalations, by name.")
    schedules: dict[Name, OnCall] = Field(default_factory=dict, max_length=50, description="Who is on call, by name.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        routes = list(_nodes(self.route, 1))
        if len(routes) > _MOST_ROUTES:
            raise ValueError(f"route: expected at most {_MOST_ROUTES} routes, got {len(routes)}")
        if self.route.match:
            raise ValueError("route.match: the root takes every alert; put the matchers on a child")
        asked = {("hours", name) for route in routes for name in (*(route.mute or ()), *(route.active or ()))}
        asked |= {("escalations", route.escalation) for route in routes if route.escalation}
        asked |= {("schedules", level.on_call) for one in self.escalations.values() for level in one.levels if level.on_call}
        asked |= {("schedules", schedule.otherwise) for schedule in self.schedules.values() if schedule.otherwise}
        missing = sorted(f"{kind}.{name}" for kind, name in asked if name not in getattr(self, kind))
        if missing:
            raise ValueError(f"there is no {', no '.join(missing)}")
        self._ends()
        return self

    def _ends(self) -> None:
        """No schedule leads back to itself."""
        for first in self.schedules:
            passed, name = {first}, self.schedules[first].otherwise
            while name and name not in passed:
                passed.add(name)
                name = self.schedules[name].otherwise
            if name:
                raise ValueError(f"schedules.{first}.otherwise: leads in a circle back to {name}")

    def channels(self) -> set[str]:
        """All that are named."""
        named = {name for route in _nodes(self.route, 1) for name in route.channels or ()}
        return named | {name for one in self.escalations.values() for level in one.levels for name in level.channels}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert ends in the tree: everything that was said on the way, and its path (`0.2`)."""

    path: str = "0"
    channels: tuple[str, ...] = ("log",)
    group_by: tuple[str, ...] = (LABEL,)  # one trouble, one notice: see docs/adr/0014
    group_wait_s: float = 1.0
    group_interval_s: float = 300.0
    repeat_interval_s: float = 14_400.0
    mute: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    escalation: str = ""
    resolved: bool = True


_INHERITED: Final = ("channels", "group_by", "group_wait_s", "group_interval_s", "repeat_interval_s", "mute", "active", "escalation", "resolved")


def places(routing: Routing, labels: Mapping[str, str]) -> list[Place]:
    """Everywhere that an alert with these labels is told; one at least."""
    return list(_down(routing.route, Place(), labels, 0))


def place_of(routing: Routing, path: str) -> Place:
    """A place by its path; where the tree has changed, the nearest above it that there still is."""
    route, place = routing.route, _told(routing.route, Place())
    for number in map(int, path.split(".")[1:]):
        if number >= len(route.routes):
            break
        route = route.routes[number]
        place = _told(route, replace(place, path=f"{place.path}.{number}"))
    return place


def group_labels(place: Place, labels: Mapping[str, str]) -> dict[str, str]:
    """What alerts of a group have in common; `...` in `group_by` means every label, so that each alert is told alone."""
    names = sorted(labels) if "..." in place.group_by else place.group_by
    return {name: labels.get(name, "") for name in names}


def group_key(project: str, place: Place, labels: Mapping[str, str]) -> str:
    """Of a group, 32 hex digits: the same over restarts."""
    parts = (project, place.path, *(f"{name}={labels[name]}" for name in sorted(labels)))
    return xxhash.xxh3_128_hexdigest("\0".join(parts).encode())


def read_routing(body: dict[str, Any], where: str = "routing") -> Routing:
    """A routing as it was kept, or as somebody wrote it.

    Raises:
        InputError: says what is wrong, where.
    """
    try:
        return Routing.model_validate(body)
    except ValidationError as error:
        problems = [f"{where}: {'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors(include_url=False)]
        raise InputError("; ".join(problems)) from None


def _down(route: Route, above: Place, labels: Mapping[str, str], depth: int) -> Iterator[Place]:
    place = _told(route, above)
    found = False
    for number, child in enumerate(route.routes if depth < _DEEPEST else ()):
        if matches(child.match, labels):
            found = True
            yield from _down(child, replace(place, path=f"{place.path}.{number}"), labels, depth + 1)
            if not child.goes_on:
                break
    if not found:
        yield place


def _told(route: Route, above: Place) -> Place:
    said = {name: getattr(route, name) for name in _INHERITED if getattr(route, name) is not None}
    return replace(above, **said)


def _nodes(route: Route, depth: int) -> Iterator[Route]:
    if depth > _DEEPEST:
        raise ValueError(f"route: expected at most {_DEEPEST} levels")
    yield route
    for child in route.routes:
        yield from _nodes(child, depth + 1)
