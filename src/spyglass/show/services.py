"""What the resources stand on: handed in once by app/build.py, asked for by `Depends`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from spyglass.config.spec import Settings
from spyglass.facts.saved import SavedThings
from spyglass.model.clock import Clock
from spyglass.plugin.contracts import Log
from spyglass.receive.ledger import Ledger
from spyglass.refine.price import Pricer
from spyglass.store.engine import Engine
from spyglass.store.writer import Writer
from spyglass.stream.hub import Hub

__all__ = ["Road", "Services", "Using"]


class Road(Protocol):
    """`app.road.Road`, as far as health looks at it."""

    def depth(self) -> int:
        """Bodies that wait."""


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
    pricer: Pricer
    saved: SavedThings
    redactions: Callable[[], Mapping[str, int]]
    ports: Mapping[str, Any]


def _services(connection: HTTPConnection) -> Services:
    return cast("Services", connection.app.state.services)


Using = Annotated[Services, Depends(_services)]
