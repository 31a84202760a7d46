"""Start and stop, in an order that loses nothing: what reads starts before what writes, and stops after it."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

import structlog
from starlette.types import ASGIApp

from spyglass.app.build import Parts, build
from spyglass.app.light import let_go
from spyglass.app.runners import submitting
from spyglass.app.web import serving_web
from spyglass.config.spec import Settings
from spyglass.receive.serve import Listening, serving
from spyglass.show.services import Services
from spyglass.telemetry.logs import configure

__all__ = ["run", "running"]

log = structlog.get_logger()

_DESCRIPTORS: Final = 16_384
_TAKING: Final = frozenset({"road", "log-writer"})  # threads without which nothing that is sent is kept


async def run(settings: Settings, ready: Callable[[dict[str, int]], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        ConfigError: a port, the data directory or the store cannot be used.
    """
    configure(settings.log_level, settings.log_format)
    _allow_many_connections()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    async with running(settings) as (_, ports):
        ready(ports)
        await asyncio.to_thread(let_go)
        await stopping.wait()
        log.info("stopping")


def _allow_many_connections() -> None:
    """Each gRPC connection takes three file descriptors; the usual soft limit of 1,024 is soon reached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[Parts, dict[str, int]]]:
    """The whole server within a `async with`: its parts, and the ports it really listens on."""
    building = asyncio.create_task(asyncio.to_thread(build, settings))
    create_app = await asyncio.to_thread(_api)  # the store opens outside of Python, while this loads
    parts = await building
    ports: dict[str, int] = {}
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, parts.engine.close)
        stack.callback(parts.facts.close)
        stack.push_async_callback(asyncio.to_thread, parts.log.close)
        parts.losses.start()
        stack.push_async_callback(asyncio.to_thread, parts.losses.stop)
        parts.writer.start()
        stack.push_async_callback(asyncio.to_thread, parts.writer.stop)
        parts.road.start()
        stack.push_async_callback(asyncio.to_thread, parts.road.stop)
        stack.callback(parts.bus.close)
        await stack.enter_async_context(parts.hub.running())
        await stack.enter_async_context(parts.pulse.running())
        ports["http"] = await stack.enter_async_context(_web(create_app(parts.services(ports)), parts, ports))
        stack.callback(parts.hub.close)  # before the web port, which waits for its answers to end
        listening = await stack.enter_async_context(_receiving(parts))
        ports |= {"otlp_http": listening.http[0][1], "otlp_grpc": listening.grpc[0][1]}
        await stack.enter_async_context(parts.demo.running())  # last: its group of tasks would hide why a port cannot be opened
        submit = submitting(parts.road, parts.ledger, asyncio.get_running_loop())
        await stack.enter_async_context(parts.announcer.running(submit))
        await stack.enter_async_context(parts.alerting.running())
        await stack.enter_async_context(parts.analysis.running())
        await stack.enter_async_context(parts.periodic.running())
        stack.push_async_callback(asyncio.to_thread, parts.analysis.end_looks)  # before what is under way is waited for
        parts.runners.begin(submit)
        stack.push_async_callback(asyncio.to_thread, parts.runners.end)  # what they have told is kept first: the road still runs
        parts.watch.begin()
        yield parts, ports


def _api() -> Callable[[Services], ASGIApp]:
    from spyglass.show.app import create_app  # noqa: PLC0415 - takes a third of the start to load

    return create_app


def _web(app: ASGIApp, parts: Parts, ports: dict[str, int]) -> AbstractAsyncContextManager[int]:
    settings = parts.settings

    def elsewhere() -> str:
        http, grpc = (ports.get(name, getattr(settings, f"{name}_port")) for name in ("otlp_http", "otlp_grpc"))
        return f"this is the port of the web app and the API; OTLP/gRPC is on port {grpc}, OTLP/HTTP on port {http}"

    return serving_web(app, settings.host, settings.http_port, max_connections=settings.web.max_connections, elsewhere=elsewhere)


def _receiving(parts: Parts) -> AbstractAsyncContextManager[Listening]:
    told, set_up = parts.settings.receive, parts.receivers
    return serving(
        parts.road,
        http=set_up.http,
        grpc=set_up.grpc,
        limits=told,
        api_keys=[key.get_secret_value() for key in told.api_keys],
        ledger=parts.ledger,
        ready=lambda: _takes(parts),
        in_flight=set_up.in_flight,
        clock=parts.clock,
    )


def _takes(parts: Parts) -> bool:
    """Whether what is sent now would be kept: what gRPC's health check tells senders."""
    return _TAKING.isdisjoint(parts.watch.ended()) and not parts.log.status().refusing
