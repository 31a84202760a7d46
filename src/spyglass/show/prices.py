"""The price table, what it lacks, and pricing history again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query

from spyglass.model.schema import USAGE, Kind
from spyglass.show.models.system import Explanation, PriceList, Repriced, UnknownList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Limit, Project, WindowOf, encode_cursor
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store import repricing
from spyglass.store.read import prices as read
from spyglass.store.read.asking import Place

__all__ = ["router"]

router = resource(tags=["prices"])

Tokens = Annotated[int, Query(ge=0, le=2**53, description="How many; input includes cached ones, output includes reasoning.")]
Model = Annotated[str, Query(max_length=256, description="Part of the model's name, any case.")]


@router.get("/prices", response_model=PriceList, summary="The price table")
def list_prices(
    services: Using, model: Model = "", limit: Annotated[int, Query(ge=1, le=10_000, description="Most rows.")] = 1000, cursor: Cursor = None
) -> Json:
    """USD per million tokens, the operator's own first. `version` is the table's."""
    found = [asdict(row) for row in services.pricer.prices.table() if model.lower() in row.model.lower()]
    first = first_row("prices", cursor)
    following = Place(first + limit, "") if first + limit < len(found) else None
    return Json({"items": found[first : first + limit], "next_cursor": encode_cursor("prices", following), "version": services.pricer.prices.version})


@router.get("/prices/unknown", response_model=UnknownList, summary="Models that were called and have no price")
def list_unknown(services: Using, window: WindowOf, project: Project = "default", limit: Limit = 200, cursor: Cursor = None) -> Json:
    """Their calls cost nothing until `prices.overrides` names them; then price history again."""
    first = first_row("unknown", cursor)
    found = read.unknown(services.engine.read, scope_of(services, Kind.SPAN, project, window, ""), limit + 1, first)
    return Json(page("unknown", found, first, limit))


@router.get("/prices/explain", response_model=Explanation, summary="How a call is priced")
def explain(
    services: Using,
    model: Model,
    provider: Annotated[str, Query(max_length=256, description="Provider, as telemetry names it.")] = "",
    input_tokens: Tokens = 0,
    output_tokens: Tokens = 0,
    cache_read_tokens: Tokens = 0,
    cache_write_tokens: Tokens = 0,
    reasoning_tokens: Tokens = 0,
) -> Json:
    """Each sort of token with its price and what it adds, at today's prices."""
    counts = (input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens)
    usage: dict[str, int] = dict(zip(USAGE, counts, strict=True))
    told: dict[str, Any] = asdict(services.pricer.prices.explain(provider, model, usage, services.clock.now_ns()))
    return Json(told)


@router.post("/prices/reprice", response_model=Repriced, summary="Price the calls of a time range again by today's table")
def reprice(services: Using, window: WindowOf, project: Project = "default") -> Json:
    """Costs that sources reported stay. Calls, spans and log records have the new cost when this has answered."""
    scope = scope_of(services, Kind.SPAN, project, window, "")
    done = repricing.reprice(services.engine, scope, services.pricer.reprice, (services.sums, services.health.figures))
    return Json({"calls": done.calls, "changed": done.changed, "version": services.pricer.prices.version})
