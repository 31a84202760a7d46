"""Promises about configurations and where they are deployed, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyglass.facts.configurations import Configurations, content_hash
from spyglass.facts.database import Facts
from spyglass.facts.deployments import Deployments, Step
from spyglass.model.errors import Conflict, NotFound, SpyglassError
from spyglass.testing.clock import ManualClock

_agents = itertools.count()
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["add", "deploy", "deploy", "rollback", "rollback", "back_to", "pin", "unpin", "remove"]), st.integers(1, 4)), max_size=25
)


class Kept:
    """Configurations and deployments of one agent."""

    def __init__(self, facts: Facts) -> None:
        self.configurations, self.deployments = Configurations(facts, ManualClock()), Deployments(facts, ManualClock())
        self.agent = f"agent-{next(_agents)}"

    def add(self, *bodies: dict[str, Any]) -> list[int]:
        return [self.configurations.add("p", self.agent, body)[0].number for body in bodies]

    def deploy(self, number: int, **more: Any) -> Step:
        return self.deployments.deploy("p", self.agent, "production", number, **more)

    def back(self, **more: Any) -> Step:
        return self.deployments.roll_back("p", self.agent, "production", "why", **more)

    def now(self) -> int:
        found = self.deployments.all("p", self.agent)
        return found[0].number if found else 0


@pytest.fixture
def facts(url: str) -> Iterator[Facts]:
    """An empty database."""
    opened = Facts.open(url)
    yield opened
    opened.close()


@pytest.fixture
def kept(facts: Facts) -> Kept:
    """An agent without a configuration."""
    return Kept(facts)


def test_configurations_are_numbered_and_never_doubled(kept: Kept) -> None:
    """The same as the latest is the latest, however its keys are ordered."""
    assert kept.add({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 2}, {"a": 1, "b": 2}) == [1, 1, 2, 3]
    assert [one.number for one in kept.configurations.page("p", kept.agent, 10)] == [3, 2, 1]
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1}) != content_hash({"a": 1})
    with pytest.raises(Conflict) as told:
        kept.configurations.add("p", kept.agent, {"a": 9}, after=2)
    assert told.value.details == {"version": 3}


def test_roll_backs_undo_one_deployment_after_the_other(kept: Kept) -> None:
    """And what was rolled back from is not gone back to."""
    kept.add({"a": 1}, {"a": 2}, {"a": 3})
    for number in (1, 2, 3):
        kept.deploy(number, who="ann", why="go")
    assert [kept.back().number, kept.back().number] == [2, 1]
    with pytest.raises(Conflict, match="nothing to go back to"):
        kept.back()
    steps = kept.deployments.steps("p", kept.agent, 10)
    assert [(one.revision, one.action, one.number, one.before) for one in steps] == [
        (5, "rollback", 1, 2),
        (4, "rollback", 2, 3),
        (3, "deploy", 3, 2),
        (2, "deploy", 2, 1),
        (1, "deploy", 1, 0),
    ]


def test_a_version_that_is_gone_cannot_be_gone_back_to(kept: Kept) -> None:
    """By name it is said; without one the one before it is taken."""
    kept.add({"a": 1}, {"a": 2}, {"a": 3})
    for number in (1, 2, 3):
        kept.deploy(number)
    kept.configurations.remove("p", kept.agent, 2)
    with pytest.raises(NotFound, match="configuration 2 was deleted at"):
        kept.back(to=2)
    with pytest.raises(NotFound, match="its latest is 3"):
        kept.back(to=9)
    with pytest.raises(NotFound, match="deleted"):
        kept.deploy(2)
    assert kept.back().number == 1


def test_what_is_deployed_is_not_deleted(kept: Kept) -> None:
    """The environments are told."""
    kept.add({"a": 1}, {"a": 2})
    kept.deploy(1)
    with pytest.raises(Conflict) as told:
        kept.configurations.remove("p", kept.agent, 1)
    assert told.value.details == {"environments": ["production"]}
    kept.deploy(2)
    kept.configurations.remove("p", kept.agent, 1)
    with pytest.raises(NotFound):
        kept.configurations.one("p", kept.agent, 1)
    assert kept.add({"a": 3}) == [3]


def test_only_an_unpin_moves_what_is_pinned(kept: Kept) -> None:
    """Neither a deployment nor a roll-back does."""
    kept.add({"a": 1}, {"a": 2})
    kept.deploy(1)
    kept.deploy(2)
    kept.deployments.pin("p", kept.agent, "production", pinned=True)
    for change in (lambda: kept.deploy(1), kept.back, lambda: kept.deployments.pin("p", kept.agent, "production", pinned=True)):
        with pytest.raises(Conflict, match="pinned"):
            change()
    kept.deployments.pin("p", kept.agent, "production", pinned=False)
    assert kept.deploy(1).before == 2


def test_nobody_overrules_what_they_have_not_seen(kept: Kept) -> None:
    """The present revision is told."""
    kept.add({"a": 1}, {"a": 2})
    kept.deploy(1, seen=0)
    with pytest.raises(Conflict) as told:
        kept.deploy(2, seen=0)
    assert told.value.details == {"version": 1}
    assert kept.deploy(2, seen=1).revision == 2


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each gives, or its error; all begin together."""
    together = threading.Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        together.wait(30)
        try:
            return one()
        except SpyglassError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_of_two_who_deploy_at_once_one_is_refused(kept: Kept) -> None:
    """Both saw the same; history has one step more, and it is what runs."""
    kept.add({"a": 0}, {"a": 1}, {"a": 2})
    kept.deploy(1)
    for round_ in range(1, 6):
        found = at_once(lambda: kept.deploy(2 + round_ % 2, seen=round_), lambda: kept.deploy(2 + round_ % 2, seen=round_))  # noqa: B023 - called at once
        (done,), (refused,) = [one for one in found if isinstance(one, Step)], [one for one in found if isinstance(one, SpyglassError)]
        assert isinstance(refused, Conflict)
        assert (done.revision, kept.now()) == (round_ + 1, done.number)


