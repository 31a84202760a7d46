"""Attributes that all spans of a flow share: the process, the two ends, how much of it was seen.

In: actors and exchanges. Out: attributes with OpenTelemetry's names.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers.hosts import split_host
from spyglass.collect.records import Actor
from spyglass.model.told import Attributes, Value

__all__ = ["capture", "ends", "http", "process"]

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "QUERY"})
_HTTPS: Final = 443
_HTTP: Final = 80


@lru_cache(maxsize=512)
def process(actor: Actor) -> Attributes:
    """Who did it."""
    told: dict[str, Value] = {"process.pid": actor.pid, "spyglass.root_pid": actor.root}
    if actor.ppid:
        told["process.parent_pid"] = actor.ppid
    if actor.started_ns:
        told["process.creation.time"] = datetime.fromtimestamp(actor.started_ns / 1e9, UTC).isoformat()
    if actor.command:
        told["process.command"] = actor.command
    return {**told, "process.user.id": actor.uid}


def ends(exchange: Exchange) -> dict[str, Value]:
    """Who was asked. The name is the one that the request says; the address is the socket's."""
    name, port = split_host(exchange.host)
    server = exchange.remote if exchange.client else exchange.local
    told: dict[str, Value] = {}
    if name or server:
        told["server.address"] = name or (server.address if server else "")
        told["server.port"] = port or (server.port if server else _HTTPS if exchange.secure else _HTTP)
    if exchange.remote:
        told["network.peer.address"], told["network.peer.port"] = exchange.remote.address, exchange.remote.port
    if exchange.local:
        told["network.local.address"], told["network.local.port"] = exchange.local.address, exchange.local.port
    if exchange.guessed and exchange.remote:
        told["spyglass.endpoints"] = "guessed"
    return told


def http(exchange: Exchange) -> dict[str, Value]:
    """The exchange by the HTTP conventions, without bodies. Who sent it first has the shorter list."""
    seen = "tls" if exchange.secure else "http"
    told: dict[str, Value] = {"spyglass.evidence": seen, "network.protocol.name": "http", "network.protocol.version": exchange.version}
    if exchange.method:
        told["http.request.method"] = exchange.method if exchange.method in _METHODS else "_OTHER"
    if exchange.path:
        told["url.path"] = exchange.path
    if exchange.status:
        told["http.response.status_code"] = exchange.status
    agent, identity = exchange.request.fields.get("user-agent"), exchange.response.fields.get("x-request-id") or exchange.response.fields.get("request-id")
    if agent:
        told["user_agent.original"] = agent
    if identity:
        told["http.response.header.x-request-id"] = [identity]
    told["http.request.body.size"], told["http.response.body.size"] = exchange.request.body.size, exchange.response.body.size
    return told


def capture(exchange: Exchange) -> dict[str, Value]:
    """How much of it was seen; nothing to say where it was all."""
    problem = exchange.request.body.problem or exchange.response.body.problem
    if exchange.outcome == "complete" and not problem:
        return {}
    outcome = "incomplete" if problem else exchange.outcome
    return {"spyglass.capture": outcome, "spyglass.capture.reason": problem or exchange.reason}
