"""Silences and maintenance windows: for a time nothing is told of alerts that match."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Response

from spyglass.alert.mute import Silence, read_silence
from spyglass.facts.alerts_documents import Document
from spyglass.model.errors import Conflict
from spyglass.show.models.alerts import SilenceItem, SilenceList
from spyglass.show.parameters import Project
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using

__all__ = ["router"]

router = resource("/silences", tags=["alerts"])

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="Id of the silence.")]


@router.get("", response_model=SilenceList, summary="Silences, those that end last first")
def list_silences(services: Using, project: Project = "default") -> Json:
    """Those that are over, too, until somebody deletes them."""
    found = sorted(services.alerts.documents.all("silence", project), key=lambda one: read_silence(one.body).ends, reverse=True)
    return Json({"items": [_item(services, one) for one in found], "next_cursor": None})


@router.post("", response_model=SilenceItem, status_code=201, summary="Make a silence")
def add_silence(services: Using, silence: Silence, project: Project = "default") -> Json:
    """Alerts that match still fire and are shown; nobody is told. One that begins later is a maintenance window."""
    made = services.alerts.documents.put(project, "silence", secrets.token_hex(8), silence.model_dump(mode="json"), author=silence.author, version=0)
    services.alerts.wake()
    return Json(_item(services, made), status_code=201)


@router.post("/{id}/end", response_model=SilenceItem, responses={**NOT_FOUND, **CONFLICT}, summary="End a silence now")
def end_silence(services: Using, id: Id, project: Project = "default") -> Json:  # noqa: A002 - the name in the path
    """What fires is told at the next look at its group."""
    document = services.alerts.documents.one(project, "silence", id)
    silence, now_ns = read_silence(document.body), services.clock.now_ns()
    if not silence.active(now_ns):
        raise Conflict(f"silence {id} does not hold now; delete it")
    ended = silence.model_copy(update={"ends": datetime.fromtimestamp(now_ns / 1e9, UTC)})
    made = services.alerts.documents.put(project, "silence", id, ended.model_dump(mode="json"), author=silence.author, version=document.version)
    services.alerts.wake()
    return Json(_item(services, made))


@router.delete("/{id}", status_code=204, responses=NOT_FOUND, summary="Delete a silence")
def remove_silence(services: Using, id: Id, project: Project = "default") -> Response:  # noqa: A002
    """Whether it holds or not."""
    services.alerts.documents.remove(project, "silence", id)
    services.alerts.wake()
    return Response(status_code=204)


def _item(services: Services, document: Document) -> dict[str, Any]:
    silence = read_silence(document.body)
    told = silence.model_dump(mode="json")
    return {"id": document.name, "silence": told, "active": silence.active(services.clock.now_ns()), "created": iso(document.created_ns)}
