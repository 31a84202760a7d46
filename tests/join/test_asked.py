"""A tool that tells nothing of itself was still asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spyglass.join.asked import asked
from spyglass.join.nouns import Claim


def claim(span: str, kind: str, start: int, end: int, pid: int = 1, tool: str = "", seen: bool = True) -> Claim:
    return Claim(span, "", kind, "chat m", tool, "m", f"answer-{span}", start, end, "", pid, "h", "w", seen=seen)


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
    assert asked([claim("a", "llm", 0, 10), claim("t", "tool", 11, 12, seen=False)], [("a", answer(CALL))]) == []


def test_a_tool_server_that_was_seen_leaves_the_agents_own_tools_without_a_voice() -> None:
    """They need their stand-in; the server's tool does not, whatever the client puts before its name."""
    calls = [claim("a", "llm", 0, 10), claim("t", "tool", 11, 12, tool="add")]
    found = asked(calls, [("a", answer(CALL, {**CALL, "name": "mcp__calc__add"}))])
    assert [one.tool for one in found] == ["shell"]


def test_a_stand_in_is_not_the_call_itself() -> None:
    """Else a call that nobody tells of would be told by itself."""
    (found,) = asked([claim("a", "llm", 0, 10)], [("a", answer(CALL))])
    assert found.response_id == ""


@pytest.mark.parametrize("body", ["", "[", "[]", '{"parts": 3}', '{"parts": [3, {"type": "tool_call"}, {"type": "text"}]}', '{"parts": null}', "[" * 100_000])
def test_broken_answers_ask_for_little(body: str) -> None:
    """At most for a tool without a name."""
    assert len(asked([claim("a", "llm", 0, 10)], [("a", body), ("unknown", answer(CALL))])) <= 1
