"""The kinds of channels: those that come with Spyglass, and those of installed packages (entry points of the group `spyglass.channels`)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, Final

import structlog
from pydantic import BaseModel, SecretStr, ValidationError

from spyglass.alert.notify import apprise, console, email, github, pagerduty, sentry, slack, webhook
from spyglass.model.errors import InputError
from spyglass.plugin.contracts import ChannelKind

__all__ = ["BUILT_IN", "HIDDEN", "kept", "known", "read_settings", "shown"]

log = structlog.get_logger()

BUILT_IN: Final = (console.KIND, webhook.KIND, email.KIND, slack.KIND, github.KIND, sentry.KIND, pagerduty.KIND, apprise.KIND)
HIDDEN: Final = "**********"
_ADDRESS: Final = ("url", "host", "port", "security", "repository")  # what says where secrets go
_GROUP: Final = "spyglass.channels"


def known() -> dict[str, ChannelKind]:
    """All, by name. A package that cannot be loaded is left out, and logged."""
    kinds = {kind.name: kind for kind in BUILT_IN}
    for point in entry_points(group=_GROUP):
        try:
            kind = point.load()
        except Exception:
            log.exception("channel not loaded", entry_point=point.name)
            continue
        if isinstance(kind, ChannelKind) and kind.api.partition(".")[0] == "1":
            kinds.setdefault(kind.name, kind)
        else:
            log.error("channel not loaded", entry_point=point.name, problem="expected a ChannelKind for version 1 of the contract")
    return kinds


def read_settings(kind: ChannelKind, told: Mapping[str, Any]) -> BaseModel:
    """Settings of a channel, checked.

    Raises:
        InputError: says what is wrong, without the values.
    """
    try:
        return kind.settings.model_validate(dict(told))
    except ValidationError as error:
        problems = [f"settings.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False, include_input=False)]
        raise InputError("; ".join(problems)) from None


def kept(kind: ChannelKind, told: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of settings: checked, and where a secret comes back as it was shown, the old one.

    Raises:
        InputError: says what is wrong.
    """
    restored = _restored(told, old)
    if _hides(restored):
        raise InputError(f"settings: {HIDDEN!r} stands for a secret that is not known here; tell the secret itself")
    moved = [name for name in _ADDRESS if name in old and restored.get(name) != old[name]]
    if moved and restored != dict(told):
        raise InputError(f"settings.{moved[0]}: was changed, so every secret must be told again: it would be sent to another place than it was given for")
    return dict(_plain(read_settings(kind, restored)))


def shown(kind: ChannelKind | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What may be shown of them: no secret."""
    if kind is None:
        return dict.fromkeys(settings, HIDDEN)
    try:
        return dict(_masked(kind.settings.model_validate(dict(settings))))
    except ValidationError:
        return dict.fromkeys(settings, HIDDEN)


def _restored(told: Any, old: Any) -> Any:
    if isinstance(told, Mapping) and isinstance(old, Mapping):
        return {name: _restored(value, old.get(name)) for name, value in told.items()}
    return old if told == HIDDEN and old is not None else told


def _hides(value: Any) -> bool:
    match value:
        case Mapping():
            return any(map(_hides, value.values()))
        case list() | tuple():
            return any(map(_hides, value))
    return bool(value == HIDDEN)


def _plain(value: Any) -> Any:
    """As JSON, with secrets."""
    match value:
        case BaseModel():
            return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
        case SecretStr():
            return value.get_secret_value()
        case Mapping():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return value


def _masked(value: Any) -> Any:
    match value:
        case BaseModel():
            return {name: _masked(getattr(value, name)) for name in type(value).model_fields}
        case SecretStr():
            return HIDDEN if value.get_secret_value() else ""
        case Mapping():
            return {name: _masked(one) for name, one in value.items()}
        case list() | tuple():
            return [_masked(one) for one in value]
    return value
