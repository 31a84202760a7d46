"""Gemini CLI, OpenHands and SWE-agent: documents that are written anew, and folders of event files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]


def at(second: float) -> str:
    return f"2026-09-21T14:00:{second:06.3f}Z"


# Gemini CLI

PROMPT = {"id": "m1", "timestamp": at(0), "type": "user", "content": "Read it"}
TOOL: dict[str, Any] = {"id": "t1", "name": "read_file", "args": {"path": "a"}, "status": "success", "timestamp": at(3)}
TOOL |= {"result": [{"functionResponse": {"id": "t1", "name": "read_file", "response": {"output": "hello"}}}]}
TOKENS = {"input": 100, "output": 5, "cached": 40, "thoughts": 7, "tool": 0, "total": 112}
FIRST: dict[str, Any] = {"id": "m2", "timestamp": at(2), "type": "gemini", "content": "", "model": "gemini-2.5-pro"}
FIRST |= {"thoughts": [{"subject": "Plan", "description": "read"}]}
FIRST |= {"toolCalls": [TOOL], "tokens": TOKENS}
LAST = {"id": "m3", "timestamp": at(5), "type": "gemini", "content": "It says hello", "model": "gemini-2.5-pro", "tokens": {**TOKENS, "input": 120}}


def chat(*messages: Any) -> str:
    return json.dumps({"sessionId": "g-1", "projectHash": "h", "startTime": at(0), "messages": messages}, indent=2)


def test_a_chat_is_told_as_it_grows_and_once(watch: Make) -> None:
    """The file is written anew with each message."""
    trial = watch("gemini_cli")
    trial.write("h/chats/session-1.json", chat(PROMPT, FIRST), mode="w")
    first = trial.told()
    trial.write("h/chats/session-1.json", chat(PROMPT, FIRST, LAST), mode="w")
    second = trial.told()
    assert [call.attributes["gen_ai.usage.input_tokens"] for call in first.of("chat")] == [100]
    assert [call.attributes["gen_ai.usage.input_tokens"] for call in second.of("chat")] == [120]
    assert second.of("execute_tool") == []
    assert first.of("invoke_agent")[0].span_id == second.of("invoke_agent")[0].span_id


def test_thoughts_are_part_of_the_output(watch: Make) -> None:
    """The format leaves them out of `output`."""
    trial = watch("gemini_cli")
    trial.write("h/chats/session-1.json", chat(PROMPT, FIRST), mode="w")
    story = trial.told()
    told = story.of("chat")[0].attributes
    assert (told["gen_ai.usage.output_tokens"], told["gen_ai.usage.reasoning.output_tokens"], told["gen_ai.usage.cache_read.input_tokens"]) == (12, 7, 40)
    assert story.of("execute_tool")[0].attributes["gen_ai.tool.call.result"] == "hello"


def test_a_document_that_is_being_written_waits(watch: Make) -> None:
    """Half a document says nothing yet, and is no mistake."""
    trial = watch("gemini_cli")
    path = trial.write("h/chats/session-1.json", chat(PROMPT, FIRST)[:200], mode="w")
    assert trial.told(rest=False).items == []
    path.write_text(chat(PROMPT, FIRST))
    trial.clock.now_s += 1
    trial.touch(path)
    assert len(trial.told().of("chat")) == 1
    assert trial.counts.drops["undecodable"] == 0


def test_a_chat_of_lines_is_read_too(watch: Make) -> None:
    """Later lines of a message replace it; what was rewound did happen, and stays told."""
    trial = watch("gemini_cli")
    head = {"sessionId": "g-2", "projectHash": "h", "startTime": at(0)}
    trial.write("h/chats/session-2.jsonl", head, PROMPT, {**FIRST, "tokens": None}, FIRST, {"$set": {"lastUpdated": at(9)}}, LAST)
    assert [call.attributes["gen_ai.usage.input_tokens"] for call in trial.told().of("chat")] == [100, 120]


def test_prompts_of_sessions_without_a_chat_are_events(watch: Make) -> None:
    """`logs.json` has prompts of all sessions; those with a chat are not told again."""
    trial = watch("gemini_cli")
    entries = [{"sessionId": name, "messageId": 0, "type": "user", "message": f"of {name}", "timestamp": at(1)} for name in ("abcdefgh-1", "zyxwvuts-2")]
    trial.write("h/logs.json", json.dumps(entries), mode="w")
    (trial.folder / "h/chats").mkdir()
    trial.write("h/chats/session-2026-abcdefgh.json", chat(PROMPT), mode="w")
    assert sorted(str(event.body) for event in trial.told().events) == ["Read it", "of zyxwvuts-2"]


# OpenHands

RESPONSE: dict[str, Any] = {"id": "chatcmpl-1", "model": "claude-sonnet-4"}
RESPONSE |= {"usage": {"prompt_tokens": 50, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": 20}}}
CALLS = {"function_name": "execute_bash", "tool_call_id": "call_1", "model_response": RESPONSE}
OLD = [
    {"id": 0, "source": "user", "action": "message", "args": {"content": "List"}},
    {"id": 1, "source": "agent", "action": "run", "args": {"command": "ls", "thought": "Look"}, "tool_call_metadata": CALLS},
    {"id": 2, "source": "agent", "observation": "run", "content": "a.py", "cause": 1, "extras": {"metadata": {"exit_code": 0}}},
    {"id": 3, "source": "agent", "action": "finish", "args": {"final_thought": "Done"}},
]
for number, told in enumerate(OLD):
    told["timestamp"] = f"2026-09-21T14:00:{number:02}"


def test_a_folder_of_events_is_followed(watch: Make) -> None:
    """File by file, in the order of their numbers; the observation is the result of the action that caused it."""
    trial = watch("openhands")
    for number, told in enumerate(OLD[:2]):
        trial.write(f"conv-1/events/{number}.json", told)
    trial.touch(trial.folder / "conv-1/events")
    first = trial.told()
    for number, told in enumerate(OLD[2:], 2):
        trial.write(f"conv-1/events/{number}.json", told)
    trial.touch(trial.folder / "conv-1/events")
    second = trial.told()
    assert [call.attributes["gen_ai.response.id"] for call in first.of("chat")] == ["chatcmpl-1"]
    assert second.of("execute_tool")[0].attributes["gen_ai.tool.call.result"] == "a.py"
    assert second.of("execute_tool")[0].parent_span_id == first.of("invoke_agent")[0].span_id
    assert {span.attributes["session.id"] for span in first.spans} == {"conv-1"}


def test_tokens_of_a_response_count_once_though_two_actions_came_of_it(watch: Make) -> None:
    """Parallel tool calls name the same response."""
    trial = watch("openhands_trajectories")
    twin = {**OLD[1], "id": 9, "tool_call_metadata": {**CALLS, "tool_call_id": "call_2"}}
    trial.write("my-trajectory.json", json.dumps([OLD[0], OLD[1], twin, OLD[2]]), mode="w")
    story = trial.told()
    assert [call.attributes["gen_ai.usage.input_tokens"] for call in story.of("chat")] == [50]


def test_events_of_the_new_kind_are_read(watch: Make) -> None:
    """`ActionEvent` and `ObservationEvent`, joined by the call's id."""
    trial = watch("openhands")
    said = {"role": "user", "content": [{"type": "text", "text": "List"}]}
    call = {"tool_name": "terminal", "tool_call_id": "call_7"}
    events: list[dict[str, Any]] = [
        {"kind": "MessageEvent", "id": "a", "timestamp": at(0), "source": "user", "llm_message": said},
        {"kind": "ActionEvent", "id": "b", "timestamp": at(2), "source": "agent", "llm_response_id": "resp-7", **call},
        {"kind": "ObservationEvent", "id": "c", "timestamp": at(3), "source": "environment", "action_id": "b", **call},
    ]
    events[1] |= {"tool_call": {"id": "call_7", "name": "terminal", "arguments": '{"command":"ls"}'}, "thought": [{"type": "text", "text": "Look"}]}
    events[2] |= {"observation": {"kind": "TerminalObservation", "content": [{"type": "text", "text": "a.py"}], "exit_code": 2}}
    for number, told in enumerate(events):
        trial.write(f"conv-2/events/event-{number:05}-x.json", told)
    trial.touch(trial.folder / "conv-2/events")
    story = trial.told()
    tool = story.of("execute_tool")[0]
    assert (tool.name, tool.attributes["gen_ai.tool.call.result"], tool.attributes["process.exit.code"]) == ("execute_tool terminal", "a.py", 2)
    assert story.of("chat")[0].attributes["gen_ai.response.id"] == "resp-7"


