"""What a memory holds, by what was told of it."""

from __future__ import annotations

from typing import Any

from spyglass.show.memory import held


def row(time_ns: int, action: str, hash: str = "") -> dict[str, Any]:  # noqa: A002 - of its value
    """An operation on one key; without a hash its value was not told."""
    return {"scope": "user", "key": "home", "time_ns": time_ns, "action": action, "hash": hash, "size_bytes": 0}


def test_a_read_that_tells_no_value_hides_none():
    """The key holds what was written, and was read since."""
    [one] = held([row(3, "read"), row(2, "write", "b"), row(1, "write", "a")])
    assert (one.last["hash"], one.reads, one.writes, one.read_ns, one.first_ns) == ("b", 1, 2, 3, 1)


def test_what_was_deleted_holds_nothing():
    """What is told after it is another life."""
    assert held([row(3, "delete"), row(2, "write", "a")]) == []
    [one] = held([row(3, "read"), row(2, "delete"), row(1, "write", "a")])
    assert (one.last["action"], one.writes) == ("read", 0)
