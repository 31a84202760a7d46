"""The runner `poll`: asks an address again and again, and tells what it answers: JSON or text in, events and points out, as a simple mapping says.

With `key`, an item is told once, also over restarts; with `changes`, an answer that is the one before is not told.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from spyglass.collect.fetching import FetchError, Page, checked_url, client, fetch, shown
from spyglass.collect.mapping import checked_pointer, digest, pick, read_json
from spyglass.collect.moments import moment_of, severity_of
from spyglass.collect.remember import write_whole
from spyglass.model.told import INFO, Event, Point, Told, Value
from spyglass.plugin.contracts import RunnerContext, RunnerHealth, RunnerKind

__all__ = ["PollRunner", "PollSettings", "runner"]

Pointer = Annotated[str, AfterValidator(checked_pointer)]
_REMEMBERED: Final = 20_000  # keys of items that were told, at least
_ACCEPT: Final = "application/json, text/*;q=0.9, */*;q=0.5"


def _regular(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"expected a regular expression: {error}") from error
    return text


class PollSettings(BaseModel, extra="forbid", frozen=True):
    """What is asked, and what of the answer is told. All `…/pointers` are JSON pointers (RFC 6901), seen from an item."""

    url: Annotated[str, AfterValidator(checked_url)] = Field(description="The address.")
    service: str = Field("", max_length=200, description="`service.name` of what is told; default: the id of the runner.")
    interval_s: float = Field(60.0, ge=1, le=86_400, description="Time between two requests, s.")
    timeout_s: float = Field(10.0, gt=0, le=300, description="How long an answer may take, s.")
    headers: dict[str, SecretStr] = Field(default_factory=dict, description="Headers of each request, such as `Authorization`.")
    verify: bool = Field(True, description="Whether certificates are checked.")
    format: Literal["auto", "json", "text"] = Field("auto", description="What the answer is; `auto`: as its content type says.")
    items: Pointer = Field("", description="Where in the answer the list of items is; nothing: the answer is one item, or a list of them.")
    event: str = Field("http.poll", max_length=200, description="Name of the event of an item; empty: no events are told.")
    body: Pointer = Field("", description="What of an item is the body of its event; nothing: all of it.")
    attributes: dict[str, Pointer] = Field(default_factory=dict, description="Attributes of the event and the points, by name.")
    points: dict[str, Pointer] = Field(default_factory=dict, description="Numbers of an item that are told as gauges, by name.")
    time: Pointer | None = Field(None, description="The time of an item; default: when it was asked for.")
    severity: Pointer | None = Field(None, description="The severity of an item: a word such as `error`.")
    key: Pointer | None = Field(None, description="What an item is known by; one that is known is not told again.")
    changes: bool = Field(False, description="Whether an answer is told only when it differs from the one before.")
    pattern: Annotated[str, AfterValidator(_regular)] = Field(
        "",
        max_length=1000,
        description="For text: a regular expression whose matches are the items, its named groups their members. Empty: all of it is one item.",
    )
    max_bytes: int = Field(4 * 2**20, gt=0, description="Largest answer.")
    max_items: int = Field(10_000, gt=0, description="Most items of one answer.")


class PollRunner:
    """Asks every `interval_s`."""

    def __init__(self, settings: PollSettings, context: RunnerContext) -> None:
        self._settings, self._clock, self._tally = settings, context.clock, context.tally
        self._file = context.data_dir / "told.json"
        self._known: dict[str, None] = dict.fromkeys(_remembered(self._file))  # in the order in which they were told
        self._before = ""
        self._problem = ""

    async def run(self) -> AsyncIterator[Told]:
        """What each answer has that is new."""
        settings = self._settings
        async with client(settings.headers, settings.timeout_s, verify=settings.verify) as http:
            while True:
                began = self._clock.monotonic()
                try:
                    page = await fetch(http, settings.url, accept=_ACCEPT, max_bytes=settings.max_bytes, timeout_s=settings.timeout_s)
                    items, self._problem = self._items(page), ""
                except (FetchError, ValueError) as error:
                    items, self._problem = [], str(error)
                fresh, keys = self._fresh(items)
                if fresh:
                    yield self._told(fresh)
                    self._remember(keys)
                await asyncio.sleep(max(0.0, settings.interval_s - (self._clock.monotonic() - began)))

    def health(self) -> RunnerHealth:
        """Minimal while the address does not answer as expected."""
        return RunnerHealth("minimal", (self._problem,)) if self._problem else RunnerHealth()

    def _items(self, page: Page) -> list[Any]:
        """What the answer consists of.

        Raises:
            ValueError: it is not what the settings say.
        """
        settings = self._settings
        if settings.changes:
            before, self._before = self._before, digest(page.body.decode("utf-8", "replace"))
            if before == self._before:
                return []
        if settings.format == "text" or (settings.format == "auto" and "json" not in page.content_type):
            return self._texts(page.body.decode("utf-8", "replace"))
        try:
            found = pick(read_json(page.body), settings.items)
        except ValueError as error:
            raise ValueError(f"{shown(settings.url)} did not answer with JSON: {error}") from None
        if found is None and settings.items:
            raise ValueError(f"{shown(settings.url)} has nothing at `{settings.items}` (`items`)")
        return found if isinstance(found, list) else [found]

    def _texts(self, text: str) -> list[Any]:
        if not self._settings.pattern:
            return [text]
        return [found.groupdict() or found[0] for found in re.finditer(self._settings.pattern, text, re.MULTILINE)]

    def _fresh(self, items: list[Any]) -> tuple[list[Any], list[str]]:
        """Items that are to be told, and by what they are known."""
        settings = self._settings
        self._tally.seen(len(items))
        if len(items) > settings.max_items:
            self._tally.dropped("too_many", len(items) - settings.max_items)
            items = items[: settings.max_items]
        if settings.key is None:
            return items, []
        keys = [digest(pick(item, settings.key)) for item in items]
        new: dict[str, Any] = {}
        for key, item in zip(keys, items, strict=True):
            if key not in self._known:
                new.setdefault(key, item)
            else:
                self._known[key] = self._known.pop(key)  # what is still there is forgotten last
        if len(new) < len(items):
            self._tally.dropped("known", len(items) - len(new))
        return list(new.values()), list(new)

    def _told(self, items: list[Any]) -> Told:
        settings, now_ns = self._settings, self._clock.now_ns()
        events: list[Event] = []
        points: list[Point] = []
        for item in items:
            time_ns = (moment_of(pick(item, settings.time), now_ns) if settings.time is not None else None) or now_ns
            told: dict[str, Value] = {name: found for name, pointer in settings.attributes.items() if (found := pick(item, pointer)) is not None}
            if settings.event:
                severity = severity_of(pick(item, settings.severity)) if settings.severity is not None else None
                events.append(Event(settings.event, time_ns, told, pick(item, settings.body), severity or INFO))
            points += [Point(name, time_ns, value, "", told) for name, at in settings.points.items() if (value := _number(pick(item, at))) is not None]
        resource = {"url.full": shown(settings.url)} | ({"service.name": settings.service} if settings.service else {})
        return Told(resource, events, points=points)

    def _remember(self, keys: list[str]) -> None:
        if not keys:
            return
        self._known |= dict.fromkeys(keys)
        most = max(_REMEMBERED, 2 * self._settings.max_items)
        for old in list(self._known)[: max(0, len(self._known) - most)]:
            del self._known[old]
        write_whole(self._file, orjson.dumps(list(self._known)))


def _number(value: Any) -> int | float | None:
    if isinstance(value, (bool, int, float)):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _remembered(file: Path) -> list[str]:
    try:
        told = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        return []
    return [key for key in told if isinstance(key, str)] if isinstance(told, list) else []


runner = RunnerKind(
    name="poll",
    version="1.0.0",
    description="An address that is asked again and again: JSON or text, as events and points",
    settings=PollSettings,
    make=PollRunner,
)