def test_an_evaluation_has_a_trace_per_task(watch: Make) -> None:
    """With what each call cost, where the file says so."""
    trial = watch("openhands_output")
    history = [
        {"action": "message", "content": "Add a file", "wait_for_response": False},
        {"action": "run", "command": "touch a", "thought": "Easy"},
        {"observation": "run", "content": "", "command": "touch a", "exit_code": 0},
        {"action": "finish", "outputs": {}, "thought": "Done"},
    ]
    tasks = [{"instance_id": f"task-{n}", "history": history, "metrics": {"accumulated_cost": 0.3, "costs": [0.1, 0.2]}} for n in range(2)]
    trial.write("output.jsonl", *tasks)
    story = trial.told()
    assert len({span.trace_id for span in story.spans}) == 2
    assert [call.attributes["gen_ai.cost.total_cost"] for call in story.of("chat")] == [0.1, 0.1, 0.2, 0.2]


# SWE-agent


def trajectory(steps: int, **info: Any) -> str:
    history = [{"role": "system", "content": "You"}, {"role": "user", "content": "shown", "is_demo": True}, {"role": "user", "content": "Fix it"}]
    for number in range(steps):
        history.append({"role": "assistant", "content": f"do {number}", "thought": f"think {number}", "action": f"ls {number}"})
        history.append({"role": "user", "content": f"saw {number}"})
    rows = [{"action": f"ls {n}", "observation": f"saw {n}", "thought": "", "execution_time": 0.5} for n in range(steps)]
    return json.dumps({"history": history, "trajectory": rows, "info": info})


