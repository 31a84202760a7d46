"""The settings in force: what each is, what set it, and what it would be otherwise. Read only: they are the operator's, who has a shell."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic.fields import FieldInfo

from spyglass.config.environment import variable_of
from spyglass.config.names import fields, section_of
from spyglass.config.spec import Settings
from spyglass.config.values import is_secret
from spyglass.show.models.settings import SettingList
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.services import Using

__all__ = ["router"]

router = resource(tags=["system"])


@router.get("/settings", response_model=SettingList, summary="The settings in force, and what set each")
def list_settings(services: Using) -> Json:
    """Without keys and passwords, as `spyglass config show` has them."""
    settings = services.settings
    told = orjson.loads(settings.model_dump_json(by_alias=True))
    items = [_item(settings, told, path, field) for path, field in fields() if section_of(field) is None]
    about = {"version": services.version, "python": platform.python_version(), "system": f"{platform.system()} {platform.release()}, {platform.machine()}"}
    return Json({"items": items, "next_cursor": None, **about, "store": services.engine.address})


def _item(settings: Settings, told: Mapping[str, Any], path: str, field: FieldInfo) -> dict[str, Any]:
    value: Any = told
    for part in path.split("."):
        value = value[part]
    return {
        "name": path,
        "value": value,
        "default": _default(field),
        "origin": settings.origins.get(path, ""),
        "variable": variable_of(path),
        "description": field.description or "",
        "secret": is_secret(field),
    }


def _default(field: FieldInfo) -> Any:
    """What JSON can say; a default that is made on each machine is no part of a reference."""
    if field.is_required() or field.default_factory is not None:
        return None
    return orjson.loads(orjson.dumps(field.default, default=str))