def test_of_many_who_add_at_once_each_gets_a_number(kept: Kept) -> None:
    """All different, without a gap."""
    found = at_once(*(lambda at=at: kept.add({"a": at})[0] for at in range(6)))
    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_what_is_deployed_at_once_is_never_gone(kept: Kept) -> None:
    """Either it is deleted and not deployed, or the other way round."""
    for at in range(1, 6):
        (number,) = kept.add({"a": at})
        at_once(lambda: kept.deploy(number), lambda: kept.configurations.remove("p", kept.agent, number))  # noqa: B023 - called at once
        if kept.now():
            assert kept.deployments.deployed("p", kept.agent, "production")[1].number == kept.now()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """A database for many agents."""
    opened = Facts.open(f"sqlite:///{tmp_path_factory.mktemp('facts') / 'facts.db'}")
    yield opened
    opened.close()


@given(ACTIONS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_history_always_adds_up(shared: Facts, actions: list[tuple[str, int]]) -> None:
    """Whatever is done: revisions count on, each step begins where the last ended, and what runs is there."""
    kept = Kept(shared)
    doors = kept.deployments
    for at, (action, number) in enumerate(actions):
        does: dict[str, Callable[[], object]] = {
            "add": lambda at=at: kept.add({"at": at}),
            "deploy": lambda number=number: kept.deploy(number),
            "rollback": kept.back,
            "back_to": lambda number=number: kept.back(to=number),
            "pin": lambda: doors.pin("p", kept.agent, "production", pinned=True),
            "unpin": lambda: doors.pin("p", kept.agent, "production", pinned=False),
            "remove": lambda number=number: kept.configurations.remove("p", kept.agent, number),
        }
        try:
            does[action]()
        except (Conflict, NotFound):
            continue
    steps = sorted(doors.steps("p", kept.agent, 100), key=lambda one: one.revision)
    assert [one.revision for one in steps] == list(range(1, len(steps) + 1))
    assert all(after.before == before.number for before, after in itertools.pairwise(steps))
    if steps:
        assert doors.deployed("p", kept.agent, "production")[1].number == steps[-1].number == kept.now()


def test_the_history_comes_in_pages(kept: Kept) -> None:
    """Each step once, whatever their times."""
    kept.add({"a": 1}, {"a": 2})
    for environment in ("a", "b"):
        for number in (1, 2, 1):
            kept.deployments.deploy("p", kept.agent, environment, number)
    found: list[tuple[str, int]] = []
    after = None
    while steps := kept.deployments.steps("p", kept.agent, 2, after=after):
        found += [(one.environment, one.revision) for one in steps]
        after = (steps[-1].at_ns, steps[-1].environment, steps[-1].revision)
    assert found == [("a", 3), ("a", 2), ("a", 1), ("b", 3), ("b", 2), ("b", 1)]
