"""The parameters that all lists share: project, time window, page, search text."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import orjson
from fastapi import Depends, Query
from starlette.convertors import Convertor, register_url_convertor

from spyglass.model.errors import InputError
from spyglass.show.services import Using
from spyglass.store.read.asking import Place

__all__ = ["Cursor", "Limit", "Project", "ProjectOrAll", "SearchText", "Window", "WindowOf", "decode_cursor", "encode_cursor", "one_project", "parse_time"]

_UNITS_NS: Final = {"s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9, "w": 7 * 86400 * 10**9}
_RELATIVE: Final = re.compile(r"(?:now)?-([0-9]{1,6})([smhdw])")
_LATEST_NS: Final = 2**63 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION: Final = re.compile(r"(?<=:\d\d)[.,](\d{1,9})\d*")

Project = Annotated[str, Query(max_length=128, description="The tenant whose records are meant.")]
ProjectOrAll = Annotated[str, Query(max_length=128, description="The tenant whose records are meant; `*`: all of them.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most items of one page.")]
Cursor = Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")]
SearchText = Annotated[str, Query(max_length=4096, description="A search expression; see docs/search.md.")]


class _NameConvertor(Convertor[str]):
    """`{agent:name}` in a path: whatever it is called, with slashes and line ends; `path` stops at a line end, and takes no name at all."""

    regex = r"(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("name", _NameConvertor())


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open range of time, ns since 1970 UTC."""

    from_ns: int
    to_ns: int


def one_project(project: str) -> str | None:
    """What `ProjectOrAll` means: the project, None for all."""
    return None if project == "*" else project


def parse_time(text: str, now_ns: int, name: str) -> int:
    """Nanoseconds of an ISO 8601 time, `now`, `-15m`, or a Unix time in s, ms, us or ns (told apart by its size).

    Raises:
        InputError: it is none of these.
    """
    text = text.strip()
    if text == "now":
        return now_ns
    if relative := _RELATIVE.fullmatch(text):
        return max(0, now_ns - int(relative[1]) * _UNITS_NS[relative[2]])
    if re.fullmatch(r"[0-9]{1,19}", text):
        number = int(text)
        scale = next(scale for bound, scale in ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3), (10**20, 1)) if number < bound)
        return min(number * scale, _LATEST_NS)
    fraction = _FRACTION.search(text)  # apart: datetime ends at microseconds
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text, count=1))
    except ValueError as error:
        raise InputError(f"{name}: expected ISO 8601, `now`, `-15m` or a Unix time, got {text[:40]!r}") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    whole_ns = (moment - _EPOCH) // timedelta(microseconds=1) * 1000
    return min(max(0, whole_ns + (int(fraction[1].ljust(9, "0")) if fraction else 0)), _LATEST_NS)


def _window(
    services: Using,
    from_: Annotated[str, Query(alias="from", max_length=64, description="Start of the time range: ISO 8601, `-24h`, or Unix time.")] = "-24h",
    to: Annotated[str, Query(max_length=64, description="End of the time range (not included).")] = "now",
) -> Window:
    now = services.clock.now_ns()
    to_ns = now + 60 * 10**9 if to == "now" else parse_time(to, now, "to")  # a little slack for senders whose clock is ahead
    from_ns = parse_time(from_, now, "from")
    if from_ns > to_ns:
        raise InputError("from: expected a time before `to`")
    return Window(from_ns, to_ns)


WindowOf = Annotated[Window, Depends(_window)]


def encode_cursor(of: str, place: Place | None) -> str | None:
    """A place in the list `of` as an opaque text; None: the list ends here."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(orjson.dumps([of, place.figure, place.id])).decode().rstrip("=")


def decode_cursor(of: str, text: str | None) -> Place | None:
    """The place that `encode_cursor` wrote for the same list.

    Raises:
        InputError: it is something else.
    """
    if text is None:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise InputError("cursor: expected the `next_cursor` of an earlier answer") from error
    match values:
        case [str(name), int(figure), str(id_)] if name == of and -_LATEST_NS <= figure <= _LATEST_NS:
            return Place(figure, id_)
    raise InputError("cursor: expected the `next_cursor` of an earlier answer of the same list in the same order")
