"""Times that come back every week, and who is on call: a moment in, yes or no, or a person, out. Wall time of a named zone, changes of summer time included."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

__all__ = ["Hours", "OnCall", "on_call", "within"]

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:  # it tells an unknown zone in many ways, also as errors of files
        raise ValueError(f"expected a time zone such as Europe/Berlin or UTC, got {name[:60]!r}") from error
    return name


Zone = Annotated[str, Field(max_length=64, description="Time zone, as `Europe/Berlin`."), AfterValidator(_zone)]
Clock = Annotated[str, Field(pattern=_CLOCK)]


class Hours(BaseModel):
    """A part of the week. One that ends before it begins goes on after midnight."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    days: tuple[Day, ...] = Field(_DAYS, min_length=1, description="On which days it begins.")
    begin: Clock = Field("00:00", alias="from", description="When it begins, as 22:00.")
    end: Clock = Field("24:00", alias="to", description="When it ends, not included.")
    timezone: Zone = "UTC"


class OnCall(BaseModel):
    """Who is on call: people who follow each other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    members: tuple[Annotated[str, Field(min_length=1, max_length=256)], ...] = Field(
        min_length=1, max_length=100, description="People, in the order of their shifts."
    )
    starts: AwareDatetime = Field(description="When the first shift of the first of them began.")
    shift_s: int = Field(604_800, ge=3_600, le=31_536_000, description="Seconds of one shift.")


def within(hours: tuple[Hours, ...], now_ns: int) -> bool:
    """Whether a moment is in one of them."""
    return any(_within(one, now_ns) for one in hours)


def on_call(schedule: OnCall, now_ns: int) -> str:
    """Whoever has the shift."""
    passed_s = now_ns // 10**9 - int(schedule.starts.timestamp())
    return schedule.members[(passed_s // schedule.shift_s) % len(schedule.members)]


def _within(hours: Hours, now_ns: int) -> bool:
    moment = datetime.fromtimestamp(now_ns / 1e9, UTC).astimezone(_kept_zone(hours.timezone))
    at, begin, end = _minutes(moment.time()), _read(hours.begin), _read(hours.end)
    today, yesterday = _DAYS[moment.weekday()], _DAYS[moment.weekday() - 1]
    if begin < end:
        return today in hours.days and begin <= at < end
    return (today in hours.days and at >= begin) or (yesterday in hours.days and at < end)


@lru_cache(maxsize=256)
def _kept_zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _read(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])
