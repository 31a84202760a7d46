"""Answers to somebody else's machine are packed where that is worth it, and are the same once they are unpacked."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from spyglass.show.pack import Pack

FAR, HERE = "192.0.2.7", "127.0.0.1"
LARGE: dict[str, Any] = {"items": [{"name": f"span {at}"} for at in range(1000)]}


async def _large(_: Request) -> Response:
    return JSONResponse(LARGE)


async def _small(_: Request) -> Response:
    return JSONResponse({"items": []})


async def _image(_: Request) -> Response:
    return Response(b"\0" * 10_000, media_type="image/png")


async def _stream(_: Request) -> Response:
    async def parts() -> Any:
        for _ in range(3):
            yield b"x" * 4000

    return StreamingResponse(parts(), media_type="text/event-stream")


async def _failed(_: Request) -> Response:
    return JSONResponse(LARGE, 500)


_ROUTES = [
    Route("/large", _large, methods=["GET", "POST"]),
    Route("/small", _small),
    Route("/image", _image),
    Route("/stream", _stream),
    Route("/failed", _failed),
]
_APP = Pack(Starlette(routes=_ROUTES))


def _answer(path: str, *, client: str = FAR, accept: str = "gzip, br", method: str = "GET", **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(_APP, client=(client, 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as http:
            return await http.request(method, path, headers={"accept-encoding": accept, **headers})

    return anyio.run(ask)


def test_a_large_answer_is_packed() -> None:
    """It says so, and what is unpacked is what was said."""
    answer = _answer("/large")
    assert answer.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in answer.headers["vary"].lower()
    assert int(answer.headers["content-length"]) < len(answer.content) / 4
    assert answer.json() == LARGE


@pytest.mark.parametrize("path", ["/small", "/image", "/stream"])
def test_what_gains_nothing_is_left_as_it_is(path: str) -> None:
    """What is small, what is packed by itself, and what is streamed."""
    assert "content-encoding" not in _answer(path).headers


def test_who_asks_for_the_head_alone_is_told_of_the_whole() -> None:
    """Of an answer without a body there is nothing to pack."""
    assert int(_answer("/large", method="HEAD").headers["content-length"]) > 10_000


@pytest.mark.parametrize("accept", ["", "br", "gzip;q=0", "identity"])
def test_who_does_not_take_it_gets_it_plain(accept: str) -> None:
    """A client says what it can unpack."""
    answer = _answer("/large", accept=accept)
    assert "content-encoding" not in answer.headers
    assert answer.json() == LARGE


def test_a_program_on_this_machine_waits_for_no_packing() -> None:
    """The line is no limit there; a browser may be at the far end of a tunnel, and says that it is one."""
    answer = _answer("/large", client=HERE)
    assert "content-encoding" not in answer.headers
    assert answer.json() == LARGE
    assert _answer("/large", client=HERE, **{"sec-fetch-mode": "cors"}).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/large", "/small"])
def test_who_has_an_answer_is_not_sent_it_again(path: str) -> None:
    """Only that it is still the same; who has another one is sent it."""
    first = _answer(path)
    again = _answer(path, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = _answer(path, **{"if-none-match": 'W/"of another"'})
    assert other.json() == first.json()


def test_only_what_is_read_has_a_tag() -> None:
    """What a POST answers with, and a failure, are no state that may be the same later."""
    assert "etag" not in _answer("/large", method="POST").headers
    assert "etag" not in _answer("/failed").headers
