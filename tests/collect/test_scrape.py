"""Pages of metrics become points: real pages over real HTTP, and what is wrong with them is told."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Summary, generate_latest
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPENMETRICS
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from pydantic import ValidationError

from spyglass.collect.exposition import Series
from spyglass.collect.scrape import ScrapeRunner, ScrapeSettings
from spyglass.model.told import Point, Told

PLAIN = "text/plain; version=0.0.4"


@pytest.fixture
def page() -> CollectorRegistry:
    """One metric of each type."""
    registry = CollectorRegistry()
    Counter("requests", "…", ["path"], registry=registry).labels("/a").inc(3)
    Gauge("temperature_celsius", "…", registry=registry).set(21.5)
    Histogram("latency_seconds", "…", buckets=[0.1, 1], registry=registry).observe(0.5)
    Summary("size_bytes", "…", registry=registry).observe(7)
    Info("target", "…", registry=registry).info({"team": "test"})
    return registry


async def scraped(context: Any, first: Any, *targets: str, pages: int = 1, then: Any = lambda _: None, **settings: Any) -> tuple[list[Told], ScrapeRunner]:
    runner = ScrapeRunner(ScrapeSettings(targets=targets, **settings), context)
    return await first(runner, pages, then), runner


def values(told: Told) -> dict[tuple[str, ...], float]:
    return {(point.name, *map(str, point.attributes.values())): point.value for point in told.points}


@pytest.mark.parametrize("form", ["plain", "openmetrics", "gzip"])
async def test_a_page_becomes_points(context: Any, first: Any, site: Any, page: CollectorRegistry, form: str) -> None:
    """Counters, gauges, histograms and summaries, in both formats, compressed or not; beside them whether the target is up."""
    body = generate_openmetrics(page) if form == "openmetrics" else generate_latest(page)
    more = {"Content_Encoding": "gzip"} if form == "gzip" else {}
    url = site.put("/metrics", gzip.compress(body) if form == "gzip" else body, OPENMETRICS if form == "openmetrics" else PLAIN, **more)
    (told,), runner = await scraped(context, first, url)
    found = values(told)
    assert (found["requests_total", "/a"], found["temperature_celsius",], found["up",]) == (3, 21.5, 1)
    assert (found["latency_seconds_bucket", "0.1"], found["latency_seconds_bucket", "+Inf"], found["latency_seconds_sum",]) == (0, 1, 0.5)
    assert (found["size_bytes_count",], found["size_bytes_sum",]) == (1, 7)
    assert (told.resource["team"], told.resource["service.instance.id"]) == ("test", site.url.removeprefix("http://"))
    assert (runner.health().level, "openmetrics" in site.asked[0][1]["accept"]) == ("full", True)


async def test_sums_are_sums_with_units(context: Any, first: Any, site: Any, page: CollectorRegistry) -> None:
    """Cumulative and monotonic, since they were created; gauges are gauges."""
    (told,), _ = await scraped(context, first, site.put("/m", generate_openmetrics(page), OPENMETRICS))
    points = {point.name: point for point in told.points}
    assert [(points[name].form, points[name].monotonic, points[name].unit) for name in ("requests_total", "latency_seconds_sum", "size_bytes_sum")] == [
        ("sum", True, ""),
        ("sum", True, "s"),
        ("sum", True, "By"),
    ]
    assert 0 < points["requests_total"].start_ns <= points["requests_total"].time_ns
    assert (points["temperature_celsius"].form, points["temperature_celsius"].unit) == ("gauge", "Cel")


def read(series: Series, text: str, now_s: int, dropped: dict[str, int]) -> list[Point]:
    return series.read(text, PLAIN, now_s * 10**9, lambda _: True, lambda reason, count: dropped.update({reason: count}))


def test_a_sum_that_falls_or_comes_back_begins_anew() -> None:
    """Its start is when it was seen first, until it falls; one that left the page is forgotten."""
    series, text = Series(100), "# TYPE a_total counter\na_total {}\n"
    starts = [read(series, page, moment, {})[:1] for moment, page in enumerate([text.format(5), text.format(9), text.format(2), "", text.format(3)], 1)]
    assert [point[0].start_ns // 10**9 if point else None for point in starts] == [1, 1, 3, None, 5]


def test_what_is_old_or_too_much_is_counted() -> None:
    """Samples with a time of their own that is long past are history."""
    dropped: dict[str, int] = {}
    found = read(Series(3), "a 1\nb 2 1000\nc 3\nd 4\n", 1_000_000, dropped)
    assert ([point.name for point in found], dropped) == (["a", "c", "d"], {"stale": 1})
    assert [point.name for point in read(Series(2), "a 1\nb 2\nc 3\n", 1, dropped)] == ["a", "b"]
    assert dropped["too_many"] == 1


async def test_names_can_be_chosen(context: Any, first: Any, site: Any, page: CollectorRegistry) -> None:
    """What is left out is counted."""
    (told,), _ = await scraped(context, first, site.put("/m", generate_latest(page), PLAIN), only=("requests*", "size*"), skip=("size*",), service="shop")
    assert {point.name for point in told.points} - {"requests_created"} == {"requests_total", "up", "scrape_duration_seconds", "scrape_samples_scraped"}
    assert context.tally.now().dropped["filtered"] > 3
    assert told.resource["service.name"] == "shop"


@pytest.mark.parametrize(
    ("put", "problem"),
    [
        ({"body": "secret", "status": 503}, "answered 503"),
        ({"body": "<html>what</html>"}, "neither Prometheus' text format nor OpenMetrics"),
        ({"body": b"a 1\n" * 1000}, "sent more than 1000 bytes; raise `max_bytes`"),
        ({"body": b"not gzip", "Content_Encoding": "gzip"}, "is not gzip"),
        ({"body": gzip.compress(b"a 1\n" * 10_000), "Content_Encoding": "gzip"}, "sent more than 1000 bytes"),
        ({"body": b"x", "Content_Encoding": "br"}, "content encoding 'br'"),
    ],
)
async def test_a_page_that_cannot_be_read_is_told(context: Any, first: Any, site: Any, put: dict[str, Any], problem: str) -> None:
    """`up` is 0, nothing else is told of it, and the other target is well."""
    good = site.put("/good", "a 1\n", PLAIN)
    (bad, fine), runner = await scraped(context, first, site.put("/bad", **put), good, pages=2, max_bytes=1000)
    assert (values(bad)["up",], values(fine)["up",], values(fine)["a",]) == (0, 1, 1)
    assert (len(bad.points), runner.health().level) == (3, "partial")
    assert problem in runner.health().problems[0]


async def test_nobody_there_is_told(context: Any, first: Any) -> None:
    """With the address, but not its password."""
    (told,), runner = await scraped(context, first, "http://bob:hush@127.0.0.1:9/metrics?token=hush")
    assert (values(told)["up",], runner.health().level) == (0, "minimal")
    assert "127.0.0.1:9/metrics could not be asked" in runner.health().problems[0]
    assert "hush" not in runner.health().problems[0]


@pytest.mark.parametrize("target", ["ftp://x/y", "localhost:9090", "http://", "http://host:99999/x"])
def test_an_address_that_is_none_is_a_wrong_setting(target: str) -> None:
    """Before anything is asked."""
    with pytest.raises(ValidationError, match="expected an address such as"):
        ScrapeSettings(targets=(target,))
