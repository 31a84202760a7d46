"""What people save under a name: views of a list, dashboards, SQL queries. The same requests for each kind."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from fastapi import Path, Response

from spyglass.facts.saved import Saved
from spyglass.model.errors import InputError
from spyglass.show.models.saved import Dashboard, Draft, Query, SavedList, SavedThing, View
from spyglass.show.parameters import Project
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Using

__all__ = ["router"]

router = resource("/saved", tags=["saved"])

_BODIES: Final[dict[str, type[View | Dashboard | Query]]] = {"views": View, "dashboards": Dashboard, "queries": Query}
Kind = Annotated[Literal["views", "dashboards", "queries"], Path(description="What sort of thing.")]
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{1,32}$", description="Its id.")]


@router.get("/{kind}", response_model=SavedList, summary="Everything of a kind, by name")
def list_saved(services: Using, kind: Kind, project: Project = "default") -> Json:
    """There are never so many that pages would help."""
    return Json({"items": [_json(one) for one in services.saved.all(project, kind)], "next_cursor": None})


@router.post("/{kind}", response_model=SavedThing, status_code=201, summary="Save something new")
def add_saved(services: Using, kind: Kind, draft: Draft, project: Project = "default") -> Json:
    """The answer has its id."""
    return Json(_json(services.saved.add(project, kind, draft.name, _body(kind, draft))), status_code=201)


@router.get("/{kind}/{id}", response_model=SavedThing, responses=NOT_FOUND, summary="One saved thing")
def one_saved(services: Using, kind: Kind, id: Id, project: Project = "default") -> Json:  # noqa: A002 - the name in the path
    """As it is now."""
    return Json(_json(services.saved.one(project, kind, id)))


@router.put("/{kind}/{id}", response_model=SavedThing, responses={**NOT_FOUND, **CONFLICT}, summary="Change a saved thing")
def change_saved(services: Using, kind: Kind, id: Id, draft: Draft, project: Project = "default") -> Json:  # noqa: A002
    """`version` is the one that was seen: where somebody changed it meanwhile the answer is 409, and nothing is overwritten."""
    if draft.version is None:
        raise InputError("version: expected the version that was seen, so that nobody's change is lost")
    return Json(_json(services.saved.change(project, kind, id, draft.version, draft.name, _body(kind, draft))))


@router.delete("/{kind}/{id}", status_code=204, responses=NOT_FOUND, summary="Delete a saved thing")
def remove_saved(services: Using, kind: Kind, id: Id, project: Project = "default") -> Response:  # noqa: A002
    """For good."""
    services.saved.remove(project, kind, id)
    return Response(status_code=204)


def _body(kind: str, draft: Draft) -> dict[str, Any]:
    if not isinstance(draft.body, _BODIES[kind]):
        raise InputError(f"body: expected what belongs to {kind}, got what belongs to another kind")
    return draft.body.model_dump()


def _json(saved: Saved) -> dict[str, Any]:
    told = asdict(saved)
    return {name: told[name] for name in ("id", "name", "body", "version")} | {"created": iso(saved.created_ns), "updated": iso(saved.updated_ns)}
