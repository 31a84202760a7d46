"""Channels of alerts, and the routing that leads to them. Secrets go in, and never come out."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Final

import orjson
import structlog
from fastapi import Path, Query, Response

from spyglass.alert.cause import LABEL, cause_of
from spyglass.alert.hours import Shift, shift_of
from spyglass.alert.mute import silenced_by
from spyglass.alert.notify.kinds import kept, shown
from spyglass.alert.route import group_labels, places, read_routing
from spyglass.alert.rules import NAME
from spyglass.alert.sending import LOG
from spyglass.alert.setup import ROUTING
from spyglass.facts.alerts_documents import Document, Sealing
from spyglass.facts.alerts_outbox import Waits
from spyglass.model.errors import InputError, NotFound, Refused
from spyglass.model.notice import Notice, ToldAlert
from spyglass.show.models.alerts import (
    ChannelDraft,
    ChannelItem,
    ChannelKindList,
    ChannelList,
    Outcome,
    PlaceList,
    RoutingAnswer,
    RoutingDraft,
    SecretsState,
    Words,
)
from spyglass.show.parameters import Project
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using

__all__ = ["router"]

log = structlog.get_logger()

router = resource(tags=["alerts"])

_NONE: Final = Waits()
Name = Annotated[str, Path(pattern=NAME, description="Name of the channel.")]


@router.get("/alert-channels", response_model=ChannelList, summary="The channels of alerts, and the kinds that there are")
def list_channels(services: Using, project: Project = "default") -> Json:
    """By name. The channel `log` is there without being set up."""
    waits = services.alerts.outbox.waits(project)
    items = [_item(services, one, waits.get(one.name, _NONE)) for one in services.alerts.documents.all("channel", project)]
    return Json({"items": items, "next_cursor": None, "kinds": _kinds(services)})


@router.get("/alert-channel-kinds", response_model=ChannelKindList, summary="The kinds of channels that there are")
def list_channel_kinds(services: Using) -> Json:
    """Each with the JSON Schema of its settings: a form can be made from it. Secrets are `writeOnly`, of the format `password`."""
    return Json({"items": _kinds(services), "next_cursor": None})


@router.put("/alert-channels/{name}", response_model=ChannelItem, responses=CONFLICT, summary="Make or change a channel")
def put_channel(services: Using, name: Name, draft: ChannelDraft, project: Project = "default") -> Json:
    """What waits for it is tried at once. A secret as it was shown stays what it was, as long as the address stays, too."""
    kind = services.alerts.sender.kinds.get(draft.kind)
    if kind is None:
        raise InputError(f"kind: there is no {draft.kind[:40]!r}; there are {', '.join(services.alerts.sender.kinds)}")
    old = services.alerts.documents.find(project, "channel", name)
    same = old is not None and old.body.get("kind") == draft.kind
    body = {"kind": draft.kind, "settings": kept(kind, draft.settings, old.body["settings"] if old and same else {})}
    made = services.alerts.documents.put(project, "channel", name, body, author=draft.author, version=draft.version)
    services.alerts.outbox.now(project, name, services.clock.now_ns())
    services.alerts.wake()
    return Json(_item(services, made, services.alerts.outbox.waits(project).get(name, _NONE)))


@router.delete("/alert-channels/{name}", status_code=204, responses=NOT_FOUND, summary="Delete a channel")
def remove_channel(services: Using, name: Name, project: Project = "default") -> Response:
    """What still waits for it waits until there is one of this name again, or is given up."""
    services.alerts.documents.remove(project, "channel", name)
    return Response(status_code=204)


@router.post("/alert-channels/{name}/test", response_model=Outcome, responses=NOT_FOUND, summary="Send a test notice")
async def try_channel(services: Using, name: Name, project: Project = "default") -> Json:
    """At once, and not through the outbox: the answer says what the other side said."""
    if name != "log" and name not in services.alerts.setups.of(project).channels:
        raise NotFound(f"project {project} has no channel {name!r} for alerts")
    now_ns = services.clock.now_ns()
    summary = "If you can read this, alerts arrive here."
    alert = ToldAlert("0", "test", "test of the channel", "firing", "info", summary, {"rule": "test", "project": project}, started_ns=now_ns)
    notice = Notice(secrets.token_hex(16), project, "0", name, "test", now_ns, {"rule": "test"}, (alert,))
    try:
        answer, delivered = await services.alerts.sender.try_out(project, name, notice), True
    except (InputError, Refused) as error:
        answer, delivered = error.message, False
    return Json({"delivered": delivered, "answer": answer, "notice_id": notice.id})


@router.get("/alert-secrets", response_model=SecretsState, summary="How secrets of channels are kept")
def show_secrets(services: Using) -> Json:
    """By which key, and where it is from; never the key."""
    lost = sum(bool(one.problem) for one in services.alerts.documents.all("channel"))
    return Json(_secrets(services, Sealing(0, lost)))


@router.post("/alert-secrets/rotate", response_model=SecretsState, responses=CONFLICT, summary="Seal secrets with a new key")
def rotate_secrets(services: Using, told: Words) -> Json:
    """A new key in the file, everything sealed with it, the old ones forgotten. Where keys are settings whoever set them changes them (409)."""
    services.alerts.vault.add()
    sealing = services.alerts.documents.seal()
    dropped = services.alerts.vault.drop_old()
    log.info("secret key rotated", key=services.alerts.vault.key_id, who=told.who, note=told.note, sealed=sealing.sealed, dropped=dropped)
    return Json(_secrets(services, sealing))


@router.get("/alert-routing", response_model=RoutingAnswer, summary="Where alerts are told")
def show_routing(services: Using, project: Project = "default") -> Json:
    """What is in force: the tree, inhibitions, hours, escalations, schedules."""
    return Json(_routing(services, project, services.alerts.documents.find(project, "routing", ROUTING)))


@router.put("/alert-routing", response_model=RoutingAnswer, responses=CONFLICT, summary="Change where alerts are told")
def put_routing(services: Using, draft: RoutingDraft, project: Project = "default") -> Json:
    """As a whole. Alerts that fire are told where they were told before; what fires next goes the new way."""
    body = orjson.loads(draft.routing.model_dump_json(by_alias=True, exclude_none=True))
    made = services.alerts.documents.put(project, "routing", ROUTING, body, author=draft.author, version=draft.version)
    services.alerts.wake()
    return Json(_routing(services, project, made))


@router.delete("/alert-routing", status_code=204, responses=NOT_FOUND, summary="Forget where alerts are told")
def remove_routing(services: Using, project: Project = "default") -> Response:
    """Then everything goes to every channel."""
    services.alerts.documents.remove(project, "routing", ROUTING)
    return Response(status_code=204)


@router.get("/alert-routing/places", response_model=PlaceList, summary="Where an alert with some labels would be told")
def find_places(
    services: Using,
    project: Project = "default",
    label: Annotated[list[str] | None, Query(max_length=50, description="Labels of the alert, as `agent=billing`; may be given more than once.")] = None,
) -> Json:
    """The end of its way through the tree, or more than one where routes say `continue`."""
    told = {"project": project, **dict(_label(text) for text in label or ())}
    labels = {LABEL: cause_of(told, {}), **told}
    setup = services.alerts.setups.of(project)
    items = [
        {
            "path": place.path,
            "channels": list(place.channels),
            "group": group_labels(place, labels),
            "escalation": place.escalation,
            "repeat_interval_s": place.repeat_interval_s,
        }
        for place in places(setup.routing, labels)
    ]
    return Json({"items": items, "next_cursor": None, "silenced_by": silenced_by(setup.silences, labels, services.clock.now_ns())})


def _secrets(services: Services, sealing: Sealing) -> dict[str, Any]:
    vault = services.alerts.vault
    return {"key_id": vault.key_id, "origin": "file" if vault.path else "settings", "sealed": sealing.sealed, "lost": sealing.lost}


def _kinds(services: Services) -> list[dict[str, Any]]:
    told = services.alerts.sender.kinds.values()
    return [{"name": one.name, "version": one.version, "description": one.description, "settings": one.settings.model_json_schema()} for one in told]


def _label(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise InputError(f"label: expected name=value, got {text[:80]!r}")
    return name, value


def _item(services: Services, document: Document, waits: Waits) -> dict[str, Any]:
    kind = services.alerts.sender.kinds.get(document.body["kind"])
    return {
        "name": document.name,
        "kind": document.body["kind"],
        "settings": shown(kind, document.body["settings"]),
        "version": document.version,
        "author": document.author,
        "updated": iso(document.updated_ns),
        "problem": document.problem or ("" if kind else f"channels of the kind {document.body['kind']} are not installed"),
        "waiting": waits.count,
        "failing": f"{waits.answer} (since {iso(waits.since_ns)[:19]}Z)" if waits.answer else "",
    }


def _routing(services: Services, project: str, document: Document | None) -> dict[str, Any]:
    setup = services.alerts.setups.of(project)
    routing = read_routing(document.body) if document else setup.routing
    unknown = sorted(routing.channels() - setup.channels.keys() - {LOG.kind})
    told = orjson.loads(routing.model_dump_json(by_alias=True, exclude_none=True))
    now_ns = services.clock.now_ns()
    on_call = {name: _shift(shift_of(routing.schedules, name, now_ns)) for name in routing.schedules}
    return {"routing": told, "version": document.version if document else 0, "unknown_channels": unknown, "on_call": on_call}


def _shift(shift: Shift) -> dict[str, Any]:
    return {"who": shift.who, "until": iso(shift.until_ns) if shift.until_ns else None, "then": shift.then}
