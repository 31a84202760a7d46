"""The runners: how each is doing, and start and stop. At the root and below /api/v1 alike."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Header, Path

from spyglass.collect.manager import RunnerStatus
from spyglass.model.errors import Unauthorized
from spyglass.show.models.runners import RunnerItem, RunnerList
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import at_root, resource
from spyglass.show.services import Using

__all__ = ["root", "router"]

router = resource("/runners", tags=["runners"])
root = at_root("/runners", tags=["runners"])

Id = Annotated[str, Path(description="Name of a runner.", max_length=64)]


def _same_site(origin: Annotated[str | None, Header()] = None, host: Annotated[str, Header()] = "") -> None:
    """A page of another site may not: a POST without a body needs no leave of the browser."""
    if origin and urlsplit(origin).netloc.lower() != host.lower():
        raise Unauthorized("a page of another site may not: the Origin header names another host than the Host header; a proxy has to pass Host on")


@router.get("", response_model=RunnerList, summary="All runners")
@root.get("", response_model=RunnerList, summary="All runners")
def list_runners(services: Using) -> Json:
    """What this server goes and looks at by itself, how each runner is doing, which kinds there are, and plugins that cannot be used."""
    items = [_item(status) for status in services.runners.statuses()]
    plugins = services.runners.plugins
    kinds = [
        {"name": found.kind.name, "version": found.kind.version, "description": found.kind.description, "origin": found.origin}
        for found in plugins.kinds.values()
    ]
    broken = [{"origin": one.origin, "problem": one.problem} for one in plugins.broken]
    return Json({"items": items, "next_cursor": None, "kinds": kinds, "broken": broken})


@router.get("/{runner_id}", response_model=RunnerItem, responses=NOT_FOUND, summary="One runner")
@root.get("/{runner_id}", response_model=RunnerItem, responses=NOT_FOUND, summary="One runner")
def get_runner(services: Using, runner_id: Id) -> Json:
    """How it is doing."""
    return Json(_item(services.runners.status(runner_id)))


@router.post("/{runner_id}/start", response_model=RunnerItem, responses=NOT_FOUND | CONFLICT, dependencies=[Depends(_same_site)], summary="Start a runner")
@root.post("/{runner_id}/start", response_model=RunnerItem, responses=NOT_FOUND | CONFLICT, dependencies=[Depends(_same_site)], summary="Start a runner")
def start_runner(services: Using, runner_id: Id) -> Json:
    """One that waits after a crash is started at once; one that runs goes on. It runs after a restart of the server, too. 409 where it cannot run, or hangs."""
    return Json(_item(services.runners.start(runner_id)))


@router.post("/{runner_id}/stop", response_model=RunnerItem, responses=NOT_FOUND, dependencies=[Depends(_same_site)], summary="Stop a runner")
@root.post("/{runner_id}/stop", response_model=RunnerItem, responses=NOT_FOUND, dependencies=[Depends(_same_site)], summary="Stop a runner")
def stop_runner(services: Using, runner_id: Id) -> Json:
    """What it told is kept first. One that does not end within ten seconds is answered as hanging. It stays stopped, over restarts too, until it is started."""
    return Json(_item(services.runners.stop(runner_id)))


def _item(status: RunnerStatus) -> dict[str, Any]:
    worker, counted = status.worker, status.counted
    return {
        "id": status.id,
        "kind": status.kind,
        "version": status.version,
        "description": status.description,
        "origin": status.origin,
        "enabled": status.enabled,
        "state": worker.state,
        "since": iso(worker.since_ns),
        "level": worker.health.level,
        "problems": list(worker.health.problems),
        "seen": counted.seen,
        "kept": counted.kept,
        "dropped": dict(counted.dropped),
        "crashes": worker.crashes,
        "crashes_in_row": worker.crashes_in_row,
        "last_error": worker.last_error or None,
        "last_error_time": _time(worker.last_error_ns),
        "next_start": _time(worker.next_start_ns),
        "last_told": _time(worker.last_told_ns),
        "settings": dict(status.settings),
    }


def _time(ns: int) -> str | None:
    return iso(ns) if ns else None
