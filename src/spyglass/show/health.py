"""Health and metrics at the root. Health tells the truth about the flow of data, not that a process exists."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from spyglass.receive.limits import InFlight
from spyglass.show.keys import check_key, wants_key
from spyglass.show.models.system import Health, Status
from spyglass.show.problem import PROBLEMS
from spyglass.show.render import Json
from spyglass.show.resource import at_root
from spyglass.show.services import Services, Using

__all__ = ["probe", "root"]

probe = APIRouter(tags=["health"], responses=PROBLEMS)  # answers those without a key too, in a word
root = at_root(tags=["health"])

_FULL: Final = 0.9  # of the log: requests that are larger than what is left are refused
_ANSWER_S: Final = 5.0
_SLOW_S: Final = 60.0  # entries that have waited longer than this mean that the store does not keep up
_ENDED: Final = {
    "road": "nothing that is sent is taken any more",
    "log-writer": "nothing that is sent is kept any more",
    "store-writer": "nothing more reaches the store; the log keeps it",
    "ledger": "what is lost is not counted any more",
}


@probe.get(
    "/health",
    response_model=Health | Status,
    responses={503: {"model": Health | Status, "description": "Data does not flow"}},
    summary="Whether data flows: 200 when it does, 503 with the reasons when it does not",
)
async def health(request: Request, services: Using) -> Json:
    """Last write, queue depth, whether the store can be written and read, the log's lag, the ports.

    Where readers need a key (`api_keys`), the answer without one has no details: its status is enough for the probe of an orchestrator.
    """
    authorization, x_api_key = request.headers.get("authorization"), request.headers.get("x-api-key")
    bare = wants_key(services.settings) and not authorization and not x_api_key
    if not bare:
        check_key(services.settings, authorization, x_api_key)
    told = await _told(services, request.app.state.bodies)
    problems = list(_problems(told))
    shown = ["data does not flow; ask with a key for the reasons"] if bare and problems else problems
    answer = {"status": "failing" if problems else "ok", "problems": shown, **({} if bare else told)}
    return Json(answer, 503 if problems else 200)


async def _told(services: Services, bodies: InFlight) -> dict[str, Any]:
    readable = await _readable(services)
    log, writer = services.log.status(), services.writer.status()
    return {
        "version": services.version,
        "now_ns": services.clock.now_ns(),
        "ports": services.ports,
        "store": {
            "url": services.engine.address,
            "readable": readable,
            "writable": not writer.failing,
            "problem": writer.failing,
            "last_commit_ns": writer.last_commit_ns,
            "committed_rows": writer.committed_rows,
        },
        "log": asdict(log),
        "queue": {"waiting_bodies": services.road.depth()},
        "receive": {"in_flight_bytes": services.in_flight.used_bytes, "max_in_flight_bytes": services.in_flight.limit_bytes},
        "web": {"in_flight_bytes": bodies.used_bytes, "max_in_flight_bytes": bodies.limit_bytes},
        "viewers": asdict(services.hub.status()),
        "ended": list(services.ended()),
    }


async def _readable(services: Services) -> bool:
    """Whether the store answers in time; a server that hangs does not hang us."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            return await asyncio.to_thread(services.engine.answers, _ANSWER_S)
    except TimeoutError:
        return False


def _problems(told: dict[str, Any]) -> Iterator[str]:
    store, log = told["store"], told["log"]
    for name in told["ended"]:
        yield f"the thread {name} has ended: {_ENDED.get(name, 'it should not')}; the server's log says why, restart it"
    if not store["readable"]:
        yield "the store does not answer queries"
    if store["problem"]:
        yield f"the store cannot be written: {store['problem']}"
    if log["refusing"]:
        yield f"senders are refused: {log['refusing']}"
    elif (full := log["unconsumed_bytes"] / log["max_bytes"]) > _FULL:
        yield f"large requests are refused: the log is {full:.0%} full of what waits for the store"
    if log["oldest_unconsumed_s"] > _SLOW_S:
        yield f"the store is {log['oldest_unconsumed_s']:.0f} s behind"
    if not told["viewers"]["running"]:
        yield "the live view has ended: viewers get nothing new; the server's log says why, restart it"


@root.get("/metrics", response_class=PlainTextResponse, summary="Our own metrics for Prometheus")
def metrics() -> Response:
    """The text format of Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
