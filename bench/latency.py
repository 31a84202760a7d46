"""At 5,000 spans a second with 50 live viewers: how long until a request is acknowledged, a span is found, and a viewer sees it."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time

import httpx
import numpy as np
import websockets

from bench.server import Server, server
from bench.workload import spans

__all__ = ["main"]

_RATE = 5_000  # spans per second
_ROWS = 100  # of one request
_VIEWERS = 50


def main(seconds: float = 20.0) -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    with server() as running:
        return asyncio.run(_measure(running, seconds))


async def _measure(running: Server, seconds: float) -> list[tuple[str, str]]:
    acknowledged: list[float] = []
    found: list[float] = []
    seen: list[float] = []
    stop = time.time() + seconds
    url = f"ws://127.0.0.1:{running.ports['http']}/events/stream?kind=span&rate=20&burst=20"
    viewers = [asyncio.create_task(_view(url, stop, seen if number < 5 else [])) for number in range(_VIEWERS)]
    await asyncio.sleep(1)
    sender = threading.Thread(target=_send, args=(running, stop, acknowledged))
    asker = threading.Thread(target=_ask, args=(running, stop, found))
    for thread in (sender, asker):
        thread.start()
    for thread in (sender, asker):
        await asyncio.to_thread(thread.join)
    for viewer in viewers:
        viewer.cancel()
    await asyncio.gather(*viewers, return_exceptions=True)
    return [
        ("acknowledged, p50 / p99", _told(acknowledged, 100)),
        ("queryable after the answer, p50 / p99", _told(found, 1500)),
        (f"sent → frame at a viewer ({_VIEWERS} connected), p50 / p99", _told(seen, 500)),
        ("spans sent", f"{len(acknowledged) * _ROWS / seconds:,.0f} a second"),
    ]


def _told(seconds: list[float], bar_ms: int) -> str:
    if not seconds:
        return "nothing measured"
    half, late = np.percentile(np.array(seconds) * 1e3, (50, 99))
    return f"{half:.0f} / {late:.0f} ms  (bar {bar_ms}; {len(seconds)} samples)"


def _send(running: Server, stop: float, acknowledged: list[float]) -> None:
    """One request every `_ROWS / _RATE` seconds, late ones at once."""
    connection = http.client.HTTPConnection("127.0.0.1", running.ports["otlp_http"], timeout=30)
    template = spans(_ROWS, 3, spread_ns=1_000)
    due = time.time()
    turn = 0
    while due < stop:
        time.sleep(max(0.0, due - time.time()))
        body = template.stamp(turn, time.time_ns())
        begin = time.perf_counter()
        connection.request("POST", "/v1/traces", body, {"content-type": "application/x-protobuf"})
        response = connection.getresponse()
        response.read()
        assert response.status == 200, response.status
        acknowledged.append(time.perf_counter() - begin)
        due += _ROWS / _RATE
        turn += 1


def _ask(running: Server, stop: float, found: list[float]) -> None:
    """Send one span with an id of its own, and ask for its trace until it is there."""
    template = spans(8, 5)
    with httpx.Client(timeout=30) as client:
        turn = 10**9
        while time.time() < stop:
            turn += 1
            body = template.stamp(turn, time.time_ns())
            trace = body[int(template.ids[0]) : int(template.ids[0]) + 16].hex()
            client.post(f"{running.url('otlp_http')}/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}).raise_for_status()
            begin = time.perf_counter()
            while client.get(f"{running.url()}/api/v1/traces/{trace}").status_code != 200:
                time.sleep(0.02)
            found.append(time.perf_counter() - begin)


async def _view(url: str, stop: float, seen: list[float]) -> None:
    async with websockets.connect(url, max_size=None) as socket:
        while time.time() < stop:
            now_frames = json.loads(await socket.recv())
            now = time.time()
            # a span's start is the moment of its sending, to within the spread of its request
            seen.extend(now - _seconds(frame["time"]) for frame in now_frames if frame.get("type") == "span")


def _seconds(text: str) -> float:
    whole, _, rest = text.rstrip("Z").partition(".")
    return float(np.datetime64(whole).astype("datetime64[s]").astype(int)) + float(f"0.{rest or 0}")


if __name__ == "__main__":
    for what, measured in main():
        print(f"{what:55} {measured}")
