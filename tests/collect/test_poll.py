"""An address is asked again and again, and what is new of its answers is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from pydantic import ValidationError

from spyglass.collect.poll import PollRunner, PollSettings
from spyglass.model.told import Told

INCIDENTS = [
    {"id": 1, "name": "slow", "impact": "warn", "created": "2026-01-02T03:04:05Z", "minutes": 5, "who": {"team": "a"}},
    {"id": 2, "name": "down", "impact": "error", "created": 1767323045, "minutes": "7.5", "who": {}},
]
MAPPED = {
    "items": "/data/items",
    "event": "provider.incident",
    "body": "/name",
    "time": "/created",
    "severity": "/impact",
    "attributes": {"team": "/who/team"},
    "points": {"incident.minutes": "/minutes"},
}


@pytest.fixture
def poll(context: Any, first: Any, site: Any) -> Any:
    """`await poll(answer, many=2, …)`: what is told of an answer; `runner` made anew each time, as after a restart."""

    async def ask(answer: Any, many: int = 1, then: Any = lambda _: None, **settings: Any) -> list[Told]:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        url = site.put("/poll", text, settings.pop("content_type", "text/plain" if isinstance(answer, str) else "application/json"))
        return list(await first(PollRunner(PollSettings(url=url, interval_s=1, **settings), context), many, then))

    return ask


async def test_json_is_told_as_the_mapping_says(poll: Any) -> None:
    """Events with body, time, severity and attributes, and gauges."""
    (told,) = await poll({"data": {"items": INCIDENTS}}, **MAPPED)
    slow, down = told.events
    assert (slow.name, slow.body, slow.severity, slow.attributes) == ("provider.incident", "slow", 13, {"team": "a"})
    assert (slow.time_ns, down.time_ns, down.severity, down.attributes) == (1767323045 * 10**9, 1767323045 * 10**9, 17, {})
    assert [(point.name, point.value, point.form) for point in told.points] == [("incident.minutes", 5, "gauge"), ("incident.minutes", 7.5, "gauge")]


async def test_without_a_mapping_the_answer_is_the_body(poll: Any, site: Any) -> None:
    """Of JSON as it is, of text as one, and the secrets of the address are not told."""
    (told,) = await poll({"ok": True, "list": [1, None]})
    assert (told.events[0].name, told.events[0].body, told.resource["url.full"]) == ("http.poll", {"ok": True, "list": [1, None]}, f"{site.url}/poll")
    (told,) = await poll("all is well")
    assert told.events[0].body == "all is well"


async def test_text_is_taken_apart_by_a_pattern(poll: Any) -> None:
    """Named groups are members; numbers in them become gauges."""
    (told,) = await poll(
        "queue=a size=3\nqueue=b size=x\n",
        pattern=r"^queue=(?P<name>\w+) size=(?P<size>\w+)$",
        event="",
        attributes={"queue": "/name"},
        points={"size": "/size"},
    )
    assert [(point.name, point.value, dict(point.attributes)) for point in told.points] == [("size", 3.0, {"queue": "a"})]
    assert told.events == []


async def test_what_is_known_is_not_told_again(poll: Any, site: Any, context: Any) -> None:
    """Also after a restart: what was yielded is remembered when the next is asked for."""
    changed = [*INCIDENTS, {"id": 3, "name": "new"}]
    told = await poll(INCIDENTS, many=2, then=lambda _: site.put("/poll", json.dumps(changed), "application/json"), key="/id", body="/name")
    assert [[event.body for event in one.events] for one in told] == [["slow", "down"], ["new"]]
    (after,) = await poll([*INCIDENTS, {"id": 4, "name": "newest"}], key="/id", body="/name")
    assert [event.body for event in after.events] == ["newest"]
    assert context.tally.now().dropped == {"known": 4}


async def test_only_changes_are_told_where_wanted(poll: Any, site: Any) -> None:
    """The same answer again says nothing."""
    told = await poll("one", many=2, then=lambda _: site.put("/poll", "two"), changes=True)
    assert [one.events[0].body for one in told] == ["one", "two"]


@pytest.mark.parametrize(
    ("answer", "settings", "problem"),
    [
        ("<p>", {"format": "json"}, "did not answer with JSON"),
        ({"a": 1}, {"items": "/b"}, "has nothing at `/b` (`items`)"),
        ("x" * 200, {"max_bytes": 100}, "sent more than 100 bytes"),
    ],
)
async def test_an_answer_that_is_not_as_expected_is_told(context: Any, site: Any, answer: Any, settings: dict[str, Any], problem: str) -> None:
    """In the health; nothing is told, and the runner goes on."""
    text, content_type = (answer, "text/plain") if isinstance(answer, str) else (json.dumps(answer), "application/json")
    runner = PollRunner(PollSettings(url=site.put("/poll", text, content_type), interval_s=1, **settings), context)
    assert problem in await problem_of(runner)


async def problem_of(runner: PollRunner) -> str:
    """What is in its way, as soon as something is."""
    asked = asyncio.ensure_future(anext(runner.run()))
    async with asyncio.timeout(60):
        while not runner.health().problems:
            await asyncio.sleep(0.01)
    asked.cancel()
    await asyncio.wait({asked})
    return runner.health().problems[0]


async def test_a_redirect_is_not_followed(context: Any, site: Any, first: Any) -> None:
    """It could take the headers elsewhere; the headers that were asked for are sent."""
    site.put("/old", "", status=302, Location=f"{site.url}/new")
    url = site.put("/good", "fine")
    (told,) = await first(PollRunner(PollSettings(url=url, headers={"X-Key": "hush"}), context), 1)
    assert (told.events[0].body, site.asked[-1][1]["x-key"]) == ("fine", "hush")
    runner = PollRunner(PollSettings(url=f"{site.url}/old", interval_s=1), context)
    assert "answered 302" in await problem_of(runner)
    assert [path for path, _ in site.asked] == ["/good", "/old"]


@pytest.mark.parametrize(("name", "value"), [("items", "data"), ("pattern", "("), ("url", "x"), ("interval_s", 0), ("nosuch", 1)])
def test_wrong_settings_are_refused(name: str, value: Any) -> None:
    """Pointers, patterns, addresses, names."""
    with pytest.raises(ValidationError):
        PollSettings.model_validate({"url": "http://localhost/", name: value})
