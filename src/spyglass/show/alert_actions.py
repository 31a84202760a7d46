"""Policies that act on alerts, the record of what they did, and executions that shall stop."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response

from spyglass.alert.policy import CHANNEL_KINDS, Policy, read_policy
from spyglass.alert.rules import NAME
from spyglass.facts.alerts_actions import Action
from spyglass.facts.alerts_documents import Document
from spyglass.facts.execution_stops import Stop
from spyglass.model.errors import InputError
from spyglass.show.models.alert_actions import (
    ActionItem,
    ActionList,
    PolicyDraft,
    PolicyItem,
    PolicyList,
    StopDraft,
    StopItem,
    StopList,
    StopsAsked,
    StopsHeard,
)
from spyglass.show.models.alerts import Words
from spyglass.show.numbered import first_row, next_place
from spyglass.show.parameters import Cursor, Limit, Project
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using

__all__ = ["router"]

router = resource(tags=["alerts"])

Name = Annotated[str, Path(pattern=NAME, description="Name of the policy.")]
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="Id of the action.")]
ExecutionId = Annotated[str, Path(max_length=4096, description="Id of the execution.")]
States = Annotated[
    list[Literal["dry_run", "limited", "waiting", "doing", "done", "failed", "unknown", "undone"]] | None,
    Query(alias="state", description="Only these; none: all."),
]


@router.get("/alert-policies", response_model=PolicyList, summary="Policies that act on alerts")
def list_policies(services: Using, project: Project = "default") -> Json:
    """By name. Nothing is done unless a policy is live and the operator allows it."""
    items = [_policy(services, one) for one in services.alerts.documents.all("action", project)]
    return Json({"items": items, "next_cursor": None, "live_actions": services.settings.alerts.live_actions})


@router.put("/alert-policies/{name}", response_model=PolicyItem, responses=CONFLICT, summary="Make or change a policy")
def put_policy(services: Using, name: Name, draft: PolicyDraft, project: Project = "default") -> Json:
    """It is about alerts that begin to fire from now on."""
    _check(services, project, draft.policy)
    body = draft.policy.model_dump(mode="json")
    made = services.alerts.documents.put(project, "action", name, body, author=draft.author, version=draft.version)
    services.alerts.wake()
    return Json(_policy(services, made))


@router.delete("/alert-policies/{name}", status_code=204, responses=NOT_FOUND, summary="Delete a policy")
def remove_policy(services: Using, name: Name, project: Project = "default") -> Response:
    """What it did stays on record; what it has decided is still done, unless it is undone."""
    services.alerts.documents.remove(project, "action", name)
    return Response(status_code=204)


@router.get("/alert-actions", response_model=ActionList, summary="What policies did, latest first")
def list_actions(
    services: Using,
    project: Project = "default",
    states: States = None,
    policy: Annotated[str, Query(max_length=100, description="Only of this policy; empty: all.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """Or would have done (`dry_run`), or were kept from doing (`limited`)."""
    first = first_row("alert-actions", cursor)
    found = services.alerts.actions.page(project, policy, states or (), first, limit + 1)
    return Json({"items": [_action(one) for one in found[:limit]], "next_cursor": next_place("alert-actions", first, limit, len(found))})


@router.post("/alert-actions/{id}/undo", response_model=ActionItem, responses={**NOT_FOUND, **CONFLICT}, summary="Take an action back")
async def undo_action(services: Using, id: Id, told: Words, project: Project = "default") -> Json:  # noqa: A002 - the name in the path
    """What waits is not done; a stop is withdrawn, if its program has not heard of it; an issue is closed; a webhook is told. Else 409 says why not."""
    return Json(_action(await services.alerts.performer.undo(project, id, told.who, told.note)))


@router.get("/execution-stops", response_model=StopList, summary="Executions that shall stop, latest first")
def list_stops(
    services: Using,
    project: Project = "default",
    execution_id: Annotated[str, Query(max_length=4096, description="Only this execution; empty: all.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """And whether their programs have heard of it."""
    first = first_row("execution-stops", cursor)
    found = services.alerts.stops.page(project, first, limit + 1, execution_id)
    return Json({"items": [_stop(one) for one in found[:limit]], "next_cursor": next_place("execution-stops", first, limit, len(found))})


@router.post("/execution-stops", response_model=StopItem, status_code=201, summary="Ask an execution to stop")
def ask_to_stop(services: Using, draft: StopDraft, project: Project = "default") -> Json:
    """Its program hears of it when it asks next (the SDK: within seconds, where the execution was begun as `stoppable`), and ends it at its next step."""
    return Json(_stop(services.alerts.stops.ask(project, draft.execution_id, draft.who, draft.note)), status_code=201)


@router.delete("/execution-stops/{execution_id:name}", response_model=StopItem, responses={**NOT_FOUND, **CONFLICT}, summary="Take that back")
def withdraw_stop(services: Using, execution_id: ExecutionId, project: Project = "default") -> Json:
    """As long as its program has not heard of it."""
    return Json(_stop(services.alerts.stops.withdraw(project, execution_id)))


@router.post("/execution-stops/heard", response_model=StopsHeard, summary="Which of a program's executions shall stop")
def hear_stops(services: Using, told: StopsAsked, project: Project = "default") -> Json:
    """Asked by the program that runs them. From then on what it was told cannot be taken back."""
    found = services.alerts.stops.heard(project, told.execution_ids)
    return Json({"items": [{"execution_id": one.execution_id, "who": one.who, "note": one.note} for one in found], "next_cursor": None})


def _check(services: Services, project: str, policy: Policy) -> None:
    """Whether it can be done at all.

    Raises:
        InputError: there is no such channel.
        NotFound: there is no such runner.
    """
    wanted = CHANNEL_KINDS.get(policy.action.kind)
    if wanted:
        name = getattr(policy.action, "channel", "")
        setup = services.alerts.setups.of(project).channels.get(name)
        if setup is None or setup.kind != wanted:
            raise InputError(f"policy.action.channel: expected a channel of the kind {wanted} of project {project}, got {name!r}")
    if runner := getattr(policy.action, "runner", ""):
        services.runners.status(runner)


def _policy(services: Services, document: Document) -> dict[str, Any]:
    try:
        policy, problem = read_policy(document.body, document.name), ""
    except InputError as error:
        policy, problem = None, error.message
    return {
        "name": document.name,
        "policy": policy.model_dump(mode="json") if policy else None,
        "acts": policy is not None and policy.enabled and policy.mode == "live" and services.settings.alerts.live_actions,
        "version": document.version,
        "author": document.author,
        "created": iso(document.created_ns),
        "updated": iso(document.updated_ns),
        "problem": problem,
    }


def _action(action: Action) -> dict[str, Any]:
    same = ("id", "policy", "version", "kind", "alert_id", "subject", "state", "answer", "undone_by")
    times = {"done": action.done_ns, "undone": action.undone_ns}
    told = {name: iso(at_ns) if at_ns else None for name, at_ns in times.items()}
    return {name: getattr(action, name) for name in same} | {"action": action.told["action"], "created": iso(action.created_ns)} | told


def _stop(stop: Stop) -> dict[str, Any]:
    times = {"heard": stop.heard_ns, "withdrawn": stop.withdrawn_ns}
    told = {name: iso(at_ns) if at_ns else None for name, at_ns in times.items()}
    return {"execution_id": stop.execution_id, "who": stop.who, "note": stop.note, "asked": iso(stop.asked_ns)} | told
