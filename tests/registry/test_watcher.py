"""Promises about the looks: what is new is kept and told once, and a look that fails is repeated."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from spyglass.facts.agents import DeclaredAgents
from spyglass.facts.configurations import Configurations
from spyglass.facts.cursors import Cursors
from spyglass.facts.database import Facts
from spyglass.facts.deployments import Deployments
from spyglass.facts.drifts import Drifts
from spyglass.facts.versions import Versions
from spyglass.model.errors import Refused
from spyglass.model.sighting import Sighting
from spyglass.model.told import Event
from spyglass.registry.agents import RegistrationEvent
from spyglass.registry.drifting import GRACE_S
from spyglass.registry.watcher import Doors, Watcher
from spyglass.testing.clock import ManualClock

SECOND_NS = 10**9
START_S = 1_000_000.0


@dataclass
class World:
    """A store that shows what tests put there, and a road that remembers."""

    doors: Doors
    clock: ManualClock
    runs: list[tuple[int, Sighting]] = field(default_factory=list)  # arrival, ns
    registered: list[tuple[int, RegistrationEvent]] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    looks: list[tuple[int, int]] = field(default_factory=list)
    refusing: bool = False

    def watcher(self) -> Watcher:
        return Watcher(self.doors, self.sights, self.registrations, self.announce, self.clock)

    def sights(self, since_ns: int, until_ns: int) -> tuple[list[Sighting], int]:
        self.looks.append((since_ns, until_ns))
        found = [(at, one) for at, one in self.runs if since_ns < at <= until_ns]
        return [one for _, one in found], max((at for at, _ in found), default=0)

    def registrations(self, since_ns: int, until_ns: int, limit: int) -> tuple[list[RegistrationEvent], int]:
        found = [(at, one) for at, one in self.registered if since_ns < at <= until_ns][:limit]
        return [one for _, one in found], max((at for at, _ in found), default=0)

    def announce(self, _project: str, events: Sequence[Event]) -> None:
        if self.refusing:
            raise Refused("not now")
        self.told += events

    def run(self, prompt: str = "be kind", **more: Any) -> Sighting:
        """One that begins and arrives now."""
        now_ns = self.clock.now_ns()
        place = {"environment": "prod", "service": "web", "trace_id": f"{now_ns:032x}", "span_id": "1" * 16}
        seen = Sighting("p", "a", declared="", start_ns=now_ns, prompts=(prompt,), **(place | more))
        self.runs.append((now_ns, seen))
        return seen

    def names(self) -> list[str]:
        return [event.name for event in self.told]


@pytest.fixture
def world(memory_path: Path, made_facts: Path) -> Iterator[World]:
    """Nothing happened yet."""
    shutil.copy(made_facts, memory_path / "facts.db")
    facts, clock = Facts.open(f"sqlite:///{memory_path / 'facts.db'}"), ManualClock(START_S)
    doors = Doors(DeclaredAgents(facts, clock), Versions(facts), Configurations(facts, clock), Deployments(facts, clock), Drifts(facts), Cursors(facts))
    yield World(doors, clock)
    facts.close()


def test_a_run_is_taken_up_once(world: World) -> None:
    """However often somebody looks, and after a restart."""
    for prompt in ("be kind", "be brief"):
        world.run(prompt)
        for _ in range(3):
            world.watcher().look()
            world.clock.now_s += 30
    assert world.names() == ["agent.version.observed"]  # of the second: the first is no news
    assert [(one.parts, one.number) for one in world.doors.versions.page("p", "a", 10)] == [({"prompt": "be brief"}, 2), ({"prompt": "be kind"}, 1)]


def test_a_record_that_reaches_the_store_late_is_seen(world: World) -> None:
    """It arrived before one that was seen already."""
    world.run("second")
    world.watcher().look()
    at_ns = world.clock.now_ns() - 5 * SECOND_NS
    world.runs.append((at_ns, Sighting("p", "a", "", "", "", at_ns, "2" * 32, "1" * 16, prompts=("first",))))
    world.watcher().look()
    assert len(world.doors.versions.page("p", "a", 10)) == 2


def test_a_long_absence_is_caught_up_with_in_steps(world: World) -> None:
    """No question is about more than an hour of arrivals and the overlap, and nothing between is left out."""
    world.run()
    world.watcher().look()
    world.clock.now_s += 5 * 3600
    world.run("new")
    world.looks.clear()
    world.watcher().look()
    assert max(until - since for since, until in world.looks) <= 3_615 * SECOND_NS
    assert all(after[0] < before[1] for before, after in zip(world.looks, world.looks[1:], strict=False))
    assert len(world.doors.versions.page("p", "a", 10)) == 2


def test_what_cannot_be_told_is_told_later(world: World) -> None:
    """Nothing is kept before; and then it is the same."""
    world.run("before")
    world.watcher().look()
    world.clock.now_s += 61
    seen = world.run()
    world.refusing = True
    with pytest.raises(Refused):
        world.watcher().look()
    assert len(world.doors.versions.page("p", "a", 10)) == 1
    world.refusing = False
    world.watcher().look()
    assert [(event.name, event.time_ns) for event in world.told] == [("agent.version.observed", seen.start_ns)]


def test_registrations_are_taken_up(world: World) -> None:
    """The latest of each, with the version that it names; nobody's is left out, and counted."""
    at_ns = world.clock.now_ns()
    for offset, owner in ((0, "new"), (-5, "old")):
        event = RegistrationEvent("p", at_ns + offset, "a", "a-1", "2", "m", "", {"spyglass.agent.owner": owner})
        world.registered.append((at_ns, event))
    world.registered.append((at_ns, RegistrationEvent("p", at_ns, "", "", "", "", "", {})))
    world.watcher().look()
    found = world.doors.agents.one("p", "a")
    assert found is not None
    assert (found.declaration.owner, found.declaration.agent_id) == ("new", "a-1")
    assert [(one.declared, one.trace_id) for one in world.doors.versions.page("p", "a", 10)] == [("2", "")]


