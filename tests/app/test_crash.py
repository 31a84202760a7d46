"""Acknowledged means kept: `kill -9` at any moment loses nothing and doubles nothing, in the sums neither."""

import os
import random
import signal
import threading
from pathlib import Path
from typing import Any

import httpx

_LIVES = 2  # `tests/flow/test_crash.py` has more, of every signal
_SUMS = {
    "spans_minute": ("SELECT sum(count) AS n FROM spans_minute", "SELECT count() AS n FROM spans"),
    "traces": ("SELECT sum(span_rows) AS n FROM traces", "SELECT count() AS n FROM spans"),
}


def _send_until_dead(server: Any, body: Any, acknowledged: list[int], first: int) -> None:
    """Bodies of five spans with running numbers, until the server is gone; what was answered is written down."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        for number in range(first, first + 10**6, 5):
            spans = [{"id": number + at + 1, "trace": (number + 1).to_bytes(16), "attributes": {"number": number + at}} for at in range(5)]
            try:
                answer = client.post(f"{server.endpoint}/v1/traces", content=body(*spans), headers={"content-type": "application/x-protobuf"})
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                acknowledged.extend(range(number + 1, number + 6))


def _ask(server: Any, sql: str) -> list[dict[str, Any]]:
    answer = httpx.post(f"{server.url}/api/v1/sql", json={"sql": sql}, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_killed_again_and_again_nothing_acknowledged_is_lost_or_doubled(run_server: Any, body: Any, tmp_path: Path) -> None:
    """After each life every acknowledged span is there once, and sums equal recomputation from the rows."""
    moments = random.Random(5)
    acknowledged: list[int] = []
    for life in range(_LIVES):
        with run_server(tmp_path, STORE__COMMIT_INTERVAL_S="0.05") as server:
            sender = threading.Thread(target=_send_until_dead, args=(server, body, acknowledged, life * 10**6))
            sender.start()
            threading.Event().wait(moments.uniform(0.2, 1.2))
            os.kill(server.process.pid, signal.SIGKILL)
            sender.join(30)
            server.process.wait(30)
    with run_server(tmp_path) as server:
        server.settled()
        stored = {int(row["id"], 16): row["copies"] for row in _ask(server, "SELECT hex(span_id) AS id, count() AS copies FROM spans GROUP BY id")}
        assert [number for number in acknowledged if number not in stored] == []
        assert {number: copies for number, copies in stored.items() if copies != 1} == {}
        assert acknowledged
        for name, (rolled, recomputed) in _SUMS.items():
            assert _ask(server, rolled) == _ask(server, recomputed), name
