"""The API: every resource of this room under /api/v1, health and metrics at the root."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header

from spyglass import show
from spyglass.model.errors import Unauthorized
from spyglass.show.problem import PROBLEMS, answer_problems, as_problems
from spyglass.show.render import Json
from spyglass.show.services import Services, Using

__all__ = ["create_app"]


def create_app(services: Services) -> FastAPI:
    """The ASGI app. Each module of this room that has a `router` is mounted below /api/v1, each `root` at the root."""
    app = FastAPI(
        title="Spyglass",
        version="0.1.0",
        summary="What AI agents really do.",
        default_response_class=Json,
        responses=PROBLEMS,
        dependencies=[Depends(_authorize)],
    )
    app.state.services = services
    answer_problems(app)
    for module in _resources():
        if isinstance(router := getattr(module, "router", None), APIRouter):
            app.include_router(router, prefix="/api/v1")
        if isinstance(root := getattr(module, "root", None), APIRouter):
            app.include_router(root)
    tell = app.openapi
    app.openapi = lambda: as_problems(tell())  # type: ignore[method-assign]
    return app


def _resources() -> list[object]:
    names = sorted(item.name for item in pkgutil.iter_modules(show.__path__))
    return [importlib.import_module(f"{show.__name__}.{name}") for name in names if name != "app"]


def _authorize(services: Using, authorization: Annotated[str | None, Header()] = None, x_api_key: Annotated[str | None, Header()] = None) -> None:
    keys = {key.get_secret_value() for key in services.settings.api_keys}
    shown = {x_api_key, (authorization or "").removeprefix("Bearer ").strip()}
    if keys and not keys & shown:
        raise Unauthorized("this server wants an API key: send `Authorization: Bearer KEY` or `x-api-key: KEY`")
