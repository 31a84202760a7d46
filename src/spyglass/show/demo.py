"""The demo: the work of some lively agents, told by the server itself, so that the first look is not empty."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Response

from spyglass.show.models.demo import DemoState, DemoWish
from spyglass.show.problem import CONFLICT
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Performance, Using

__all__ = ["router"]

router = resource("/demo", tags=["demo"])


@router.post("", response_model=DemoState, status_code=202, responses=CONFLICT, summary="Tell the demo")
async def start_demo(services: Using, wish: Annotated[DemoWish, Body()]) -> Json:
    """First the past, at once, then live for a while. It is kept like any telemetry, in its own project; 409 while one goes on."""
    return Json(_json(services.demo.start(wish.project, wish.past_s, wish.live_s)), status_code=202)


@router.get("", response_model=DemoState, summary="How far the demo is")
async def demo_state(services: Using) -> Json:
    """The last one that somebody asked for since the server started; its phase is `none` where nobody did."""
    return Json(_json(services.demo.state() or Performance("", services.clock.now_ns(), 0, 0, phase="none")))


@router.delete("", status_code=204, summary="Stop the demo")
async def stop_demo(services: Using) -> Response:
    """What it told stays. Nothing happens where none goes on."""
    services.demo.stop()
    return Response(status_code=204)


def _json(told: Performance) -> dict[str, Any]:
    return {
        "project": told.project,
        "phase": told.phase,
        "began": iso(told.began_ns),
        "past_s": told.past_s,
        "live_s": told.live_s,
        "spans": told.records["traces"],
        "events": told.records["logs"],
        "points": told.records["metrics"],
        "rejected": told.rejected,
        "sights": [{"what": what, "trace_id": trace_id} for what, trace_id in told.sights],
        "problem": told.problem,
    }
