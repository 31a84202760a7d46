"""Health and metrics at the root. Health tells the truth about the flow of data, not that a process exists."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from spyglass.show.models.system import Health
from spyglass.show.render import Json
from spyglass.show.services import Services, Using

__all__ = ["root"]

root = APIRouter(tags=["health"])

_FULL = 0.9  # of the log: requests that are larger than what is left are refused
_ANSWER_S = 5.0
_SLOW_S = 60.0  # entries that have waited longer than this mean that the store does not keep up


@root.get(
    "/health",
    response_model=Health,
    responses={503: {"model": Health, "description": "Data does not flow"}},
    summary="Whether data flows: 200 when it does, 503 with the reasons when it does not",
)
def health(services: Using) -> Json:
    """Last write, queue depth, whether the store can be written and read, the log's lag, the ports."""
    told = _told(services)
    problems = _problems(told)
    return Json({"status": "failing" if problems else "ok", "problems": problems, **told}, 503 if problems else 200)


def _told(services: Services) -> dict[str, Any]:
    log, writer = services.log.status(), services.writer.status()
    return {
        "version": services.version,
        "now_ns": services.clock.now_ns(),
        "ports": services.ports,
        "store": {
            "url": services.engine.address,
            "readable": _readable(services),
            "writable": not writer.failing,
            "problem": writer.failing,
            "last_commit_ns": writer.last_commit_ns,
            "committed_rows": writer.committed_rows,
        },
        "log": asdict(log),
        "queue": {"waiting_bodies": services.road.depth()},
        "viewers": services.hub.status(),
    }


def _readable(services: Services) -> bool:
    try:
        return bool(services.engine.read("SELECT 1 AS one", {}, timeout_s=_ANSWER_S).num_rows)
    except Exception:
        return False


def _problems(told: dict[str, Any]) -> list[str]:
    problems = []
    if not told["store"]["readable"]:
        problems.append("the store does not answer queries")
    if told["store"]["problem"]:
        problems.append(f"the store cannot be written: {told['store']['problem']}")
    if told["log"]["refusing"]:
        problems.append(f"senders are refused: {told['log']['refusing']}")
    elif (full := told["log"]["unconsumed_bytes"] / told["log"]["max_bytes"]) > _FULL:
        problems.append(f"large requests are refused: the log is {full:.0%} full of what waits for the store")
    if told["log"]["oldest_unconsumed_s"] > _SLOW_S:
        problems.append(f"the store is {told['log']['oldest_unconsumed_s']:.0f} s behind")
    return problems


@root.get("/metrics", response_class=PlainTextResponse, summary="Our own metrics for Prometheus")
def metrics() -> Response:
    """The text format of Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
