"""What is sent reaches a live viewer at once, over both transports. Everything else about viewers is in tests/stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
from tests.flow.conftest import chat, spans
from websockets.asyncio.client import connect

TIMEOUT_S = 90


async def events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """Frames of a stream of server-sent events."""
    async for line in lines:
        if line.startswith("data:"):
            for frame in json.loads(line.removeprefix("data:")):
                yield frame


def check(frame: dict[str, Any], trace: bytes) -> None:
    """It is the span that was sent, already with its meaning and price."""
    assert (frame["trace_id"], frame["kind"], frame["model"], frame["input_tokens"]) == (trace.hex(), "llm", "gpt-4o-mini", 10)
    assert frame["cost_usd"] > 0


async def test_a_span_reaches_a_viewer_by_server_sent_events(client: Any, trace: bytes) -> None:
    """Filtered by project and by what was sent."""
    url = f"{client.server.url}/api/v1/stream"
    wanted = {"project": client.project, "query": "kind:llm"}
    async with (
        asyncio.timeout(TIMEOUT_S),
        httpx.AsyncClient(trust_env=False, verify=False, timeout=None) as http,
        http.stream("GET", url, params=wanted) as answer,
    ):
        frames = events(answer.aiter_lines())
        assert (await anext(frames))["type"] == "hello"
        await asyncio.to_thread(client.post, spans(chat(trace=trace, number=1)))
        check(await anext(frames), trace)


async def test_a_span_reaches_a_viewer_over_a_websocket(client: Any, trace: bytes) -> None:
    """The same frame."""
    url = f"ws://127.0.0.1:{client.server.http}/events/stream?project={client.project}"
    async with asyncio.timeout(TIMEOUT_S), connect(url, proxy=None) as viewer:
        [hello] = json.loads(await viewer.recv())
        assert hello["type"] == "hello"
        await asyncio.to_thread(client.call, spans(chat(trace=trace, number=1)))
        [frame] = json.loads(await viewer.recv())
        check(frame, trace)