def deployed(world: World, **body: Any) -> int:
    number = world.doors.configurations.add("p", "a", body)[0].number
    world.doors.deployments.deploy("p", "a", "prod", number)
    world.clock.now_s += GRACE_S + 1
    return number


def test_drift_is_told_once_per_change(world: World) -> None:
    """When it begins, when it is another, and when it is over."""
    deployed(world, prompt="be kind", model="m")
    for seen in ({"model": "n"}, {"model": "n"}, {"model": "o"}, {"model": "m"}, {"model": "m"}):
        world.run(**seen)
        world.watcher().look()
        world.clock.now_s += 1
    drifts = [event for event in world.told if event.name == "agent.drift"]
    assert [event.attributes["spyglass.drift.status"] for event in drifts] == ["differs", "differs", "resolved"]
    assert world.doors.drifts.all("p") == []


def test_a_run_shortly_after_a_deployment_is_not_held_against_it(world: World) -> None:
    """It may have the configuration before; one before the deployment certainly has."""
    number = world.doors.configurations.add("p", "a", {"model": "m"})[0].number
    world.run(model="n")
    world.doors.deployments.deploy("p", "a", "prod", number)
    world.clock.now_s += GRACE_S / 2
    world.run(model="n")
    world.watcher().look()
    assert world.doors.drifts.all("p") == []


@pytest.mark.parametrize(
    ("where", "drifts"),
    [({"environment": "staging"}, 0), ({"environment": ""}, 1), ({"environment": "staging", "label": "prod"}, 1)],
)
def test_runs_are_compared_with_their_own_environment(world: World, where: dict[str, str], drifts: int) -> None:
    """The one that they say they fetched from; a run that names none is in the only one."""
    deployed(world, model="m")
    world.run(model="n", **where)
    world.watcher().look()
    assert len(world.doors.drifts.all("p", "a")) == drifts


def test_a_stamped_version_is_compared(world: World) -> None:
    """Also where the run shows nothing else."""
    number = deployed(world, anything=1)
    world.run(configuration="default")
    world.watcher().look()
    (drift,) = world.doors.drifts.all("p")
    assert drift.differences == [{"what": "configuration", "declared": str(number), "observed": "default"}]
