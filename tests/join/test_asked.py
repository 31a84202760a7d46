"""A tool that tells nothing of itself was still asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spyglass.join.asked import asked
from spyglass.join.nouns import Claim


def claim(span: str, kind: str, start: int, end: int, pid: int = 1) -> Claim:
    return Claim(span, "", kind, "chat m", "", "m", "", start, end, "", pid, "h", "w", seen=True)


def answer(*parts: Any) -> str:
    return json.dumps({"role": "assistant", "parts": list(parts)})


CALL = {"type": "tool_call", "name": "shell", "arguments": {"command": "ls"}}


def test_what_a_model_asks_for_lasts_until_it_is_asked_again() -> None:
    """By the same process; the last one has two seconds after all."""
    calls = [claim("a", "llm", 0, 10), claim("other", "llm", 11, 12, pid=2), claim("b", "llm", 20, 30)]
    found = asked(calls, [("a", answer(CALL, {"type": "text", "content": "so"})), ("b", answer({**CALL, "arguments": '{"x": 1}'}))])
    assert [(one.span_id, one.kind, one.tool, one.start_ns, one.end_ns) for one in found] == [
        ("a", "tool", "shell", 10, 20),
        ("b", "tool", "shell", 30, 30 + 2 * 10**9),
    ]
    assert [one.arguments for one in found] == ['{"command": "ls"}', '{"x": 1}']
    assert not any(one.seen for one in found)


def test_tools_that_tell_of_themselves_need_no_stand_in() -> None:
    """Their spans are nearer to what happened."""
    assert asked([claim("a", "llm", 0, 10), claim("t", "tool", 11, 12)], [("a", answer(CALL))]) == []


@pytest.mark.parametrize("body", ["", "[", "[]", '{"parts": 3}', '{"parts": [3, {"type": "tool_call"}, {"type": "text"}]}', '{"parts": null}', "[" * 100_000])
def test_broken_answers_ask_for_little(body: str) -> None:
    """At most for a tool without a name."""
    assert len(asked([claim("a", "llm", 0, 10)], [("a", body), ("unknown", answer(CALL))])) <= 1
