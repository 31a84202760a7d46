"""What is surely the same call, seen on the wire and told by a span, and what may be."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.store.likeness import Call, compare

SECOND = 10**9


def call(key: bytes, begin_s: float = 0.0, end_s: float = 1.0, **more: Any) -> Call:
    """A model call of watch w1."""
    told: dict[str, Any] = {"kind": "llm", "models": frozenset({"m"}), "tool": "", "response_id": "", "tokens": (10, 5), "said": (), "watch": "w1"}
    return Call(key, start_ns=int(begin_s * SECOND), end_ns=int(end_s * SECOND), **{**told, "host": "h", "pid": "", **more})


WIRE = call(b"w", 0.1, 0.9)


def test_a_call_within_its_span_is_one_with_it() -> None:
    """By process and tokens."""
    assert compare([WIRE], [call(b"o")]).pairs == ((b"w", b"o"),)


@pytest.mark.parametrize(
    "other",
    [
        {"watch": "w2"},
        {"host": "elsewhere"},
        {"models": frozenset({"other"})},
        {"tokens": (10, 6)},
        {"end_s": 0.5},
        {"begin_s": 0.5},
        {"kind": "embedding"},
    ],
)
def test_what_contradicts_is_another_call(other: dict[str, Any]) -> None:
    """There is no doubt about it."""
    found = compare([WIRE], [call(b"o", **other)])
    assert (found.pairs, found.unsure) == ((), frozenset())


def test_ids_of_one_making_contradict() -> None:
    """Ids of requests and of messages do not: Claude Code tells the one, the connection the other."""
    wire = call(b"w", 0.1, 0.9, response_id="msg_1")
    assert compare([wire], [call(b"o", response_id="msg_2")]).pairs == ()
    assert compare([wire], [call(b"o", response_id="req_1")]).pairs == ((b"w", b"o"),)


@pytest.mark.parametrize("own", [{"tokens": None}, {"watch": "", "host": ""}])
def test_too_little_is_no_certainty(own: dict[str, Any]) -> None:
    """Nothing speaks against it, and not enough for it: it is said."""
    found = compare([WIRE], [call(b"o", **own)])
    assert (found.pairs, found.unsure) == ((), {b"w"})


def test_the_same_words_are_enough() -> None:
    """Where the span tells neither tokens nor its process."""
    words = {"said": (b"hash",)}
    assert compare([call(b"w", 0.1, 0.9, **words)], [call(b"o", watch="", host="", tokens=None, **words)]).pairs == ((b"w", b"o"),)


def test_a_burst_of_equal_calls_is_paired_when_each_has_one() -> None:
    """Which is which does not matter then; where one is too many nothing is sure."""
    own = [call(b"o%d" % number) for number in range(3)]
    wires = [call(b"w%d" % number, 0.1, 0.9) for number in range(3)]
    assert compare(wires, own).pairs == ((b"w0", b"o0"), (b"w1", b"o1"), (b"w2", b"o2"))
    assert compare(wires[:2], own) == compare(wires[:2], own)
    assert (compare(wires[:2], own).pairs, compare(wires[:2], own).unsure) == ((), {b"w0", b"w1"})


def test_a_tool_is_known_by_its_name_and_process() -> None:
    """Of a server of tools, and of the agent that called it."""
    wire = call(b"w", 0.1, 0.9, kind="tool", models=frozenset(), tool="search", tokens=None, pid="7")
    assert compare([wire], [call(b"o", kind="tool", models=frozenset(), tool="search", tokens=None)]).pairs == ((b"w", b"o"),)
    assert compare([wire], [call(b"o", kind="tool", models=frozenset(), tool="fetch", tokens=None)]) == compare([], [])


def test_calls_one_after_the_other_are_paired_though_their_times_overlap() -> None:
    """On a busy machine; one that nobody tells spoils only what cannot be told from it."""
    own = [call(b"o%d" % number, number / 10, number / 10 + 0.09) for number in range(5)]
    wires = [call(b"w%d" % number, number / 10 + 0.02, number / 10 + 0.11) for number in range(5)]
    assert compare(wires, own).pairs == tuple((b"w%d" % number, b"o%d" % number) for number in range(5))
    exact = [call(b"w%d" % number, number / 10 + 0.02, number / 10 + 0.08) for number in range(5)]
    assert compare(exact, own[1:]).pairs == tuple((b"w%d" % number, b"o%d" % number) for number in range(1, 5))
