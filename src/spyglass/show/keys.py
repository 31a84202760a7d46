"""Who may read: one check for every way to the API.

In: what a request or WebSocket shows. Out: nothing, or `Unauthorized`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from pydantic import SecretStr

from spyglass.config.spec import Settings
from spyglass.receive.keys import Keys

__all__ = ["check_key", "wants_key", "with_keys"]

_HOW = "send `Authorization: Bearer KEY` or `x-api-key: KEY`, or `?api_key=KEY` to the live view, where headers cannot be set"

_SCHEMES: Final = {"bearer": {"type": "http", "scheme": "bearer"}, "key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}


def with_keys(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document that says how a key is shown, and that none may be wanted."""
    document["components"]["securitySchemes"] = _SCHEMES
    document["security"] = [*({name: []} for name in _SCHEMES), {}]
    return document


def wants_key(settings: Settings) -> bool:
    """Whether readers must show a key."""
    return bool(settings.api_keys)


def check_key(settings: Settings, authorization: str | None, api_key: str | None, in_address: str = "") -> bool:
    """Let pass whoever may read; True: because of a key, False: nobody needs one.

    Args:
        settings: with the keys.
        authorization: the header, as Starlette gives it.
        api_key: the other header.
        in_address: a key in the address, already unquoted.

    Raises:
        Unauthorized: keys are required and none of them was shown.
    """
    return _keys(settings.api_keys).check(_text(authorization), _text(api_key), in_address)


@lru_cache(maxsize=4)
def _keys(keys: tuple[SecretStr, ...]) -> Keys:
    return Keys((key.get_secret_value() for key in keys), "api_keys", _HOW)


def _text(header: str | None) -> str | None:
    """Starlette reads headers as Latin-1; clients write UTF-8."""
    return header.encode("latin-1", "replace").decode("utf-8", "surrogateescape") if header else None
