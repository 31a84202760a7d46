"""From settings to a server: who is handed what. Read it as the arrow of DESIGN.md.

receive → road (decode → refine → publish) → log → writer → store → show; and from the road over the bus to the live viewers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from spyglass.app.road import Road
from spyglass.config.spec import Settings
from spyglass.decode.decoder import Decoder
from spyglass.model.batch import Batch
from spyglass.model.clock import Clock, SystemClock
from spyglass.model.errors import ConfigError
from spyglass.publish.bounds import Limits as LogLimits
from spyglass.publish.bus import Bus
from spyglass.publish.log import DiskLog
from spyglass.publish.policy import Policy
from spyglass.receive.ledger import Ledger
from spyglass.refine.chain import Chain
from spyglass.refine.dialect import Dialects
from spyglass.refine.messages.stage import Messages
from spyglass.refine.normalise import Normaliser
from spyglass.refine.price import Prices
from spyglass.refine.redact import Redactor
from spyglass.show.services import Services
from spyglass.store.engine import Engine, EngineSettings
from spyglass.store.migrate import migrate
from spyglass.store.writer import Writer
from spyglass.stream.hub import Hub

__all__ = ["Parts", "build", "refinery"]


@dataclass(slots=True)
class Parts:
    """Everything that runs; `lifecycle.py` starts and stops it."""

    settings: Settings
    clock: Clock
    engine: Engine
    log: DiskLog
    bus: Bus
    writer: Writer
    road: Road
    hub: Hub
    ledger: Ledger
    prices: Prices
    redactor: Redactor

    def services(self, ports: dict[str, int]) -> Services:
        """What the API shows of it."""
        return Services(
            version=version("spyglass"),
            settings=self.settings,
            clock=self.clock,
            engine=self.engine,
            log=self.log,
            writer=self.writer,
            road=self.road,
            hub=self.hub,
            ledger=self.ledger,
            prices=self.prices,
            redactions=self.redactor.counts,
            ports=ports,
        )


def build(settings: Settings, clock: Clock | None = None) -> Parts:
    """Open what must be open, and hand each room what it needs.

    Raises:
        ConfigError: the data directory, the store or a setting cannot be used; nothing is left open.
    """
    clock = clock or SystemClock()
    _make_private(settings.data_dir)
    prices, redactor = _prices(settings), _redactor(settings)
    dialects = Dialects.load(settings.dialects_dir)
    engine = Engine.open(settings.store_url, data_dir=settings.data_dir, settings=_engine_settings(settings))
    try:
        migrate(engine, clock)
        log = DiskLog(settings.data_dir / "log", _log_limits(settings), clock)
    except BaseException:
        engine.close()
        raise
    bus = Bus()
    road = Road(Decoder().decode, refinery(dialects, redactor, prices), log, bus.publish, clock)
    writer = Writer(engine, log.cursor("store"), clock, interval_s=settings.store.commit_interval_s)
    hub = Hub(bus.subscribe("live", Policy.DROP_OLDEST, capacity=256), settings.stream, clock)
    return Parts(settings, clock, engine, log, bus, writer, road, hub, Ledger(), prices, redactor)


def refinery(dialects: Dialects, redactor: Redactor, prices: Prices) -> Callable[[Batch], Batch | None]:
    """The stages in their order: secrets are gone before anything else looks."""
    return Chain([("redact", redactor), ("normalise", Normaliser(dialects)), ("messages", Messages(dialects)), ("price", prices)])


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"data_dir: {folder} cannot be made: {error.strerror}; choose another with --data-dir") from error
