"""What the resources of this room have in common: where they are, whose key is asked for, what a failure looks like.

A route is whole once it is declared, so that the app takes it as it is. FastAPI's `include_router` would make each of them a second time, all before the first
answer: half a second and 13 MB.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import HTTPConnection

from spyglass.show.keys import check_key
from spyglass.show.problem import PROBLEMS
from spyglass.show.render import Json
from spyglass.show.services import Services

__all__ = ["BELOW", "at_root", "resource"]

BELOW: Final = "/api/v1"


def resource(prefix: str = "", **options: Any) -> APIRouter:
    """A router below /api/v1, for readers with a key. `options`: as of an APIRouter."""
    return at_root(BELOW + prefix, **options)


def at_root(prefix: str = "", **options: Any) -> APIRouter:
    """The same with paths as they are."""
    return APIRouter(prefix=prefix, default_response_class=Json, responses=PROBLEMS, dependencies=[Depends(_authorize)], **options)


def _authorize(connection: HTTPConnection) -> None:
    services: Services = connection.app.state.services
    check_key(services.settings, connection.headers.get("authorization"), connection.headers.get("x-api-key"))
