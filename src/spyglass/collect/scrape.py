"""The runner `scrape`: pages of metrics, as Prometheus reads them. Addresses in, Told out, one for each page each interval.

Beside what a page has, each target tells `up` (1: it could be read, 0: not), `scrape_duration_seconds` and `scrape_samples_scraped`.
"""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import AsyncIterator
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from spyglass.collect.exposition import ACCEPT, ExpositionError, Series
from spyglass.collect.fetching import FetchError, checked_url, client, fetch, shown
from spyglass.model.told import Point, Told
from spyglass.plugin.contracts import RunnerContext, RunnerHealth, RunnerKind

__all__ = ["ScrapeRunner", "ScrapeSettings", "runner"]

_AT_ONCE: Final = 4  # pages that are asked for at the same time


class ScrapeSettings(BaseModel, extra="forbid", frozen=True):
    """What is scraped."""

    targets: tuple[Annotated[str, AfterValidator(checked_url)], ...] = Field(
        min_length=1, max_length=500, description="Addresses of pages of metrics, such as `http://localhost:9090/metrics`."
    )
    service: str = Field("", max_length=200, description="`service.name` of all targets; default: the id of the runner.")
    interval_s: float = Field(15.0, ge=1, le=3600, description="Time between two looks at a page, s.")
    timeout_s: float = Field(10.0, gt=0, le=300, description="How long a page may take, s.")
    headers: dict[str, SecretStr] = Field(default_factory=dict, description="Headers of each request, such as `Authorization`.")
    verify: bool = Field(True, description="Whether certificates are checked.")
    only: tuple[str, ...] = Field(("*",), description="Names of metrics (with `*`) that are taken.")
    skip: tuple[str, ...] = Field((), description="Names of metrics (with `*`) that are left out.")
    max_bytes: int = Field(16 * 2**20, gt=0, description="Largest page.")
    max_samples: int = Field(50_000, gt=0, description="Most samples of one page.")


class ScrapeRunner:
    """Looks at every target every `interval_s`."""

    def __init__(self, settings: ScrapeSettings, context: RunnerContext) -> None:
        self._settings, self._clock, self._tally = settings, context.clock, context.tally
        self._targets = tuple(dict.fromkeys(settings.targets))
        self._series = {url: Series(settings.max_samples) for url in self._targets}
        self._problems: dict[str, str] = {}

    async def run(self) -> AsyncIterator[Told]:
        """What each target has; of one that cannot be read, that it is down."""
        settings = self._settings
        async with client(settings.headers, settings.timeout_s, verify=settings.verify) as http:
            while True:
                began = self._clock.monotonic()
                for first in range(0, len(self._targets), _AT_ONCE):
                    for told in await asyncio.gather(*(self._scrape(http, url) for url in self._targets[first : first + _AT_ONCE])):
                        yield told
                await asyncio.sleep(max(0.0, settings.interval_s - (self._clock.monotonic() - began)))

    def health(self) -> RunnerHealth:
        """Minimal where no target can be read."""
        problems = tuple(self._problems.values())
        return RunnerHealth("full" if not problems else "minimal" if len(problems) == len(self._series) else "partial", problems[:20])

    async def _scrape(self, http: httpx.AsyncClient, url: str) -> Told:
        settings, began, now_ns = self._settings, self._clock.monotonic(), self._clock.now_ns()
        points: list[Point] = []
        try:
            page = await fetch(http, url, accept=ACCEPT, max_bytes=settings.max_bytes, timeout_s=settings.timeout_s)
            points = self._series[url].read(page.body.decode("utf-8", "replace"), page.content_type, now_ns, self._is_wanted, self._drop)
            self._problems.pop(url, None)
        except FetchError as error:
            self._problems[url] = str(error)
        except ExpositionError as error:
            self._problems[url] = f"{shown(url)} cannot be read: {error}"
        self._tally.seen(len(points))
        up = url not in self._problems
        return Told(self._resource(url), points=[*points, *_own(up, self._clock.monotonic() - began, len(points), now_ns)])

    def _resource(self, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        place = {
            "service.instance.id": f"{parts.hostname}:{port}",
            "server.address": parts.hostname or "",
            "server.port": str(port),
            "url.scheme": parts.scheme,
        }
        named = {"service.name": self._settings.service} if self._settings.service else {}
        told = {str(name): str(value) for name, value in self._series[url].target.items()}
        return place | {"url.path": parts.path or "/"} | told | named

    def _is_wanted(self, name: str) -> bool:
        return _matches(name, self._settings.only) and not _matches(name, self._settings.skip)

    def _drop(self, reason: str, count: int) -> None:
        self._tally.seen(count)
        self._tally.dropped(reason, count)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _own(up: bool, seconds: float, samples: int, now_ns: int) -> list[Point]:
    """What Prometheus says of a target, too."""
    return [
        Point("up", now_ns, int(up)),
        Point("scrape_duration_seconds", now_ns, seconds, "s"),
        Point("scrape_samples_scraped", now_ns, samples),
    ]


runner = RunnerKind(
    name="scrape",
    version="1.0.0",
    description="Pages of metrics in Prometheus' text format or OpenMetrics",
    settings=ScrapeSettings,
    make=ScrapeRunner,
)
