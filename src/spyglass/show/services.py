"""What the resources stand on: handed in once by app/build.py, asked for by `Depends`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from fastapi import Depends, Request

from spyglass.config.spec import Settings
from spyglass.model.clock import Clock
from spyglass.store.engine import Engine

__all__ = ["Services", "Using"]


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """The parts of the running server that the API shows."""

    settings: Settings
    engine: Engine
    clock: Clock
    parts: dict[str, Any] = field(default_factory=dict)  # log, bus, writer, road, ledger, prices, redactor, ports … by name
    ready: Callable[[], bool] = lambda: True


def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


Using = Annotated[Services, Depends(_services)]
