"""Configurations of an agent: kept, numbered, and what programs fetch to run with."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import Header, Path, Query, Response

from spyglass.facts.configurations import Configuration as Kept
from spyglass.facts.deployments import Deployment
from spyglass.model.errors import TooLarge
from spyglass.show.agent_names import AgentName, named, named_or_new
from spyglass.show.models.configurations import Configuration, ConfigurationDraft, ConfigurationList, Deployed
from spyglass.show.parameters import Cursor, Limit, Project, decode_cursor, encode_cursor
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read.asking import Place

__all__ = ["router"]

router = resource(tags=["configurations"])

_LARGEST_BYTES: Final = 2**20
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the configuration.")]


@router.get(
    "/agents/{agent:name}/configuration",
    response_model=Deployed,
    responses={**NOT_FOUND, **CONFLICT, 304: {"description": "It is still the same"}},
    summary="What a program is to run with",
)
def fetch_configuration(
    services: Using,
    agent: AgentName,
    environment: Annotated[str, Query(min_length=1, max_length=128, description="A label: production, staging …")] = "production",
    project: Project = "default",
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The configuration that is deployed in an environment, with an ETag. 404: nothing is."""
    registry = services.registry
    name = agent if registry.doors.configurations.page(project, agent, 1) else named(services, project, agent)
    deployment, content = registry.doors.deployments.deployed(project, name, environment)
    headers = {"ETag": f'"{deployment.revision}-{content.hash}"', "Cache-Control": "no-cache"}
    if headers["ETag"] in (if_none_match or ""):
        return Response(status_code=304, headers=headers)
    told = {"agent": name, "environment": environment, "number": content.number, "hash": content.hash, "body": content.body}
    return Json({**told, "revision": deployment.revision, "deployed": iso(deployment.deployed_ns)}, headers=headers)


@router.post(
    "/agents/{agent:name}/configurations",
    response_model=Configuration,
    status_code=201,
    responses={**CONFLICT, 200: {"model": Configuration, "description": "The latest one says the same already"}},
    summary="Keep a new configuration",
)
def add_configuration(services: Using, agent: AgentName, draft: ConfigurationDraft, project: Project = "default") -> Json:
    """It gets the next number, and is deployed nowhere yet. The agent need not have run. One that says what the latest says is not kept again (200)."""
    size = len(orjson.dumps(draft.body))
    if size > _LARGEST_BYTES:
        raise TooLarge(f"body: {size} bytes; a configuration has at most {_LARGEST_BYTES}: keep large things elsewhere, and name them here")
    name = named_or_new(services, project, agent)
    kept, new = services.registry.doors.configurations.add(project, name, draft.body, draft.comment, draft.author, draft.after)
    return Json(_json(kept, services.registry.doors.deployments.all(project, name)), 201 if new else 200)


@router.get("/agents/{agent:name}/configurations/{number}", response_model=Configuration, responses=NOT_FOUND | CONFLICT, summary="One configuration")
def one_configuration(services: Using, agent: AgentName, number: Number, project: Project = "default") -> Json:
    """As it was kept."""
    name = named(services, project, agent)
    return Json(_json(services.registry.doors.configurations.one(project, name, number), _deployments(services, project, name)))


@router.delete("/agents/{agent:name}/configurations/{number}", status_code=204, responses=NOT_FOUND | CONFLICT, summary="Delete a configuration")
def remove_configuration(services: Using, agent: AgentName, number: Number, project: Project = "default") -> Response:
    """Only one that is deployed nowhere (else 409). Its number stays taken, and nothing can be rolled back to it any more."""
    services.registry.doors.configurations.remove(project, named(services, project, agent), number)
    return Response(status_code=204)


@router.get("/agents/{agent:name}/configurations", response_model=ConfigurationList, responses=NOT_FOUND | CONFLICT, summary="Configurations of an agent")
def list_configurations(services: Using, agent: AgentName, project: Project = "default", limit: Limit = 50, cursor: Cursor = None) -> Json:
    """Deleted ones are left out."""
    name = named(services, project, agent)
    end = decode_cursor("configurations", cursor)
    found = services.registry.doors.configurations.page(project, name, limit + 1, end.figure if end else None)
    deployments = _deployments(services, project, name)
    following = Place(found[limit - 1].number, "") if len(found) > limit else None
    return Json({"items": [_json(one, deployments) for one in found[:limit]], "next_cursor": encode_cursor("configurations", following)})


def _deployments(services: Services, project: str, agent: str) -> list[Deployment]:
    return services.registry.doors.deployments.all(project, agent)


def _json(one: Kept, deployments: list[Deployment]) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("agent", "number", "body", "hash", "comment", "author")}
    return {**told, "created": iso(one.created_ns), "environments": [each.environment for each in deployments if each.number == one.number]}
