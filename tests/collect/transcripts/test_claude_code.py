"""Claude Code's sessions become turns, calls, tools and sub-agents."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyglass.collect.transcripts.pieces import Limits

Make = Callable[..., Any]

SESSION = "6f1e2d3c-0000-4000-8000-000000000001"


def at(second: float) -> str:
    return f"2026-09-21T14:{int(second // 60):02}:{second % 60:06.3f}Z"


def record(kind: str, number: int, second: float, **more: Any) -> dict[str, Any]:
    uuid = f"00000000-0000-4000-8000-{number:012}"
    return {"type": kind, "uuid": uuid, "timestamp": at(second), "sessionId": SESSION, "version": "2.1.0", "cwd": "/w", "isSidechain": False, **more}


def says(number: int, second: float, message: str, *blocks: Any, stop: str | None = None, usage: Any = None, **more: Any) -> dict[str, Any]:
    usage = usage or {"input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 5, "output_tokens": 7}
    told = {"id": message, "model": "claude-opus-4-5", "role": "assistant", "content": list(blocks), "stop_reason": stop, "usage": usage}
    return record("assistant", number, second, message=told, requestId=f"req_{message}", **more)


def asks(number: int, second: float, content: Any, **more: Any) -> dict[str, Any]:
    return record("user", number, second, message={"role": "user", "content": content}, **more)


def text(said: str) -> dict[str, str]:
    return {"type": "text", "text": said}


def use(identity: str, name: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": identity, "name": name, "input": arguments}


def answers(number: int, second: float, identity: str, result: Any, *, wrong: bool = False, **more: Any) -> dict[str, Any]:
    return asks(number, second, [{"type": "tool_result", "tool_use_id": identity, "content": result, "is_error": wrong}], **more)


TURN = [
    asks(1, 0, "Fix the bug"),
    says(2, 2, "msg_1", {"type": "thinking", "thinking": "Look first", "signature": "x"}),
    says(3, 3, "msg_1", text("I look.")),
    says(4, 4, "msg_1", use("toolu_1", "Bash", command="ls")),
    answers(5, 5, "toolu_1", "a.py"),
    says(6, 6, "msg_1", use("toolu_2", "Read", file_path="/w/a.py"), stop="tool_use", usage={"input_tokens": 10, "output_tokens": 40}),
    answers(7, 8, "toolu_2", [text("no such file")], wrong=True),
    says(8, 12, "msg_2", text("Done."), stop="end_turn"),
]


def test_records_of_one_message_are_one_call(watch: Make) -> None:
    """Four records carry the message id and usage: one call, counted once, with all its parts, also those written after a result."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", *TURN)
    calls = trial.told().of("chat")
    assert [(call.attributes["gen_ai.response.id"], call.attributes["gen_ai.usage.output_tokens"]) for call in calls] == [("msg_1", 40), ("msg_2", 7)]
    parts = json.loads(str(calls[0].attributes["gen_ai.output.messages"]))[0]["parts"]
    assert [part["type"] for part in parts] == ["reasoning", "text", "tool_call", "tool_call"]


def test_cached_tokens_are_part_of_the_input(watch: Make) -> None:
    """The format leaves them out of `input_tokens`; the conventions have them in it."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", *TURN)
    told = trial.told().of("chat")[1].attributes
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.cache_read.input_tokens"], told["gen_ai.usage.cache_write.input_tokens"]) == (115, 100, 5)


def test_a_turn_is_an_agent_with_calls_and_tools(watch: Make) -> None:
    """One trace: the agent above, what it called below, in time; the session on each of them."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", *TURN)
    story = trial.told()
    below = ["chat claude-opus-4-5", "execute_tool Bash", "execute_tool Read", "chat claude-opus-4-5"]
    assert story.tree == {"": ["invoke_agent claude-code"], "invoke_agent claude-code": below}
    assert len({span.trace_id for span in story.spans}) == 1
    assert {span.attributes["session.id"] for span in story.spans} == {SESSION}
    agent = story.of("invoke_agent")[0]
    assert (agent.end_ns - agent.start_ns) / 1e9 == 12