def test_a_trajectory_is_one_trace_that_grows(watch: Make) -> None:
    """Each step is a call and a tool with the time that it took; written anew after each step, told once."""
    trial = watch("swe_agent")
    trial.write("t/a.traj", trajectory(2), mode="w")
    first = trial.told()
    stats = {"tokens_sent": 900, "tokens_received": 50, "instance_cost": 0.2}
    trial.write("t/a.traj", trajectory(3, exit_status="submitted", model_stats=stats, submission="diff"), mode="w")
    second = trial.told()
    assert [len(story.of(kind)) for story in (first, second) for kind in ("chat", "execute_tool")] == [2, 2, 1, 1]
    assert (first.of("execute_tool")[0].end_ns - first.of("execute_tool")[0].start_ns) // 10**8 == 5
    agent = second.of("invoke_agent")[0]
    assert (agent.trace_id, agent.attributes["gen_ai.usage.input_tokens"], agent.failed) == (first.spans[0].trace_id, 900, None)


def test_demonstrations_are_not_what_the_agent_did(watch: Make) -> None:
    """They are part of the prompt of some configurations."""
    trial = watch("swe_agent")
    trial.write("t/a.traj", trajectory(1, exit_status="exit_cost"), mode="w")
    story = trial.told()
    assert story.named("agent.user_prompt")[0].body == "Fix it"
    assert story.of("invoke_agent")[0].failed == "exit_cost"
