"""The API: every resource of this room under /api/v1, health and metrics at the root, the web app for all other paths."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI

from spyglass.receive.limits import InFlight
from spyglass.show import (
    agents,
    alert_actions,
    alert_causes,
    alert_channels,
    alert_groups,
    alert_rules,
    alerts,
    analytics,
    attribution,
    complete,
    compliance,
    configurations,
    contrast,
    definitions,
    demo,
    deployments,
    detect,
    events,
    evidence,
    executions,
    export,
    facets,
    finding,
    findings,
    flow,
    health,
    ledger,
    live,
    measured,
    memory,
    paths,
    patterns,
    prices,
    recordings,
    registering,
    registry,
    rootcause,
    runners,
    saved,
    series,
    sessions,
    settings,
    silences,
    snapshots,
    sources,
    sql,
    standing,
    storage,
    summary,
    threats,
    traces,
    trends,
    usage,
    versions,
    waste,
    workflows,
)
from spyglass.show.guard import Guard
from spyglass.show.keys import wants_key, with_keys
from spyglass.show.pack import Pack
from spyglass.show.problem import PROBLEMS, answer_problems, as_problems
from spyglass.show.render import Json
from spyglass.show.services import Services
from spyglass.show.site import Site

__all__ = ["create_app"]

# Every resource, in the order in which people ask; a new one is added here.
_API: Final = (
    summary.router,
    traces.router,
    evidence.router,
    attribution.router,
    sessions.router,
    agents.router,
    definitions.router,
    flow.router,
    usage.router,
    waste.router,
    findings.router,
    finding.router,
    threats.router,
    alerts.router,
    alert_groups.router,
    alert_causes.router,
    alert_rules.router,
    alert_channels.router,
    alert_actions.router,
    silences.router,
    detect.router,
    rootcause.router,
    compliance.router,
    events.router,
    paths.router,
    patterns.router,
    series.router,
    analytics.router,
    facets.router,
    contrast.router,
    complete.router,
    live.router,
    prices.router,
    sources.router,
    runners.router,
    ledger.router,
    storage.router,
    settings.router,
    standing.router,
    measured.router,
    workflows.router,
    saved.router,
    export.router,
    sql.router,
    demo.router,
    versions.router,
    configurations.router,
    deployments.router,
    trends.router,
    registering.router,
    memory.router,
    registry.router,  # after all that is below an agent: a name may have slashes, so that `/agents/{agent}` takes what no other resource wants
    recordings.router,
    snapshots.router,
    executions.router,  # last: an id may have slashes, so that `/executions/{id}` takes what no other resource wants
)
_ROOT: Final = (health.root, events.root, trends.root, registry.root, runners.root, health.probe)


def create_app(services: Services) -> FastAPI:
    """The ASGI app: every resource of this room below /api/v1, and what belongs at the root."""
    app = FastAPI(
        title="Spyglass",
        version=services.version,
        summary="What AI agents really do.",
        default_response_class=Json,
        responses=PROBLEMS,
        docs_url=None,  # /docs is a page of the web app: the usual ones load scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = services
    app.state.bodies = InFlight(services.settings.web.max_in_flight_bytes)
    app.add_middleware(Guard, settings=services.settings, bodies=app.state.bodies)
    app.add_middleware(Pack)
    answer_problems(app)
    for router in (*_API, *_ROOT):
        app.router.routes += router.routes
    app.router.default = Site(app.router.default, services.settings.web.embed_origins, keyed=wants_key(services.settings))
    tell = app.openapi
    app.openapi = lambda: with_keys(as_problems(tell()))  # type: ignore[method-assign]
    return app
