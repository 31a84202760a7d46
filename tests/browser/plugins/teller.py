"""An analyzer for tests, as a plugin: an event `test.finding` whose body is a JSON object becomes the finding with these fields.

A server believes findings of nobody but its own analyzers: this is the door by which a test has one told exactly as it wants it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc
from pydantic import BaseModel

from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

EVENT = "test.finding"


class Settings(BaseModel):
    """None."""


class Teller:
    """Remembers nothing."""

    def __init__(self, settings: Settings) -> None: ...

    def observe(self, seen: Batch | Frame) -> Iterator[Finding]:
        """One finding for each such event, at its time."""
        asked = seen.rows.filter(pc.equal(seen.rows["event_name"], EVENT)).select(["project", "time", "body"])
        times = asked["time"].cast("int64").to_pylist()
        for project, time_ns, body in zip(asked["project"].to_pylist(), times, asked["body"].to_pylist(), strict=True):
            yield finding(json.loads(body), project, time_ns)

    def settle(self, now_ns: int) -> tuple[Finding, ...]:
        """Nothing waits."""
        return ()

    def save(self) -> State:
        """Nothing."""
        return {}

    def restore(self, state: State) -> None:
        """Nothing."""


def finding(told: dict[str, Any], project: str, time_ns: int) -> Finding:
    """With evidence as `trace/span`."""
    evidence = tuple(Evidence(*one.split("/")) for one in told.pop("evidence", ()))
    return Finding(**{"analyzer": "teller", "version": "1.0.0", **told, "project": project, "time_ns": time_ns, "evidence": evidence})


analyzer = AnalyzerKind(name="teller", version="1.0.0", description="Tells what a test wants told.", reads=frozenset({"event"}), settings=Settings, make=Teller)
