"""Acknowledged means kept, for states too: a server that is killed keeps every piece of them."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from pathlib import Path
from typing import Any

import httpx
from tests.flow.conftest import records
from tests.flow.test_time_travel import snapshot


def states(count: int) -> list[str]:
    """States of 200 kB, each a little other than the one before."""
    rng = random.Random(5)
    state = {f"k{number:04}": rng.randbytes(20).hex() for number in range(4_000)}
    made = []
    for number in range(count):
        state[f"k{number:04}"] = f"changed {number}"
        made.append(json.dumps(state))
    return made


def send_until_it_dies(server: Any, texts: list[str], begin_ns: int, least: int) -> int:
    """How many states were acknowledged before the kill, which comes while one after these is under way."""
    acknowledged = 0
    with httpx.Client(timeout=60, trust_env=False, verify=False) as client, contextlib.suppress(httpx.TransportError):
        for number, text in enumerate(texts):
            body = records(snapshot("e", text, at_ns=begin_ns + number)).SerializeToString()
            if acknowledged == least:
                threading.Timer(0.005, server.process.kill).start()
            answer = client.post(f"{server.endpoint}/v1/logs", content=body, headers={"content-type": "application/x-protobuf"})
            acknowledged += answer.status_code == 200
    server.process.wait(60)
    return acknowledged


def test_a_kill_loses_no_piece_of_what_was_acknowledged(run_server: Any, tmp_path: Path) -> None:
    """Twice in a row; then each acknowledged state is there as it was, once."""
    texts, begin_ns, first = states(400), time.time_ns(), 0
    for least in (20, 7):
        with run_server(tmp_path) as server:
            first += send_until_it_dies(server, texts[first:], begin_ns + first, least)
    assert first >= 27
    with run_server(tmp_path) as server:
        server.settled()
        found = {one["time"]: one for one in server.get("/api/v1/executions/e/snapshots", limit=1000).json()["items"]}
        kept = sorted(found)
        assert len(kept) >= first
        for number in {0, first // 2, first - 1}:
            told = server.get("/api/v1/executions/e/state", at=found[kept[number]]["id"], include="state").json()
            assert (told["problem"], told["state"]) == ("", json.loads(texts[number]))
        sql = {"sql": "SELECT count() AS n FROM events WHERE event_name = 'execution.snapshot'"}
        answer = httpx.post(f"{server.url}/api/v1/sql", json=sql, timeout=30, trust_env=False, verify=False)
        assert answer.json()["items"][0]["n"] == len(kept)
