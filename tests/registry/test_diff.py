"""Promises about differences: they lead from one side to the other, and there are none where nothing differs."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from spyglass.registry.diff import json_changes, line_changes, tool_changes

LINES = st.lists(st.sampled_from(["be kind", "be brief", "", "answer in JSON", "x"]), max_size=12).map("\n".join)
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab~/", max_size=3)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab~/", max_size=2), inner, max_size=3), max_leaves=12)
TOOLS = st.lists(st.fixed_dictionaries({"name": st.sampled_from("abc"), "parameters": JSON}), max_size=3, unique_by=lambda tool: tool["name"])


@given(LINES, LINES)
def test_lines_make_both_texts(before: str, after: str) -> None:
    """Each line once, in order, with its number."""
    found = line_changes(before, after)
    for text, kinds, number in ((before, {"same", "removed"}, "from_line"), (after, {"same", "added"}, "to_line")):
        mine = [line for line in found if line.kind in kinds]
        assert [line.text for line in mine] == text.splitlines()
        assert [getattr(line, number) for line in mine] == list(range(1, len(mine) + 1))


@given(LINES)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    """Every line is the same."""
    assert {line.kind for line in line_changes(text, text)} <= {"same"}


def applied(value: Any, changes: list[Any]) -> Any:
    """The value after the changes."""
    holder = {"": copy.deepcopy(value)}
    for change in reversed(changes):  # what is removed from a list's end goes first
        *way, last = ["", *(part.replace("~1", "/").replace("~0", "~") for part in change.path.split("/")[1:])]
        at: Any = holder
        for part in way:
            at = at[int(part) if isinstance(at, list) else part]
        key = int(last) if isinstance(at, list) else last
        if change.kind == "removed":
            del at[key]
        elif change.kind == "changed":
            at[key] = change.after
    for change in changes:
        if change.kind == "added":
            *way, last = ["", *(part.replace("~1", "/").replace("~0", "~") for part in change.path.split("/")[1:])]
            at = holder
            for part in way:
                at = at[int(part) if isinstance(at, list) else part]
            if isinstance(at, list):
                at.append(change.after)
            else:
                at[last] = change.after
    return holder[""]


@given(JSON, JSON)
def test_changes_lead_from_one_value_to_the_other(before: Any, after: Any) -> None:
    """Applied at their paths."""
    assert applied(before, json_changes(before, after)) == after


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    """However it is made."""
    assert json_changes(value, copy.deepcopy(value)) == []


def test_true_is_not_one() -> None:
    """Though Python says so; 1.0 is 1."""
    assert [change.path for change in json_changes({"a": True, "b": 1}, {"a": 1, "b": 1.0})] == ["/a"]


@given(TOOLS, TOOLS)
def test_tools_differ_by_name(before: list[Any], after: list[Any]) -> None:
    """Added, removed or changed, each once."""
    left, right = ({tool["name"]: tool for tool in tools} for tools in (before, after))
    found = {change.name: change.kind for change in tool_changes(before, after)}
    assert {name for name, kind in found.items() if kind == "added"} == right.keys() - left.keys()
    assert {name for name, kind in found.items() if kind == "removed"} == left.keys() - right.keys()
    assert {name for name, kind in found.items() if kind == "changed"} == {name for name in left.keys() & right.keys() if json_changes(left[name], right[name])}


def test_hostile_depth_is_no_trouble() -> None:
    """Below a depth values differ as wholes."""
    deep: Any = 1
    other: Any = 2
    for _ in range(200):
        deep, other = [deep], [other]
    (change,) = json_changes(deep, other)
    assert (change.kind, change.path.count("/")) == ("changed", 32)