def test_a_failed_tool_says_so(watch: Make) -> None:
    """Its status is an error, its result is kept, and the turn itself did not fail."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", *TURN)
    story = trial.told()
    fine, failed = story.of("execute_tool")
    assert fine.failed is None
    assert (failed.failed, failed.attributes["error.type"], failed.attributes["gen_ai.tool.call.result"]) == ("no such file", "tool_error", "no such file")
    assert story.of("invoke_agent")[0].failed is None


def test_a_call_carries_the_conversation_of_its_turn_in_order(watch: Make) -> None:
    """Prompt, answer with its tool calls, results: what the model read for its second call."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", *TURN)
    heard = json.loads(str(trial.told().of("chat")[1].attributes["gen_ai.input.messages"]))
    assert [message["role"] for message in heard] == ["user", "assistant", "tool", "tool"]


def test_each_prompt_begins_a_trace(watch: Make) -> None:
    """Turns of one session are traces of their own with one session id."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", *TURN, asks(20, 100, "And now the docs"), says(21, 103, "msg_3", text("Sure."), stop="end_turn"))
    agents = trial.told().of("invoke_agent")
    assert len({agent.trace_id for agent in agents}) == 2
    assert {agent.attributes["session.id"] for agent in agents} == {SESSION}


def test_a_running_turn_is_told_pending_then_finished_under_one_id(watch: Make) -> None:
    """A viewer sees it at once, and later the same span complete."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", *TURN[:4])
    begun = trial.told(rest=False)
    assert [(span.name, span.attributes.get("spyglass.pending")) for span in begun.spans if span.name.startswith("invoke")] == [
        ("invoke_agent claude-code", "true")
    ]
    trial.write("p/s.jsonl", *TURN[4:])
    ended = trial.told().of("invoke_agent")
    assert [agent.span_id for agent in ended] == [begun.of("invoke_agent")[0].span_id]
    assert "spyglass.pending" not in ended[0].attributes


def test_a_sub_agent_in_a_file_of_its_own_hangs_below_the_tool(watch: Make) -> None:
    """It is found by its prompt while it runs, though its file is read first."""
    trial = watch("claude_code")
    inner = {"isSidechain": True, "agentId": "ab12"}
    trial.write("p/agent-ab12.jsonl", asks(30, 5, "Search it", **inner), says(31, 7, "msg_9", text("Found."), stop="end_turn", **inner))
    assert trial.told(rest=False).items == []
    trial.write("p/s.jsonl", TURN[0], says(3, 4, "msg_1", use("toolu_7", "Task", prompt="Search it", subagent_type="Explore"), stop="tool_use"))
    trial.clock.now_s += 2
    tree = {span.name: span for span in trial.told(rest=False).spans}
    trial.write("p/s.jsonl", answers(5, 9, "toolu_7", "Found.", toolUseResult={"agentId": "ab12"}), says(6, 10, "msg_2", text("Ok"), stop="end_turn"))
    tool = trial.told().of("execute_tool")[0]
    child = tree["invoke_agent Explore"]
    assert (child.parent_span_id, child.trace_id) == (tool.span_id, tool.trace_id)


def test_a_side_chain_in_the_same_file_is_a_child_agent(watch: Make) -> None:
    """Its calls do not mix with those of the agent that started it, though their records alternate."""
    trial = watch("claude_code")
    side = {"isSidechain": True}
    chain = [asks(30, 5, "Search it", parentUuid=None, **side)]
    chain.append(says(31, 6, "msg_8", use("toolu_8", "Grep", pattern="x"), stop="tool_use", parentUuid=chain[0]["uuid"], **side))
    chain.append(answers(32, 7, "toolu_8", "1 match", parentUuid=chain[1]["uuid"], **side))
    chain.append(says(33, 8, "msg_9", text("Found."), stop="end_turn", parentUuid=chain[2]["uuid"], **side))
    start = says(3, 4, "msg_1", use("toolu_7", "Task", prompt="Search it", subagent_type="Explore"), stop="tool_use")
    trial.write("p/s.jsonl", TURN[0], start, *chain, answers(5, 9, "toolu_7", "Found."), says(6, 10, "msg_2", text("Ok"), stop="end_turn"))
    tree = trial.told().tree
    assert tree["invoke_agent Explore"] == ["chat claude-opus-4-5", "execute_tool Grep", "chat claude-opus-4-5"]
    assert tree["execute_tool Task"] == ["invoke_agent Explore"]
    assert len(tree["invoke_agent claude-code"]) == 3


