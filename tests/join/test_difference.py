"""What changed between two states, and which steps of two runs belong together."""

from __future__ import annotations

import copy
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.join.alignment import Call, Step, align
from spyglass.join.difference import NOTHING, changes, pointed

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([1.0, 0.0]), st.sampled_from(["", "a", "a/b", "~1"]))
JSON = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["", "a", "b/c", "~"]), inner, max_size=4)), max_leaves=12
)


def told(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(change.kind, change.pointer) for change in changes(before, after)]


def holder(state: Any, pointer: str) -> tuple[Any, str]:
    """What holds the value that a pointer points at, and under which name."""
    above, _, name = pointer.rpartition("/")
    return pointed(state, above) if above else state, name.replace("~1", "/").replace("~0", "~")


def applied(before: Any, after: Any) -> Any:
    """The state before with all changes made."""
    state = [copy.deepcopy(before)]
    found = [(change, f"/0{change.pointer}") for change in changes(before, after)]
    for change, pointer in [*reversed([one for one in found if one[0].kind == "removed"]), *(one for one in found if one[0].kind != "removed")]:
        inside, name = holder(state, pointer)
        key = int(name) if isinstance(inside, list) else name
        if change.kind == "removed":
            del inside[key]
        elif isinstance(inside, list) and change.kind == "added":
            inside.insert(key, change.after)
        else:
            inside[key] = change.after
    return state[0]


@settings(max_examples=200, deadline=None)
@given(JSON, JSON)
def test_changes_lead_from_one_state_to_the_other(before: Any, after: Any) -> None:
    """All of them, made in order; equal states have none."""
    assert repr(applied(before, after)) == repr(after) or applied(before, after) == after
    assert told(before, copy.deepcopy(before)) == []
    assert (told(before, after) == []) == (repr_sorted(before) == repr_sorted(after))


def repr_sorted(value: Any) -> str:
    """Tells 1, 1.0 and true apart, and not the order of keys."""
    if isinstance(value, dict):
        return "{}" + repr(sorted((key, repr_sorted(part)) for key, part in value.items()))
    return repr([repr_sorted(part) for part in value]) if isinstance(value, list) else repr(value)


def test_one_message_more_is_one_change() -> None:
    """Wherever it came."""
    said = [{"role": "user", "text": str(number)} for number in range(1000)]
    assert told({"messages": said}, {"messages": [*said, {"role": "assistant"}]}) == [("added", "/messages/1000")]
    assert told({"messages": said}, {"messages": [{"role": "system"}, *said]}) == [("added", "/messages/0")]
    assert told({"messages": said}, {"messages": said[:500] + said[501:]}) == [("removed", "/messages/500")]


def test_who_wants_few_changes_pays_for_few() -> None:
    """Changes come one by one."""
    assert len(list(islice(changes(dict.fromkeys(map(str, range(10**5)), 0), {}), 3))) == 3


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a": [{"b/c": 1}], "~": 2}), ("/a/0/b~1c", 1), ("/~0", 2), ("/a/1", NOTHING), ("/a/x", NOTHING), ("/a/-1", NOTHING), ("/nope", NOTHING)],
)
def test_pointers_point(pointer: str, value: Any) -> None:
    """As RFC 6901 says."""
    found = pointed({"a": [{"b/c": 1}], "~": 2}, pointer)
    assert found is value if value is NOTHING else found == value


def step(name: str, *calls: Call, status: str = "ok", given: str = "") -> Step:
    return Step(0, name, status, given, 0, calls)


def test_steps_belong_together_by_name() -> None:
    """What one run has alone stands alone; of the others it is said what differs."""
    one, other = Call("tool", "search", input_hash="1", output_hash="x"), Call("tool", "search", input_hash="1", output_hash="y")
    a = [step("plan"), step("search", one), step("rest"), step("end", given="1")]
    b = [step("plan"), step("search", other), step("sail"), step("end", given="2", status="failed")]
    found = [(pair.a.name if pair.a else None, pair.b.name if pair.b else None, pair.differs) for pair in align(a, b)]
    assert found == [
        ("plan", "plan", ()),
        ("search", "search", ("answers",)),
        ("rest", None, ("only_a",)),
        (None, "sail", ("only_b",)),
        ("end", "end", ("status", "input")),
    ]
    assert align([step("a", one)], [step("a")])[0].differs == ("calls",)
