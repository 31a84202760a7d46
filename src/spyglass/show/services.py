"""What the resources stand on: handed in once by app/build.py, asked for by `Depends`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from spyglass.collect.manager import Manager
from spyglass.config.spec import Settings
from spyglass.facts.saved import SavedThings
from spyglass.model.clock import Clock
from spyglass.plugin.contracts import Log
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import InFlight
from spyglass.refine.price import Pricer
from spyglass.store.engine import Engine
from spyglass.store.writer import Writer
from spyglass.stream.hub import Hub
from spyglass.telemetry.ledger import LossLedger

__all__ = ["Demo", "Performance", "Road", "Services", "Using"]


class Road(Protocol):
    """`app.road.Road`, as far as health looks at it."""

    def depth(self) -> int:
        """Bodies that wait."""


@dataclass(slots=True, eq=False)
class Performance:
    """A demo, while it is told and after it."""

    project: str
    began_ns: int
    past_s: float
    live_s: float
    phase: Literal["none", "past", "live", "ended", "stopped", "failed"] = "past"
    records: Counter[str] = field(default_factory=Counter)  # kept so far, by signal
    rejected: int = 0
    sights: list[tuple[str, str]] = field(default_factory=list)  # what is worth looking at, and its trace
    problem: str = ""


class Demo(Protocol):
    """`app.demo.Demo`, as far as the API moves it."""

    def start(self, project: str, past_s: float, live_s: float) -> Performance:
        """Begin; Conflict while one goes on."""

    def state(self) -> Performance | None:
        """The last one."""

    def stop(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """The parts of the running server that the API shows."""

    version: str
    settings: Settings
    clock: Clock
    engine: Engine
    log: Log
    writer: Writer
    road: Road
    hub: Hub
    ledger: Ledger
    losses: LossLedger
    pricer: Pricer
    saved: SavedThings
    redactions: Callable[[], Mapping[str, int]]
    demo: Demo
    runners: Manager
    in_flight: InFlight  # of the receivers
    ended: Callable[[], Sequence[str]]  # names of our threads that have ended though they should not
    ports: Mapping[str, Any]


def _services(connection: HTTPConnection) -> Services:
    return cast("Services", connection.app.state.services)


Using = Annotated[Services, Depends(_services)]