def test_what_happens_besides_is_told_as_events(watch: Make) -> None:
    """Compaction, retries, denied tools and interruptions are events of their turn."""
    trial = watch("claude_code")
    denied = "The user doesn't want to proceed with this tool use. The tool use was rejected."
    trial.write(
        "p/s.jsonl",
        *TURN[:4],
        answers(5, 5, "toolu_1", denied, wrong=True, toolUseResult="User rejected tool use"),
        record("system", 9, 6, subtype="api_error", retryAttempt=1, maxRetries=10),
        record("system", 10, 7, subtype="compact_boundary", content="Conversation compacted", compactMetadata={"trigger": "auto", "preTokens": 150000}),
        asks(11, 8, [text("[Request interrupted by user for tool use]")]),
    )
    story = trial.told()
    names = [event.name for event in story.events]
    assert names == ["agent.user_prompt", "agent.permission_denied", "agent.api_retry", "agent.compaction", "agent.interrupted"]
    assert story.named("agent.compaction")[0].attributes["spyglass.compaction.tokens_before"] == 150000
    assert {event.trace_id for event in story.events} == {story.spans[0].trace_id}


def test_an_error_of_the_api_is_a_failed_call_without_tokens(watch: Make) -> None:
    """The agent writes it as an answer of a model that does not exist."""
    trial = watch("claude_code")
    failed = says(2, 3, "x", text("API Error: 529 overloaded"), isApiErrorMessage=True, error="overloaded")
    failed["message"]["model"] = "<synthetic>"
    trial.write("p/s.jsonl", TURN[0], failed)
    call = trial.told().of("chat")[0]
    assert (call.failed, call.attributes["error.type"]) == ("API Error: 529 overloaded", "overloaded")
    assert "gen_ai.usage.input_tokens" not in call.attributes


def test_pictures_leave_the_file_as_type_size_and_hash(watch: Make) -> None:
    """Never as content."""
    trial = watch("claude_code")
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}}
    trial.write("p/s.jsonl", asks(1, 0, [text("What is it?"), picture]), TURN[-1])
    said = str(trial.told().of("chat")[0].attributes["gen_ai.input.messages"])
    assert json.loads(said)[0]["parts"][1]["size_bytes"] == 5
    assert "aGVsbG8=" not in said


def test_copied_history_is_told_once(watch: Make) -> None:
    """A session taken up again in a new file repeats the records of the old one: only what is new is told, and only once."""
    trial = watch("claude_code")
    trial.write("p/old.jsonl", *TURN)
    trial.told()
    other = "6f1e2d3c-0000-4000-8000-000000000002"
    copied = [{**told, "sessionId": other} for told in TURN]
    more = [{**asks(40, 100, "Go on"), "sessionId": other}, {**says(41, 101, "msg_4", text("Yes"), stop="end_turn"), "sessionId": other}]
    trial.write("p/new.jsonl", *copied, *more)
    story = trial.told()
    assert [span.name for span in story.spans] == ["invoke_agent claude-code", "chat claude-opus-4-5"]
    assert [event.body for event in story.events] == ["Go on"]
    assert trial.counts.drops["copied"] > 0


