"""Live tail: what a viewer wants in, frames out, over a WebSocket or as server-sent events. docs/live.md is the reference.

These paths are not in the OpenAPI document, which cannot describe answers that do not end; so they read and check their parameters here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import pyarrow as pa
import structlog
from fastapi import APIRouter
from pydantic import Field, ValidationError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from spyglass.model.errors import SpyglassError, Unauthorized
from spyglass.model.times import iso
from spyglass.show.attributes import attributes_json, typed
from spyglass.show.keys import check_key
from spyglass.show.render import rows
from spyglass.show.resource import BELOW
from spyglass.show.services import Services
from spyglass.stream.cursor import Cursor, read_cursor
from spyglass.stream.filter import NOTHING, Want, understand
from spyglass.stream.frame import dump
from spyglass.stream.hub import Hub
from spyglass.stream.messages import answer, explain, refuse
from spyglass.stream.outbox import Group
from spyglass.stream.viewer import Viewer
from spyglass.stream.wants import Wants

__all__ = ["router", "whole"]

log = structlog.get_logger()

router = APIRouter()  # each path asks for the key itself: it may stand in the address, too

_CLOSE_TIMEOUT_S: Final = 1.0
_GOING_AWAY: Final = 1001
_NESTED: Final = ("events", "links", "exemplars")
_HEADERS: Final = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class _Asked(Wants):
    """The query parameters of both paths."""

    cursor: str | None = Field(None, max_length=64, description="Resume after this place.")


def whole(table: pa.Table) -> list[dict[str, Any]]:
    """Every column of n rows, with attributes as typed objects: what `fields=full` shows."""
    return [_whole(row) for row in rows(table)]


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    for prefix in ("", "scope_", "resource_"):
        row[f"{prefix}attributes"] = attributes_json(row[f"{prefix}attributes"], row.pop(f"{prefix}attribute_types"))
    for item in (item for name in _NESTED for item in row.get(name) or ()):
        item["attributes"] = attributes_json(item["attributes"], item.pop("attribute_types"))
    if "body_type" in row:
        row["body"] = typed(row["body"], row.pop("body_type"))
    return row


async def watch_socket(websocket: WebSocket) -> None:
    """Frames over a WebSocket, one JSON array a message. Parameters that are not understood are told in a frame: browsers cannot read a refusal."""
    services = _authorized(websocket, check_origin=True)
    wrong = None
    try:
        want, cursor = await _asked(websocket)
    except SpyglassError as error:
        want, cursor, wrong = NOTHING, None, error
    with services.hub.join(want, whole, cursor) as viewer:
        if wrong is not None:
            refuse(viewer, wrong)
        with suppress(OSError, WebSocketDisconnect):  # gone before it was accepted
            await websocket.accept()
            await _until_one_ends(_listen(websocket, viewer, services), _pump(viewer, services.hub, partial(_send_message, websocket, services)))
    if websocket.client_state is WebSocketState.CONNECTED:
        with suppress(OSError, RuntimeError, TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await websocket.close(_GOING_AWAY)


async def watch_events(request: Request) -> ASGIApp:
    """Frames as server-sent events, one JSON array an event, whose id is the cursor to resume from."""
    services = _authorized(request, check_origin=False)
    want, cursor = await _asked(request)
    return Response(headers=_HEADERS) if request.method == "HEAD" else partial(_answer_events, services.hub, want, cursor)


for _path in ("/events/stream", f"{BELOW}/stream"):
    router.add_route(_path, cast("Any", watch_events), methods=["GET"], include_in_schema=False)
    router.add_websocket_route(_path, watch_socket)


async def _answer_events(hub: Hub, want: Want, cursor: Cursor | None, _scope: Scope, receive: Receive, send: Send) -> None:
    """The endless answer, as an ASGI application."""
    with hub.join(want, whole, cursor) as viewer:
        await send({"type": "http.response.start", "status": 200, "headers": [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]})
        await _until_one_ends(_wait_for_end(receive), _pump(viewer, hub, partial(_send_event, send)))
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await send({"type": "http.response.body", "body": b""})


async def _until_one_ends(listening: Coroutine[Any, Any, None], sending: Coroutine[Any, Any, None]) -> None:
    """A viewer that has gone ends the sending, even one that is stuck; the end of the sending ends the listening."""
    async with asyncio.TaskGroup() as tasks:
        both = [tasks.create_task(listening, name="viewer-listen"), tasks.create_task(sending, name="viewer-send")]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()


async def _pump(viewer: Viewer, hub: Hub, send: Callable[[Group], Awaitable[None]]) -> None:
    """Send what the viewer gets until it is closed or gone, or takes nothing any more."""
    while (group := await viewer.next()) is not None:
        try:
            async with asyncio.timeout(hub.limits.write_timeout_s):
                await send(group)
        except TimeoutError:
            log.info("live viewer given up", timeout_s=hub.limits.write_timeout_s, sent_frames=viewer.sent)
            return
        except (OSError, RuntimeError, WebSocketDisconnect):  # RuntimeError: uvicorn's keepalive has closed the connection meanwhile
            log.debug("live viewer gone", sent_frames=viewer.sent)
            return


async def _send_message(websocket: WebSocket, services: Services, group: Group) -> None:
    bodies = group.bodies or [dump({"type": "heartbeat", "cursor": group.cursor, "time": iso(services.clock.now_ns())})]
    await websocket.send_text((b"[" + b",".join(bodies) + b"]").decode())


async def _send_event(send: Send, group: Group) -> None:
    place = b"" if group.cursor is None else b"id: " + group.cursor.encode() + b"\n"
    text = b"data: [" + b",".join(group.bodies) + b"]" if group.bodies else b": heartbeat"
    await send({"type": "http.response.body", "body": place + text + b"\n\n", "more_body": True})


async def _listen(websocket: WebSocket, viewer: Viewer, services: Services) -> None:
    """Answer what the viewer says, until it has gone."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        await viewer.room()
        await answer(viewer, message.get("text") or message.get("bytes") or "", services.clock.now_ns())


