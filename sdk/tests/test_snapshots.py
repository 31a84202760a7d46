"""States and memory are told as far as they can be, never raise, and never fill the memory of the program."""

from __future__ import annotations

import json

import pytest

from spyglass_sdk import Memory, execution, memory, observation, set_agent, settings, snapshot
from spyglass_sdk.batcher import HeavyLane
from spyglass_sdk.tally import Tally
from spyglass_sdk.untyped import decode


@pytest.fixture
def told(memory):
    """Give (event name, attributes, body) of what was told."""
    return lambda prefix: [(one.event_name, dict(one.attributes), one.body) for one in memory.records if (one.event_name or "").startswith(prefix)]


def test_a_snapshot_is_the_state_of_now(told):
    """What changes later changes nothing; equal states have one hash."""
    state = {"b": [1], "a": {2, 1}}
    with execution("planner", "plan") as run:
        run.snapshot(state, "before")
        state["b"].append(2)
        run.step("act").snapshot(state)
        snapshot({"a": {1, 2}, "b": [1]}, "again")
    (first, second, third) = told("execution.snapshot")
    assert first[2] == '{"a":{"$type":"set","value":[1,2]},"b":[1]}'
    assert decode(second[2]) == state
    assert [one[1].get("spyglass.snapshot.name") for one in (first, second, third)] == ["before", None, "again"]
    assert [one[1]["spyglass.execution.step_number"] for one in (first, second, third)] == [0, 1, 1]
    assert first[1]["spyglass.snapshot.hash"] == third[1]["spyglass.snapshot.hash"] != second[1]["spyglass.snapshot.hash"]
    assert {one[1]["spyglass.execution.id"] for one in (first, second, third)} == {run.execution_id}


def test_each_step_takes_one_where_the_state_is_known(told):
    """After it; a state that raises is said, and the run goes on."""
    states = [{"done": 1}]
    with execution("planner", "plan", state=states.pop) as run:
        run.step("one").step("two")  # of the second there is none: it raises
    (only,) = told("execution.snapshot")
    assert (only[2], only[1]["spyglass.execution.step"]) == ('{"done":1}', "one")
    assert [one[1]["spyglass.execution.status"] for one in told("execution.end")] == ["ok"]


def test_outside_of_an_execution_it_is_the_span_s(memory, told):
    """Which is how a plain agent span has states."""
    with observation("planner", kind="agent") as work:
        snapshot([1])
    (only,) = told("execution.snapshot")
    assert "spyglass.execution.id" not in only[1]
    assert format(memory.records[0].span_id, "016x") == work.span_id


def test_what_cannot_be_told_is_counted_and_what_is_huge_is_cut(told):
    """And the event says so; a cut state is JSON all the same."""
    settings.use(settings.Recording(max_snapshot_bytes=10_000))
    snapshot({"lock": object(), "fine": 1})
    snapshot({"large": ["x" * 100] * 10_000, "fine": 1})
    first, second = told("execution.snapshot")
    assert (first[1]["spyglass.snapshot.placeholders"], "spyglass.snapshot.cut" in first[1]) == (1, False)
    assert second[1]["spyglass.snapshot.cut"] is True
    assert json.loads(second[2])["large"]["$type"] == "cut"
    assert len(second[2]) < 20_000


@pytest.mark.parametrize(("capture", "count"), [("metadata", 1), ("off", 0)])
def test_content_goes_as_far_as_capture_allows(told, capture, count):
    """Metadata: that there was one, its size and its hash."""
    settings.use(settings.Recording(capture=capture))
    snapshot({"a": 1})
    found = told("execution.snapshot")
    assert len(found) == count
    assert all(body is None and told["spyglass.snapshot.size_bytes"] == 7 for _, told, body in found)


def test_memory_is_told_with_key_scope_size_and_hash(told):
    """By functions, or by a mapping; and by whose."""
    with set_agent("planner"):
        memory.write("goal", {"to": "islands"}, scope="user:u-4")
        memory.read("goal", {"to": "islands"}, scope="user:u-4")
        memory.delete("goal", scope="user:u-4")
        notes = Memory(scope="session")
        notes["a"] = 1
        assert (notes["a"], notes.get("b"), "a" in notes, dict(notes)) == (1, None, True, {"a": 1})
        del notes["a"]
    found = told("memory.")
    assert [name for name, _, _ in found[:4]] == ["memory.write", "memory.read", "memory.delete", "memory.write"]
    assert (found[0][1]["spyglass.memory.key"], found[0][1]["spyglass.memory.scope"], found[0][2]) == ("goal", "user:u-4", '{"to":"islands"}')
    assert found[0][1]["spyglass.memory.hash"] == found[1][1]["spyglass.memory.hash"]
    assert found[0][1]["spyglass.memory.size_bytes"] == 16
    assert found[2][2] is None


def test_a_read_says_nothing_of_a_value_that_it_was_not_handed(told):
    """It found something, or nothing: only who says so tells that."""
    memory.read("goal")
    memory.read("goal", None)
    silent, empty = (attributes.get("spyglass.memory.size_bytes") for _, attributes, _ in told("memory."))
    assert (silent, empty) == (None, 4)


def test_memory_within_an_execution_is_its_own(told):
    """And its agent's."""
    with execution("planner", "plan", agent_id="p-1") as run:
        memory.write("goal", "islands")
    (only,) = told("memory.")
    assert {only[1][name] for name in ("spyglass.execution.id", "gen_ai.agent.name", "gen_ai.agent.id")} == {run.execution_id, "planner", "p-1"}


def test_large_records_wait_within_a_bound():
    """Of bytes; what does not fit is counted. A batch is bounded, too, but for one record that is larger by itself."""
    sent: list[list[str]] = []
    tally = Tally()
    lane = HeavyLane(lambda batch: sent.append(list(batch)) or True, tally, 100, 10, len, 80)
    for record in ("a" * 30, "b" * 30, "c" * 30, "d", "e" * 4, "f" * 4):
        lane.put(record)
    lane.empty()
    assert [[len(record) for record in batch] for batch in sent] == [[30], [30], [1, 4, 4]]
    assert tally.lost() == {"queue_full": 1}
    lane.put("g" * 70)
    lane.empty()
    assert sent[-1] == ["g" * 70]
