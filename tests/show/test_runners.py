"""The API of the runners: how each is doing, start and stop, at the root and below /api/v1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, SecretStr

from spyglass.collect.manager import Manager
from spyglass.collect.plan import Plan
from spyglass.config.spec import RunnerEntry, Settings
from spyglass.model.body import Outcome
from spyglass.model.clock import SystemClock
from spyglass.model.told import Event, Told
from spyglass.plugin.contracts import RunnerHealth, RunnerKind
from spyglass.plugin.loading import Broken, Found, Plugins
from spyglass.show.app import create_app
from spyglass.show.models.runners import RunnerItem, RunnerList


class Quiet(BaseModel):
    """With a secret."""

    pin: SecretStr = SecretStr("hush")


class OneWord:
    """Says one word."""

    def __init__(self, *_: object) -> None:
        pass

    async def run(self) -> AsyncIterator[Told]:
        yield Told({}, [Event("word", 1)])
        await asyncio.Event().wait()

    def health(self) -> RunnerHealth:
        return RunnerHealth("partial", ("half of it is dark",))


KIND = RunnerKind("one_word", "1.2.3", "Says one word", Quiet, OneWord)


def kept(_: object) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(Outcome(1))
    return future


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """The API of a server with a runner that runs, and one whose plugin is broken."""
    good = Plan("word", RunnerEntry(kind="one_word", id="word"), Found(KIND, "built-in"), Quiet())
    lost = Plan("lost", RunnerEntry(kind="lost"), None, None, "there is no runner `lost`")
    manager = Manager([good, lost], Plugins({"one_word": Found(KIND, "built-in")}, (Broken("x.py", "has no `runner`"),)), tmp_path, SystemClock())
    manager.begin(kept)
    services = SimpleNamespace(settings=Settings.model_validate({"api_keys": ["key"]}), version="0", runners=manager, ports={})
    yield TestClient(create_app(services), headers={"x-api-key": "key"})  # type: ignore[arg-type]
    manager.end(5)


def item(client: TestClient, path: str = "/api/v1/runners/word") -> dict[str, Any]:
    found: dict[str, Any] = client.get(path).json()
    return found


@pytest.mark.parametrize("base", ["/runners", "/api/v1/runners"])
def test_all_runners_are_listed(client: TestClient, base: str) -> None:
    """With their state, problems and counts, and plugins that cannot be used; as the document of the API says."""
    told = client.get(base).json()
    RunnerList.model_validate(told)
    word, lost = told["items"]
    assert (word["id"], word["kind"], word["version"], word["state"], word["origin"]) == ("word", "one_word", "1.2.3", "running", "built-in")
    assert (lost["state"], lost["level"], lost["problems"]) == ("failed", "minimal", ["there is no runner `lost`"])
    assert told["kinds"] == [{"name": "one_word", "version": "1.2.3", "description": "Says one word", "origin": "built-in"}]
    assert told["broken"] == [{"origin": "x.py", "problem": "has no `runner`"}]
    assert RunnerItem.model_validate(item(client, f"{base}/word")).settings == {"pin": "**********"}


@pytest.mark.parametrize("base", ["/runners", "/api/v1/runners"])
def test_a_runner_is_stopped_and_started(client: TestClient, base: str) -> None:
    """The answer says how it is afterwards; to do it twice is no mistake."""
    assert [client.post(f"{base}/word/{verb}").json()["state"] for verb in ("stop", "stop", "start", "start")] == ["stopped", "stopped", "running", "running"]


def test_what_is_not_there_and_what_cannot_run_are_problems(client: TestClient) -> None:
    """404 and 409, with words."""
    assert [client.get("/runners/nobody").status_code, client.post("/runners/nobody/stop").status_code] == [404, 404]
    answer = client.post("/runners/lost/start")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "there is no runner `lost`" in answer.json()["detail"]
    assert client.post("/runners/lost/stop").json()["state"] == "failed"


def test_a_page_of_another_site_can_stop_nothing(client: TestClient) -> None:
    """A browser would send such a POST without asking; nor can anybody without the key."""
    assert client.post("/runners/word/stop", headers={"origin": "https://evil.example"}).status_code == 401
    assert client.post("/runners/word/stop", headers={"x-api-key": "no"}).status_code == 401
    assert item(client)["state"] == "running"
    assert client.post("/runners/word/stop", headers={"origin": "http://testserver"}).status_code == 200
