"""What agents that stand out at once have in common."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.correlation import in_common
from spyglass.analyze.builtin.uses import Uses


def rows(*calls: tuple[str, str, str]) -> Uses:
    """Agent, model, tool."""
    return Uses.of(pa.Table.from_pylist([{"project": "p", "agent": agent, "model": model, "tool": tool} for agent, model, tool in calls]))


def test_what_tells_them_apart_comes_first() -> None:
    """All that stand out call the model `bad`, one of the others does; everybody calls the tool `read`."""
    moved = [(f"a{at}", "bad", "") for at in range(5)]
    others = [(f"b{at}", "good", "") for at in range(9)] + [("b9", "bad", "")]
    readers = [(agent, "", "read") for agent, _, _ in (*moved, *others)]
    found = in_common(rows(*moved, *others, *readers), [("p", agent) for agent, _, _ in moved])
    assert [(one.what, one.name) for one in found] == [("model", "bad")]
    assert str(found[0]) == "model bad: 5 of 5 call it, 1 of 10 others do"


def test_when_all_stand_out_it_is_what_all_call() -> None:
    """There is nobody to compare with, and it is said so by leaving the others out."""
    found = in_common(rows(*((f"a{at}", "m", "") for at in range(4))), [("p", f"a{at}") for at in range(4)])
    assert [str(one) for one in found] == ["model m: 4 of 4 call it"]


@given(st.lists(st.tuples(*[st.sampled_from(["", "x", "y", "z"])] * 3), max_size=20), st.lists(st.sampled_from(["x", "y", "z", "q"]), max_size=5))
@settings(max_examples=50)
def test_the_order_of_rows_does_not_matter(calls: list[tuple[str, str, str]], moved: list[str]) -> None:
    """Nor do agents that did not call."""
    if not calls:
        return
    keys = [("p", agent) for agent in moved]
    assert in_common(rows(*calls), keys) == in_common(rows(*reversed(calls)), keys)
