"""Whether an answer is what its route says, every field there, of its type, and no other: routes write their answers themselves, so nothing else looks."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.routing import Match

from spyglass.config.spec import Settings
from spyglass.show.app import create_app

__all__ = ["checked"]


def checked(answer: httpx.Response) -> Any:
    """The JSON of a good answer, which must be of the route's model."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    if (model := _model(answer.request.method, answer.url.path)) is not None:
        read = model.validate_json(answer.content, strict=True)
        untold = sorted(_untold(told, model.dump_python(read, mode="json", by_alias=True, exclude_unset=True)))
        assert untold == [], f"{answer.url.path}: its model does not know {untold}"
    return told


def _untold(told: Any, read: Any, where: str = "") -> set[str]:
    """Where an answer is something else than was read of it."""
    if isinstance(told, dict) and isinstance(read, dict):
        return {at for key in told.keys() | read.keys() for at in _untold(told.get(key), read.get(key), f"{where}.{key}")}
    if isinstance(told, list) and isinstance(read, list) and len(told) == len(read):
        return {at for one, other in zip(told, read, strict=True) for at in _untold(one, other, f"{where}[]")}
    return set() if told == read else {f"{where}: {told!r} as {read!r}"}


def _model(method: str, path: str) -> TypeAdapter[Any] | None:
    scope = {"type": "http", "method": method, "path": path, "headers": []}
    at = next((at for at, route in enumerate(_routes()) if route.matches(scope)[0] is Match.FULL), None)
    return None if at is None else _adapter(at)


@cache
def _routes() -> list[APIRoute]:
    app = create_app(SimpleNamespace(settings=Settings(), version="0"))  # type: ignore[arg-type]
    return [route for route in app.routes if isinstance(route, APIRoute)]


@cache
def _adapter(at: int) -> TypeAdapter[Any] | None:
    model = _routes()[at].response_model
    return None if model is None else TypeAdapter(model)
