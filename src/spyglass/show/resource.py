"""What the resources of this room have in common: where they are, whose key is asked for, what a failure looks like.

A route is whole once it is declared, so that the app takes it as it is. FastAPI's `include_router` would make each of them a second time, all before the first
answer: half a second and 13 MB.
"""

from __future__ import annotations

import difflib
from typing import Any, Final

from fastapi import APIRouter, Depends, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from spyglass.show.keys import check_key
from spyglass.show.problem import PROBLEMS
from spyglass.show.render import Json
from spyglass.show.services import Services

__all__ = ["BELOW", "at_root", "parameters_of", "resource"]

BELOW: Final = "/api/v1"
_PROJECT: Final = "project"  # clients may say it always, also where all projects have the same


def resource(prefix: str = "", **options: Any) -> APIRouter:
    """A router below /api/v1, for readers with a key, where a parameter that does not exist is an error. `options`: as of an APIRouter."""
    return _router(BELOW + prefix, [Depends(_authorize), Depends(_only_known)], options)


def at_root(prefix: str = "", **options: Any) -> APIRouter:
    """The same with paths as they are, and for clients that were written for others: parameters that do not exist mean nothing."""
    return _router(prefix, [Depends(_authorize)], options)


def _router(prefix: str, dependencies: list[params.Depends], options: dict[str, Any]) -> APIRouter:
    return APIRouter(prefix=prefix, default_response_class=Json, responses=PROBLEMS, dependencies=dependencies, **options)


async def _authorize(connection: HTTPConnection) -> None:
    services: Services = connection.app.state.services
    check_key(services.settings, connection.headers.get("authorization"), connection.headers.get("x-api-key"))


async def _only_known(connection: HTTPConnection) -> None:
    """A filter whose name is mistyped would be no filter, and the answer would look right."""
    route = connection.scope.get("route")
    if not isinstance(route, APIRoute) or not connection.query_params:
        return
    known = parameters_of(route)
    unknown = [name for name in connection.query_params if name not in known and name != _PROJECT]
    if unknown:
        raise RequestValidationError([{"type": "unknown", "loc": ("query", name), "msg": _unknown(name, known), "input": None} for name in unknown])


def parameters_of(route: APIRoute) -> frozenset[str]:
    """Names of what may follow the question mark."""
    return frozenset(one.alias for one in get_flat_params(route.dependant) if isinstance(one.field_info, params.Query))


def _unknown(name: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"there is no such parameter; did you mean {near[0]}?"
    return f"there is no such parameter; there {'are ' + ', '.join(sorted(known)) if known else 'is none'}"
