"""Two servers over one real PostgreSQL: what both see is raised once, told once, sent once."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from spyglass.alert.judge import Figures
from spyglass.model.notice import Notice
from spyglass.plugin.contracts import ChannelKind

SERVERS = 2
pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite has one server
GROUPS = [(f"a{number}",) for number in range(6)]


class Settings(BaseModel):
    """There are none."""

    url: str = ""


class Counting:
    """A channel that remembers what it got."""

    def __init__(self, taken: list[tuple[str, str, tuple[str, ...]]]) -> None:
        self.taken = taken

    async def send(self, notice: Notice) -> str:
        self.taken.append((notice.id, notice.status, tuple(alert.labels["agent"] for alert in notice.alerts)))
        return "taken"


def _world() -> ModuleType:
    name = "tests_alert_world_shared"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "alert" / "world.py")
    assert spec is not None
    assert spec.loader is not None
    if name not in sys.modules:
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def servers(url: str) -> Iterator[tuple[list[Any], list[Any]]]:
    """Servers that evaluate, group and send, and what their channel got."""
    taken: list[Any] = []
    worlds = [_world().World(url) for _ in range(SERVERS)]
    for world in worlds:
        world.sender.kinds = {"webhook": ChannelKind("webhook", "1.0.0", "", Settings, lambda *_: Counting(taken))}
    yield worlds, taken
    for world in worlds:
        world.close()


def test_an_alert_is_raised_told_and_sent_once(servers: tuple[list[Any], list[Any]]) -> None:
    """Both evaluate the same rules at the same moments, look at the same groups, and send from the same outbox; the end is told once, too."""
    worlds, taken = servers
    worlds[0].channel("ops", "x")
    worlds[0].routing(route={"channels": ["ops"], "group_by": ["..."], "group_wait_s": 0, "group_interval_s": 1})
    worlds[0].rule(group_by=["agent"])
    with ThreadPoolExecutor(SERVERS) as threads:
        for status, figures in (("firing", Figures(10, 9)), ("resolved", Figures(10, 0))):
            for world in worlds:
                world.figures = dict.fromkeys(GROUPS, figures)
            rest = 3  # steps after everything was told, in which nothing may be told again
            for _ in range(200):  # a slow rule is evaluated less often
                list(threads.map(_step, worlds))
                rest -= sum(one[1] == status for one in taken) >= len(GROUPS)
                if not rest:
                    break
    assert Counter((status, agents) for _, status, agents in taken) == {(status, group): 1 for status in ("firing", "resolved") for group in GROUPS}
    assert len({notice_id for notice_id, _, _ in taken}) == len(taken) == 2 * len(GROUPS)
    assert len(worlds[0].all()) == len(GROUPS)
    assert {one.attempts for one in worlds[0].deliveries()} == {1}


def _step(world: Any) -> None:
    world.look(1)
    world.send()


def test_what_one_server_has_just_evaluated_the_other_leaves_alone(servers: tuple[list[Any], list[Any]]) -> None:
    """They share the work: each question is asked once."""
    (one, other), _ = servers
    one.rule()
    for world in (one, other, one, other):
        world.look(1)
    assert len(one.asked) + len(other.asked) == 1
    for world in (one, other):
        world.look(3600)
    assert len(one.asked) + len(other.asked) == 2
