"""The API: every resource of this room under /api/v1, health and metrics at the root, the web app for all other paths."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, FastAPI, Header

from spyglass.model.errors import Unauthorized
from spyglass.show import (
    agents,
    complete,
    events,
    export,
    facets,
    health,
    ledger,
    live,
    prices,
    saved,
    series,
    sessions,
    sources,
    sql,
    storage,
    summary,
    traces,
    usage,
)
from spyglass.show.problem import PROBLEMS, answer_problems, as_problems
from spyglass.show.render import Json
from spyglass.show.services import Services, Using
from spyglass.show.site import Site

__all__ = ["create_app"]

# Every resource, in the order in which people ask; a new one is added here.
_API: Final = (
    summary.router,
    traces.router,
    sessions.router,
    agents.router,
    usage.router,
    events.router,
    series.router,
    facets.router,
    complete.router,
    live.router,
    prices.router,
    sources.router,
    ledger.router,
    storage.router,
    saved.router,
    export.router,
    sql.router,
)
_ROOT: Final = (health.root, events.root, live.root)


def create_app(services: Services) -> FastAPI:
    """The ASGI app: every resource of this room below /api/v1, and what belongs at the root."""
    app = FastAPI(
        title="Spyglass",
        version="0.1.0",
        summary="What AI agents really do.",
        default_response_class=Json,
        responses=PROBLEMS,
        dependencies=[Depends(_authorize)],
        docs_url=None,  # /docs is a page of the web app: the usual ones load scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = services
    answer_problems(app)
    for router in _API:
        app.include_router(router, prefix="/api/v1")
    for root in _ROOT:
        app.include_router(root)
    app.router.default = Site(app.router.default, services.settings.web.embed_origins)
    tell = app.openapi
    app.openapi = lambda: as_problems(tell())  # type: ignore[method-assign]
    return app


def _authorize(services: Using, authorization: Annotated[str | None, Header()] = None, x_api_key: Annotated[str | None, Header()] = None) -> None:
    keys = {key.get_secret_value() for key in services.settings.api_keys}
    shown = {x_api_key, (authorization or "").removeprefix("Bearer ").strip()}
    if keys and not keys & shown:
        raise Unauthorized("this server wants an API key: send `Authorization: Bearer KEY` or `x-api-key: KEY`")