def test_a_tool_that_never_answered_is_abandoned_when_the_turn_is_over(watch: Make) -> None:
    """While the turn runs it may still answer; after the next prompt it will not."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", *TURN[:4])
    assert trial.told().of("execute_tool") == []
    trial.write("p/s.jsonl", asks(20, 100, "Never mind"))
    assert [(tool.name, tool.attributes["error.type"]) for tool in trial.told().of("execute_tool")] == [("execute_tool Bash", "abandoned")]


def test_what_is_said_while_the_agent_works_is_heard_by_the_next_call(watch: Make) -> None:
    """A queued prompt is no turn of its own."""
    trial = watch("claude_code")
    queued = record("attachment", 60, 5, attachment={"type": "queued_command", "prompt": "Be quick"})
    trial.write("p/s.jsonl", *TURN[:5], queued, TURN[-1])
    story = trial.told()
    assert len(story.of("invoke_agent")) == 1
    assert "Be quick" in str(story.of("chat")[1].attributes["gen_ai.input.messages"])


CHAIN = {"isSidechain": True}
LONG = [
    *TURN[:4],
    asks(30, 4.5, "Search it", parentUuid=None, **CHAIN),
    *TURN[4:],
    asks(40, 20, "<command-name>/review</command-name>"),
    asks(41, 20, [text("Review it")], isMeta=True),
    says(42, 22, "msg_3", use("toolu_7", "Task", prompt="Look", subagent_type="Explore"), stop="tool_use"),
    asks(43, 23, "Look", parentUuid=None, **CHAIN),
    says(44, 24, "msg_4", text("Seen"), stop="end_turn", parentUuid=asks(43, 23, "")["uuid"], **CHAIN),
    answers(45, 25, "toolu_7", "Seen"),
    record("system", 46, 26, subtype="compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 1}),
    *(says(50 + n, 30 + n, f"msg_{5 + n // 2}", text(str(n))) for n in range(12)),
    asks(70, 50, "Bye"),
    says(71, 51, "msg_20", text("Bye"), stop="end_turn"),
]


@given(cuts=st.lists(st.tuples(st.integers(1, len(LONG)), st.booleans(), st.booleans()), max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_it_is_read_the_story_is_the_same(watch: Make, cuts: list[tuple[int, bool, bool]]) -> None:
    """Read at once, or in pieces with restarts and rests between: the same spans with the same content, and no event twice."""
    whole = watch("claude_code", limits=Limits(calls=4))
    whole.write("p/s.jsonl", *LONG)
    wanted = whole.told()
    trial, at, told = watch("claude_code", limits=Limits(calls=4)), 0, []
    for cut, restart, rest in [*sorted(cuts), (len(LONG), False, True)]:
        trial.write("p/s.jsonl", *LONG[at : max(at, cut)])
        at = max(at, cut)
        told += trial.told(rest=rest).items
        if restart:
            trial.restart()
    story = type(wanted)(told)
    assert {(span.trace_id, span.span_id): span for span in story.spans} == {(span.trace_id, span.span_id): span for span in wanted.spans}
    assert sorted(map(repr, story.events)) == sorted(map(repr, wanted.events))


def test_unknown_records_are_kept_as_events(watch: Make) -> None:
    """A version to come may write what nobody knows yet."""
    trial = watch("claude_code")
    trial.write("p/s.jsonl", TURN[0], record("hologram", 50, 1, data={"a": 1}))
    assert [event.attributes["spyglass.transcript.type"] for event in trial.told().named("transcript.record")] == ["hologram"]


def test_a_very_long_turn_goes_on_in_another_trace(watch: Make) -> None:
    """No trace grows without bound; the traces share the session."""
    trial = watch("claude_code", limits=Limits(calls=3))
    trial.write("p/s.jsonl", TURN[0], *(says(10 + n, 2 + n, f"msg_{n}", text(str(n))) for n in range(7)))
    story = trial.told()
    assert len(story.of("chat")) == 7
    assert len({span.trace_id for span in story.spans}) == 3
    trial.restart()
    trial.write("p/s.jsonl", says(20, 20, "msg_7", text("7")))
    more = trial.told()
    assert [call.attributes["gen_ai.response.id"] for call in more.of("chat")] == ["msg_7"]
    assert more.spans[0].trace_id == story.spans[-1].trace_id


def test_a_command_that_the_model_answers_is_a_prompt(watch: Make) -> None:
    """One that the program answers by itself is an event; and both are the same after a restart."""
    trial = watch("claude_code")
    local = [asks(20, 20, "<command-name>/model</command-name>"), asks(21, 21, "<local-command-stdout>opus</local-command-stdout>")]
    custom = [asks(22, 30, "<command-message>x</command-message><command-name>/review</command-name>"), asks(23, 30, [text("Review it")], isMeta=True)]
    trial.write("p/s.jsonl", *TURN, *local, *custom, says(24, 33, "msg_3", text("Fine."), stop="end_turn"))
    story = trial.told()
    assert [str(event.body)[:9] for event in story.named("agent.command")] == ["<command-", "<local-co"]
    assert [event.body for event in story.named("agent.user_prompt")][1:] == ["<command-message>x</command-message><command-name>/review</command-name>"]
    assert [(agent.start_ns // 10**9 % 60, agent.end_ns // 10**9 % 60) for agent in story.of("invoke_agent")] == [(0, 12), (30, 33)]
    trial.restart()
    trial.write("p/s.jsonl", says(25, 35, "msg_4", text("More."), stop="end_turn"))
    assert {span.trace_id for span in trial.told().spans} == {story.spans[-1].trace_id}
