"""Times that come back every week, and who is on call: a moment in, yes or no, or a person, out. Wall time of a named zone, changes of summer time included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

__all__ = ["Hours", "OnCall", "Override", "Shift", "on_call", "shift_of", "within"]

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
_AHEAD_DAYS: Final = 8  # the hours of a week are the same a week later
_MOST_SHIFTS: Final = 200  # that are looked at for the next one of somebody else
_MOST_MEMBERS: Final = 100


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:  # it tells an unknown zone in many ways, also as errors of files
        raise ValueError(f"expected a time zone such as Europe/Berlin or UTC, got {name[:60]!r}") from error
    return name


Zone = Annotated[str, Field(max_length=64, description="Time zone, as `Europe/Berlin`."), AfterValidator(_zone)]
Clock = Annotated[str, Field(pattern=_CLOCK)]
Person = Annotated[str, Field(min_length=1, max_length=256)]


class Hours(BaseModel):
    """A part of the week. One that ends before it begins goes on after midnight."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    days: tuple[Day, ...] = Field(_DAYS, min_length=1, description="On which days it begins.")
    begin: Clock = Field("00:00", alias="from", description="When it begins, as 22:00.")
    end: Clock = Field("24:00", alias="to", description="When it ends, not included.")
    timezone: Zone = "UTC"


class Override(BaseModel):
    """Somebody stands in for whoever has the shift, for a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: Person = Field(description="Who is on call instead.")
    starts: AwareDatetime = Field(description="From then on.")
    ends: AwareDatetime = Field(description="Until then.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.ends <= self.starts:
            raise ValueError("ends: expected a time after `starts`")
        return self


class OnCall(BaseModel):
    """Who is on call: people who follow each other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    members: tuple[Person, ...] = Field(min_length=1, max_length=_MOST_MEMBERS, description="People, in the order of their shifts.")
    starts: AwareDatetime = Field(description="When the first shift of the first of them began.")
    shift_s: int = Field(604_800, ge=3_600, le=31_536_000, description="Seconds of one shift.")
    timezone: Annotated[Zone, Field(description="Time zone of the hand-over: it stays at the same time of day there, also when clocks are changed.")] = "UTC"
    overrides: tuple[Override, ...] = Field((), max_length=200, description="Who stands in, and when; the first that holds counts.")
    hours: tuple[Hours, ...] = Field((), max_length=50, description="Parts of the week in which anybody of it is on call; none: always.")
    otherwise: str | None = Field(None, max_length=100, description="Name of the schedule that counts outside of its `hours`; none: nobody is on call then.")


Schedules = Mapping[str, OnCall]


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call; empty: nobody."""

    who: str
    until_ns: int = 0  # when that changes; 0: it does not within what is looked at
    then: str = ""


def within(hours: tuple[Hours, ...], now_ns: int) -> bool:
    """Whether a moment is in one of them."""
    return any(_within(one, now_ns) for one in hours)


def on_call(schedules: Schedules, name: str, now_ns: int) -> str:
    """Whoever is on call by a schedule; empty: nobody is, or there is no such schedule."""
    for schedule in _asked(schedules, name):
        for override in schedule.overrides:
            if _ns(override.starts) <= now_ns < _ns(override.ends):
                return override.who
        if not schedule.hours or within(schedule.hours, now_ns):
            return schedule.members[_number(schedule, now_ns) % len(schedule.members)]
    return ""


def shift_of(schedules: Schedules, name: str, now_ns: int) -> Shift:
    """Who is on call, until when, and who is then."""
    who = on_call(schedules, name, now_ns)
    moments = {at_ns for schedule in _asked(schedules, name) for at_ns in _moments(schedule, now_ns) if at_ns > now_ns}
    for at_ns in sorted(moments)[: 2 * _MOST_SHIFTS]:
        if (then := on_call(schedules, name, at_ns)) != who:
            return Shift(who, at_ns, then)
    return Shift(who)


def _asked(schedules: Schedules, name: str) -> Iterator[OnCall]:
    """A schedule and those that count outside of its hours, each once."""
    seen: set[str] = set()
    while name in schedules and name not in seen:
        seen.add(name)
        yield schedules[name]
        name = schedules[name].otherwise or ""


def _number(schedule: OnCall, now_ns: int) -> int:
    """Of a shift, 0: the first. Shifts are counted in wall time, but one that has ended does not come back in the hour that is there twice."""
    zone = _kept_zone(schedule.timezone)
    wall = datetime.fromtimestamp(now_ns // 10**9, zone).replace(tzinfo=None) - schedule.starts.astimezone(zone).replace(tzinfo=None)
    number = wall // timedelta(seconds=schedule.shift_s)
    while _begins_ns(schedule, number + 1) <= now_ns:
        number += 1
    while _begins_ns(schedule, number) > now_ns:
        number -= 1
    return number


def _begins_ns(schedule: OnCall, number: int) -> int:
    """When a shift begins: where that time of day is there twice, the first of them; where it is not, as much later as the clock was put forward."""
    if not number:
        return _ns(schedule.starts)
    zone = _kept_zone(schedule.timezone)
    wall = schedule.starts.astimezone(zone).replace(tzinfo=None, fold=0) + number * timedelta(seconds=schedule.shift_s)
    return _ns(wall.replace(tzinfo=zone))


def _moments(schedule: OnCall, now_ns: int) -> Iterator[int]:
    """At which somebody else may be on call."""
    number = _number(schedule, now_ns)
    yield from (_begins_ns(schedule, number + ahead) for ahead in range(1, min(_MOST_SHIFTS, 2 * len(schedule.members) + _AHEAD_DAYS * 24)))
    for override in schedule.overrides:
        yield from (_ns(override.starts), _ns(override.ends))
    for hours in schedule.hours:
        zone = _kept_zone(hours.timezone)
        today = datetime.fromtimestamp(now_ns // 10**9, zone).replace(hour=0, minute=0, second=0, tzinfo=None)
        for day in range(_AHEAD_DAYS + 1):
            for at in (_read(hours.begin), _read(hours.end)):
                yield _ns((today + timedelta(days=day, minutes=at)).replace(tzinfo=zone))


def _within(hours: Hours, now_ns: int) -> bool:
    moment = datetime.fromtimestamp(now_ns // 10**9, UTC).astimezone(_kept_zone(hours.timezone))
    at, begin, end = _minutes(moment.time()), _read(hours.begin), _read(hours.end)
    today, yesterday = _DAYS[moment.weekday()], _DAYS[moment.weekday() - 1]
    if begin < end:
        return today in hours.days and begin <= at < end
    return (today in hours.days and at >= begin) or (yesterday in hours.days and at < end)


@lru_cache(maxsize=256)
def _kept_zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _ns(moment: datetime) -> int:
    return round(moment.timestamp() * 10**6) * 1_000


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _read(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])
