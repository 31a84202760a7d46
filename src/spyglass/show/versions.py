"""Versions of an agent: each with its parts and where it ran, and what differs between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from spyglass.facts.versions import Place, Version
from spyglass.registry.diff import json_changes, line_changes, tool_changes
from spyglass.show.agent_names import AgentName, named
from spyglass.show.models.versions import VersionDiff, VersionList
from spyglass.show.parameters import Cursor, Limit, Project, decode_cursor, encode_cursor
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Using
from spyglass.store.read.asking import Place as PageEnd

__all__ = ["router"]

router = resource(tags=["agents"])

VersionName = Annotated[str, Query(min_length=1, max_length=256, description="A version: its number, what it calls itself, or the begin of its fingerprint.")]


@router.get("/agents/{agent:name}/versions/diff", response_model=VersionDiff, responses=NOT_FOUND | CONFLICT, summary="What differs between two versions")
def diff_versions(services: Using, agent: AgentName, from_: Annotated[VersionName, Query(alias="from")], to: VersionName, project: Project = "default") -> Json:
    """Prompts line by line, tools and settings by JSON path."""
    name = named(services, project, agent)
    versions = services.registry.doors.versions
    first, second = versions.find(project, name, from_), versions.find(project, name, to)
    left, right = first.parts, second.parts
    prompts = left.get("prompt", ""), right.get("prompt", "")
    told: dict[str, Any] = {
        "prompt": [] if prompts[0] == prompts[1] else line_changes(*prompts),
        "tools": tool_changes(left.get("tools", []), right.get("tools", [])),
        "model": next(iter(json_changes({"model": left.get("model", "")}, {"model": right.get("model", "")})), None),
        "settings": json_changes(left.get("settings", {}), right.get("settings", {})),
    }
    names = {"agent": name, "first": _name(first), "second": _name(second)}
    return Json({**names, "same": not any(told.values()), **told})


@router.get("/agents/{agent:name}/versions", response_model=VersionList, responses=NOT_FOUND | CONFLICT, summary="Versions of an agent")
def list_versions(services: Using, agent: AgentName, project: Project = "default", limit: Limit = 50, cursor: Cursor = None) -> Json:
    """Kept longer than the telemetry that showed them: the trace of an old one may be gone."""
    name = named(services, project, agent)
    end = decode_cursor("versions", cursor)
    versions = services.registry.doors.versions
    found = versions.page(project, name, limit + 1, end.figure if end else None)
    places = versions.places(project, name)
    following = PageEnd(found[limit - 1].number, "") if len(found) > limit else None
    return Json({"items": [_json(one, places) for one in found[:limit]], "next_cursor": encode_cursor("versions", following)})


def _json(one: Version, places: Sequence[Place]) -> dict[str, Any]:
    last: dict[tuple[str, str], int] = {}
    for place in places:  # last seen first
        last.setdefault((place.environment, place.service), place.number)
    return {
        **_name(one),
        "declared": bool(one.declared),
        "observed": bool(one.trace_id),
        "model": one.parts.get("model", ""),
        "settings": one.parts.get("settings", {}),
        "prompt": one.parts.get("prompt", ""),
        "tools": one.parts.get("tools", []),
        "first_seen": iso(one.first_ns),
        "last_seen": iso(one.last_ns),
        "trace_id": one.trace_id or "0" * 32,
        "span_id": one.span_id or "0" * 16,
        "places": [_place(place, live=last[place.environment, place.service] == one.number) for place in places if place.number == one.number],
    }


def _place(place: Place, *, live: bool) -> dict[str, Any]:
    moments = {"first_seen": iso(place.first_ns), "last_seen": iso(place.last_ns)}
    return {"environment": place.environment, "service": place.service, **moments, "live": live}


def _name(one: Version) -> dict[str, Any]:
    return {"number": one.number, "version": one.declared, "fingerprint": one.fingerprint}
