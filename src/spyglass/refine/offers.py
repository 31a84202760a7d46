"""All prices of one model: which of them holds, by the time of a call and by its service tier.

In: times. Out: classes of times within which one price holds, and the rates of a class. Prices change on a day, or by the time of day (off-peak);
the service tier (batch, flex, priority) replaces single prices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from genai_prices.types import ModelInfo, ModelPrice, StartDateConstraint, TimeOfDateConstraint

from spyglass.refine.rates import Rates, rates_of

__all__ = ["STANDARD", "Context", "Hours", "Offer", "TableOffer", "Tariff", "Window", "midnight_ns"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Context = tuple[tuple[str, str], ...]  # what selects a variant of a price, e.g. (("service_tier", "flex"),)

STANDARD: Final[Context] = ()
_SECOND: Final = 1_000_000_000
_DAY: Final = 86_400 * _SECOND


@dataclass(frozen=True, slots=True)
class Window:
    """From the start of `since` to the start of `until`, UTC days; None: open."""

    since: date | None = None
    until: date | None = None

    def holds(self, when_ns: int) -> bool:
        """Whether this Unix time is inside."""
        return (self.since is None or when_ns >= midnight_ns(self.since)) and (self.until is None or when_ns < midnight_ns(self.until))


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start_ns` after midnight UTC to `end_ns`, perhaps over midnight."""

    start_ns: int
    end_ns: int

    @classmethod
    def of(cls, constraint: TimeOfDateConstraint) -> Hours:
        """The hours of the table."""
        return cls(_since_midnight(constraint.start_time), _since_midnight(constraint.end_time))

    def hold(self, when_ns: Ints) -> Flags:
        """Which of these times are inside."""
        moment = when_ns % _DAY
        after, before = moment >= self.start_ns, moment < self.end_ns
        return np.asarray(after | before if self.end_ns < self.start_ns else after & before)


def _since_midnight(moment: time) -> int:
    utc = datetime.combine(date(1970, 1, 1), moment, moment.tzinfo or UTC).astimezone(UTC)
    return ((utc.hour * 60 + utc.minute) * 60 + utc.second) * _SECOND + utc.microsecond * 1000


class Offer(Protocol):
    """Prices of a model."""

    @property
    def source(self) -> str:
        """What cost_source says."""

    @property
    def provider(self) -> str:
        """Whose price it is."""

    @property
    def model(self) -> str:
        """The model's name where the price is."""

    @property
    def window(self) -> Window:
        """When it holds at all."""

    def days(self) -> Iterator[date]:
        """Days on which a price begins or ends."""

    def hours(self) -> Iterator[Hours]:
        """Hours of the day at which another price holds."""

    def price(self, when: datetime, context: Context) -> ModelPrice:
        """The price of a call at that time."""


@dataclass(frozen=True, slots=True)
class TableOffer:
    """What the table says of a model; `own` is false where a provider falls back on the table of the model's maker."""

    source: str
    provider: str
    model: str
    info: ModelInfo
    own: bool = True
    window: Window = Window()

    def days(self) -> Iterator[date]:
        """The first days of prices and of variants."""
        return (constraint.start_date for constraint in self._constraints() if isinstance(constraint, StartDateConstraint))

    def hours(self) -> Iterator[Hours]:
        """Off-peak hours."""
        return (Hours.of(constraint) for constraint in self._constraints() if isinstance(constraint, TimeOfDateConstraint))

    def _constraints(self) -> list[StartDateConstraint | TimeOfDateConstraint | None]:
        steps = self.info.prices if isinstance(self.info.prices, list) else []
        return [step.constraint for step in steps] + [variant.constraint for variant in self.info.price_variants or ()]

    def price(self, when: datetime, context: Context) -> ModelPrice:
        """The table's own choice."""
        return self.info.get_prices(when, dict(context) if self.own and context else None)


class Tariff:
    """All offers for one model, the best first."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.offers = tuple(offers)
        days = [day for offer in offers for day in (*offer.days(), offer.window.since, offer.window.until) if day is not None]
        self._days = np.array(sorted({midnight_ns(day) for day in days}), np.int64)
        self._hours = tuple({hours for offer in offers for hours in offer.hours()})
        self._rates: dict[tuple[int, Context], tuple[Offer, Rates] | None] = {}

    def classes(self, when_ns: Ints) -> Ints:
        """A number for each Unix time; where it is the same, one price holds."""
        codes = np.searchsorted(self._days, when_ns, side="right")
        for hours in self._hours:
            codes = codes * 2 + hours.hold(when_ns)
        return codes

    def rates(self, when_ns: int, code: int, context: Context) -> tuple[Offer, Rates] | None:
        """The offer and rates at this time, which is of class `code`; None where none holds or it has no price for tokens."""
        key = (code, context)
        if key not in self._rates:
            self._rates[key] = self._choose(when_ns, context)
        return self._rates[key]

    def at(self, when_ns: int, context: Context) -> tuple[Offer, Rates] | None:
        """The offer and rates at one time."""
        return self.rates(when_ns, int(self.classes(np.array([when_ns], np.int64))[0]), context)

    def _choose(self, when_ns: int, context: Context) -> tuple[Offer, Rates] | None:
        for offer in self.offers:
            if offer.window.holds(when_ns):
                rates = rates_of(offer.price(datetime.fromtimestamp(when_ns // _SECOND, UTC), context))
                return None if rates is None else (offer, rates)
        return None


def midnight_ns(day: date) -> int:
    """The Unix time at which a day begins, UTC."""
    return int(datetime.combine(day, time(), UTC).timestamp()) * _SECOND