async def _wait_for_end(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _asked(connection: HTTPConnection) -> tuple[Want, Cursor | None]:
    """What the query parameters ask for.

    Raises:
        InputError: they cannot be understood; says which.
    """
    several = {name for name, field in _Asked.model_fields.items() if field.default == []}
    given = connection.query_params
    fields = {name: given.getlist(name) if name in several else given[name] for name in given}
    try:
        asked = _Asked.model_validate(fields)
    except ValidationError as error:
        raise explain(error) from None
    place = connection.headers.get("last-event-id") or asked.cursor  # the former is newer: a browser reconnects to the same address
    cursor = read_cursor(place) if place else None
    wants = Wants.model_validate({name: value for name, value in fields.items() if name != "cursor"})
    return await asyncio.to_thread(understand, wants), cursor


def _authorized(connection: HTTPConnection, *, check_origin: bool) -> Services:
    """The services, for a connection that may read. The key, where it is in the address, is taken out of it, so that no access log shows it.

    Raises:
        Unauthorized: no key or a wrong one; or a web page of another site tries to watch (a WebSocket is not bound to its origin by the browser).
    """
    services = cast("Services", connection.app.state.services)
    in_address = _take_key(connection.scope)
    headers = connection.headers
    known = check_key(services.settings, headers.get("authorization"), headers.get("x-api-key"), in_address)
    origin = headers.get("origin")
    if check_origin and not known and origin and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise Unauthorized("a page of another site may not watch: the Origin header names another host than the Host header; a proxy has to pass Host on")
    return services


def _take_key(scope: Scope) -> str:
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    keys = [value for name, value in query if name == "api_key"]
    if keys:
        scope["query_string"] = urlencode([(name, value) for name, value in query if name != "api_key"]).encode()
    return keys[-1] if keys else ""
