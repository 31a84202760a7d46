"""All receivers together: `async with serving(sink=…, http=…, grpc=…) as listening`.

In: settings and the sink. Out: open ports for as long as the block runs; at its end they close, and what is under way is finished.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog

from spyglass.model.body import Sink
from spyglass.model.clock import Clock, SystemClock
from spyglass.receive.grpc_port import GrpcPort
from spyglass.receive.http import HttpApp
from spyglass.receive.http_port import HttpPort
from spyglass.receive.intake import Intake
from spyglass.receive.keys import Keys
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import InFlight, Limits
from spyglass.receive.settings import GrpcSettings, HttpSettings
from spyglass.receive.sockets import bind
from spyglass.receive.tls import grpc_credentials, http_context

__all__ = ["Listening", "serving"]

log = structlog.get_logger()

_INFLATE_THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the receivers listen: (host, port), one for each socket; and the bytes that they hold."""

    http: tuple[tuple[str, int], ...]
    grpc: tuple[tuple[str, int], ...]
    in_flight: InFlight


@contextlib.asynccontextmanager
async def serving(
    sink: Sink,
    *,
    http: HttpSettings | None,
    grpc: GrpcSettings | None,
    limits: Limits | None = None,
    api_keys: Sequence[str] = (),
    ledger: Ledger | None = None,
    ready: Callable[[], bool] = lambda: True,
    in_flight: InFlight | None = None,
    clock: Clock | None = None,
    stop_timeout_s: float = 10.0,
) -> AsyncIterator[Listening]:
    """Open the ports; None leaves one out. `ready` is what gRPC's health check answers, `in_flight` counts the bytes of all requests.

    Raises:
        ConfigError: a port, host, certificate or limit cannot be used; nothing is left open.
    """
    intake = Intake(sink, limits or Limits(), Keys(api_keys), ledger or Ledger(), clock or SystemClock(), in_flight)
    http_tls = http_context(http.tls) if http and http.tls else None
    grpc_tls = grpc_credentials(grpc.tls) if grpc and grpc.tls else None
    async with contextlib.AsyncExitStack() as stack:
        http_sockets = _owned(stack, await bind(http.hosts, http.port, "otlp_http_port")) if http else []
        grpc_sockets = _owned(stack, await bind(grpc.hosts, grpc.port, "otlp_grpc_port")) if grpc else []
        threads = stack.enter_context(ThreadPoolExecutor(_INFLATE_THREADS, thread_name_prefix="inflate"))
        listening = Listening(_addresses(http_sockets), _addresses(grpc_sockets), intake.in_flight)
        stops: list[Callable[[], Coroutine[Any, Any, None]]] = []
        stack.push_async_callback(_all, stops)
        if http:
            http_port = HttpPort(HttpApp(intake, http, threads), http, intake.limits, http_tls)
            stops.append(partial(http_port.stop, stop_timeout_s))
            await http_port.start(http_sockets, _elsewhere("OTLP/HTTP", http_sockets, "OTLP/gRPC", grpc_sockets))
        if grpc:
            grpc_port = GrpcPort(intake, ready, grpc_tls)
            stops.append(partial(grpc_port.stop, stop_timeout_s))
            await grpc_port.start(grpc_sockets, _elsewhere("OTLP/gRPC", grpc_sockets, "OTLP/HTTP", http_sockets))
        log.info("receiving", http=listening.http, grpc=listening.grpc)
        yield listening


async def _all(stops: Sequence[Callable[[], Coroutine[Any, Any, None]]]) -> None:
    async with asyncio.TaskGroup() as group:
        for stop in stops:
            group.create_task(stop(), name="receive stop")


def _owned(stack: contextlib.AsyncExitStack, sockets: list[socket.socket]) -> list[socket.socket]:
    for one in sockets:
        stack.callback(one.close)
    return sockets


def _addresses(sockets: Sequence[socket.socket]) -> tuple[tuple[str, int], ...]:
    return tuple(one.getsockname()[:2] for one in sockets)


def _elsewhere(here: str, sockets: Sequence[socket.socket], other: str, others: Sequence[socket.socket]) -> str:
    """What a client of the other protocol is told."""
    port = sockets[0].getsockname()[1]
    return f"this is the {here} port {port}; " + (f"{other} is on port {others[0].getsockname()[1]}" if others else f"{other} is switched off")
