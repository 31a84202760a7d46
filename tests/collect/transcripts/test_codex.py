"""Codex' rollouts become turns, calls and tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Make = Callable[..., Any]

SESSION = "01990000-0000-7000-8000-000000000001"
FILE = f"2026/09/21/rollout-2026-09-21T14-00-00-{SESSION}.jsonl"


def line(kind: str, second: float, **payload: Any) -> dict[str, Any]:
    return {"timestamp": f"2026-09-21T14:{int(second // 60):02}:{second % 60:06.3f}Z", "type": kind, "payload": payload}


def item(kind: str, second: float, **payload: Any) -> dict[str, Any]:
    return line("response_item", second, type=kind, **payload)


def event(kind: str, second: float, **payload: Any) -> dict[str, Any]:
    return line("event_msg", second, type=kind, **payload)


def count(second: float, total: int, last: int, cached: int = 0) -> dict[str, Any]:
    def usage(tokens: int) -> dict[str, int]:
        return {"input_tokens": tokens, "cached_input_tokens": cached, "output_tokens": 10, "reasoning_output_tokens": 4, "total_tokens": tokens + 10}

    return event("token_count", second, info={"total_token_usage": usage(total), "last_token_usage": usage(last)}, rate_limits={"primary": second})


def prompt(second: float, said: str) -> list[dict[str, Any]]:
    return [item("message", second, role="user", content=[{"type": "input_text", "text": said}]), event("user_message", second, message=said)]


HEAD = [
    line("session_meta", 0, id=SESSION, cwd="/w", cli_version="0.99.0", model_provider="openai", git={"branch": "main"}),
    item("message", 0, role="user", content=[{"type": "input_text", "text": "<environment_context>…"}]),
]
CONTEXT = line("turn_context", 1, model="gpt-5-codex", cwd="/w")
TURN = [
    *prompt(1, "List the files"),
    CONTEXT,
    item("reasoning", 2, summary=[{"type": "summary_text", "text": "Use ls"}], encrypted_content="gAAA"),
    event("agent_reasoning", 2, text="Use ls"),
    item("function_call", 3, name="shell", arguments='{"command":["ls"]}', call_id="call_1"),
    item("function_call", 3, name="shell", arguments='{"command":["false"]}', call_id="call_2"),
    count(3.5, 100, 100, 60),
    item("function_call_output", 4, call_id="call_1", output='{"output":"a.py","metadata":{"exit_code":0,"duration_seconds":0.5}}'),
    item("function_call_output", 5, call_id="call_2", output='{"output":"no","metadata":{"exit_code":1}}'),
    count(5.1, 100, 100, 60),
    item("message", 7, role="assistant", content=[{"type": "output_text", "text": "One file"}]),
    event("agent_message", 7, message="One file"),
    count(7.5, 250, 150, 60),
    event("task_complete", 8, last_agent_message="One file"),
]


def test_calls_and_tokens_are_those_that_were(watch: Make) -> None:
    """Two calls though three token counts were written; cached tokens are part of the input."""
    trial = watch("codex")
    trial.write(FILE, *HEAD, *TURN)
    told = [call.attributes for call in trial.told().of("chat")]
    assert [(a["gen_ai.usage.input_tokens"], a["gen_ai.usage.cache_read.input_tokens"], a["gen_ai.usage.output_tokens"]) for a in told] == [
        (100, 60, 10),
        (150, 60, 10),
    ]
    assert {a["gen_ai.request.model"] for a in told} == {"gpt-5-codex"}


def test_a_turn_has_its_tools_in_its_trace(watch: Make) -> None:
    """Below one agent span, with arguments, result and failure; the prompt is told once though it is written twice."""
    trial = watch("codex")
    trial.write(FILE, *HEAD, *TURN)
    story = trial.told()
    assert story.tree["invoke_agent codex"] == ["chat gpt-5-codex", "execute_tool shell", "execute_tool shell", "chat gpt-5-codex"]
    fine, failed = story.of("execute_tool")
    assert (fine.failed, fine.attributes["gen_ai.tool.call.result"], json.loads(str(fine.attributes["gen_ai.tool.call.arguments"]))) == (
        None,
        "a.py",
        {"command": ["ls"]},
    )
    assert failed.attributes["error.type"] == "tool_error"
    assert [event.name for event in story.events] == ["agent.user_prompt"]


def test_tokens_that_are_told_after_the_tool_belong_to_its_call(watch: Make) -> None:
    """As older versions wrote them."""
    trial = watch("codex")
    late = [TURN[0], TURN[1], CONTEXT, TURN[5], TURN[8], count(4.5, 100, 100), TURN[11], count(7.5, 250, 150)]
    trial.write(FILE, *HEAD, *late)
    assert [call.attributes["gen_ai.usage.input_tokens"] for call in trial.told().of("chat")] == [100, 150]


def test_a_restart_between_calls_counts_no_tokens_twice(watch: Make) -> None:
    """The totals that tell a repeated count from a new one are remembered."""
    trial = watch("codex")
    trial.write(FILE, *HEAD, *TURN)
    assert len(trial.told().of("chat")) == 2
    trial.restart()
    trial.write(
        FILE,
        count(9, 250, 150, 60),
        *prompt(10, "Again"),
        item("message", 11, role="assistant", content=[{"type": "output_text", "text": "No"}]),
        count(12, 300, 50),
    )
    assert [call.attributes["gen_ai.usage.input_tokens"] for call in trial.told().of("chat")] == [50]


def test_a_fork_does_not_repeat_what_it_was_forked_from(watch: Make) -> None:
    """The copy at its begin is left out, counted, and its totals are known."""
    trial = watch("codex")
    fork = SESSION.replace("0001", "0002")
    at = "2026-09-21T15:00:00.100Z"
    copied = [{**told, "timestamp": at} for told in (*HEAD, *TURN)]
    head = {**line("session_meta", 0, id=fork, forked_from_id=SESSION, cwd="/w"), "timestamp": "2026-09-21T15:00:00Z"}
    answer = item("message", 3700, role="assistant", content=[{"type": "output_text", "text": "Yes"}])
    new = [*prompt(3690, "Other way"), CONTEXT, answer, count(3701, 400, 150)]
    for told in new:
        told["timestamp"] = told["timestamp"].replace("T14:61", "T15:01")
    trial.write(FILE.replace("0001", "0002"), head, *copied, *new)
    story = trial.told()
    assert [call.attributes["gen_ai.usage.input_tokens"] for call in story.of("chat")] == [150]
    assert {span.attributes["session.id"] for span in story.spans} == {fork}
    assert trial.counts.drops["copied"] == len(copied)


def test_interruptions_and_compaction_are_events(watch: Make) -> None:
    """Of the turn in which they happened."""
    trial = watch("codex")
    trial.write(FILE, *HEAD, *TURN[:4], line("compacted", 5, message="so far"), event("turn_aborted", 6, reason="interrupted"))
    assert [event.name for event in trial.told().events] == ["agent.user_prompt", "agent.compaction", "agent.interrupted"]


def test_rollouts_of_old_versions_are_read(watch: Make) -> None:
    """Items without an envelope; the first line names the session."""
    trial = watch("codex")
    bare = [told["payload"] for told in TURN if told["type"] == "response_item"]
    trial.write(FILE, {"id": SESSION, "timestamp": "2026-09-21T14:00:00Z", "instructions": None}, {"record_type": "state"}, *bare)
    story = trial.told()
    assert [span.name for span in story.of("execute_tool")] == ["execute_tool shell", "execute_tool shell"]
    assert len(story.of("chat")) == 2
    trial.restart()
    trial.write(FILE, {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "More"}]})
    more = trial.told()
    assert len(more.of("chat")) == 1
    assert more.spans[0].trace_id == story.spans[0].trace_id


LONG = [
    *HEAD,
    *TURN,
    *prompt(20, "Go on"),
    line("compacted", 21, message="so far"),
    item("reasoning", 22, summary=[{"type": "summary_text", "text": "Hm"}]),
    item("custom_tool_call", 23, name="apply_patch", input="*** Begin", call_id="call_3"),
    item("custom_tool_call_output", 24, call_id="call_3", output="Exit code: 1\nno"),
    count(24.5, 400, 150),
    event("turn_aborted", 25, reason="interrupted"),
    *prompt(30, "Stop"),
    item("message", 31, role="assistant", content=[{"type": "output_text", "text": "Yes"}]),
    count(32, 500, 100),
    count(33, 500, 100),
]


@given(cuts=st.lists(st.tuples(st.integers(1, len(LONG)), st.booleans(), st.booleans()), max_size=6))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_it_is_read_the_story_is_the_same(watch: Make, cuts: list[tuple[int, bool, bool]]) -> None:
    """Read at once, or in pieces with restarts and rests between: the same spans with the same content, and no event twice."""
    whole = watch("codex")
    whole.write(FILE, *LONG)
    wanted = whole.told()
    trial, at, told = watch("codex"), 0, []
    for cut, restart, rest in [*sorted(cuts), (len(LONG), False, True)]:
        trial.write(FILE, *LONG[at : max(at, cut)])
        at = max(at, cut)
        told += trial.told(rest=rest).items
        if restart:
            trial.restart()
    story = type(wanted)(told)
    assert {(span.trace_id, span.span_id): span for span in story.spans} == {(span.trace_id, span.span_id): span for span in wanted.spans}
    assert sorted(map(repr, story.events)) == sorted(map(repr, wanted.events))
