"""What runners tell is kept like all telemetry: counted in the ledger, and once, also when the server is killed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from spyglass.app.runners import submitting
from spyglass.model.body import Body, Outcome
from spyglass.model.errors import Refused
from spyglass.receive.ledger import Ledger

BODY = Body("logs", "protobuf", b"x", None, "runner:one", "runner")


class Sink:
    """Keeps two records of every body, or refuses all."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal

    async def submit(self, _: Body) -> Outcome:
        if self.refusal:
            raise self.refusal
        return Outcome(2, 1)


async def test_a_body_of_another_thread_is_kept_and_counted() -> None:
    """Under the runner's own name."""
    ledger = Ledger()
    submit = submitting(Sink(), ledger, asyncio.get_running_loop())
    outcome = await asyncio.to_thread(lambda: submit(BODY).result(5))
    (row,) = ledger.rows()
    assert (outcome, row.client, row.requests, row.accepted_rows, row.rejected_rows) == (Outcome(2, 1), "runner:one", 1, 2, 1)


async def test_a_refusal_is_counted_and_told() -> None:
    """The runner waits and asks again."""
    ledger = Ledger()
    submit = submitting(Sink(Refused("full")), ledger, asyncio.get_running_loop())
    with pytest.raises(Refused):
        await asyncio.to_thread(lambda: submit(BODY).result(5))
    assert ledger.rows()[0].refused == {"refused": 1}


def test_no_line_is_lost_or_told_twice_when_the_server_is_killed(run_server: Any, tmp_path: Path, eventually: Any) -> None:
    """In the midst of it, while the file is written and rotated."""
    log, written = tmp_path / "a.log", 0
    entries = json.dumps([{"kind": "tail", "settings": {"paths": [str(log)], "from_start": True, "interval_s": 0.05}}])

    def write() -> None:
        nonlocal written
        with log.open("a") as file:
            file.writelines(f"line {number}\n" for number in range(written, written + 1_000))
        written += 1_000

    write()
    with run_server(tmp_path, RUNNERS__ENTRIES=entries) as server:
        eventually(lambda: server.get("/runners/tail").json()["kept"], timeout_s=120)
        write()
        log.rename(tmp_path / "a.log.1")
        write()
        server.process.kill()
    write()
    with run_server(tmp_path, RUNNERS__ENTRIES=entries) as server:
        write()
        eventually(lambda: len(bodies(server)) >= written, timeout_s=120)
        found = bodies(server)
    assert (len(found), len(set(found))) == (written, written)


def bodies(server: Any) -> list[str]:
    """Lines that were kept; what the server itself finds is none."""
    found: list[str] = []
    rows = server.get("/api/v1/export", kind="events", format="otlp-json", **{"from": "-1h"}).text.splitlines()
    for row in rows:
        for group in json.loads(row).get("resourceLogs", ()):
            found += [record["body"]["stringValue"] for scope in group["scopeLogs"] for record in scope["logRecords"]]
    return [text for text in found if text.startswith("line ")]
