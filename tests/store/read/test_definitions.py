"""What an agent is told to be is found in its runs and calls."""

from __future__ import annotations

from typing import Any

from spyglass.store.read.definitions import definitions

SECOND_NS = 10**9
OLD, NEW, ASKED = b"o" * 16, b"n" * 16, b"a" * 16


def test_each_version_and_prompt_is_a_definition(tables: Any) -> None:
    """Last seen first; what the user said is none."""
    at = tables.scope().from_ns + 3600 * SECOND_NS
    said = {"agent": "planner", "kind": "llm", "has_usage": True}
    tables.spans(3, start=[at, at + 1, at + 2], agent_version=["1", "1", "2"], input_messages=[[OLD, ASKED], [OLD, ASKED], [NEW, ASKED]], **said)
    tables.messages(3, hash=[OLD, NEW, ASKED, b"z" * 16], role=["system", "system", "user", "user"], text=["be brief", "be kind", "hello", "bye"])
    found, partial = definitions(tables.engine.read, tables.scope(), "planner")
    assert [(one.version, one.prompts, len(one.spans)) for one in found] == [("2", ("be kind",), 1), ("1", ("be brief",), 2)]
    assert found[1].first_ns < found[1].last_ns < found[0].first_ns
    assert not partial
    assert definitions(tables.engine.read, tables.scope(), "another") == ([], False)


def test_tools_are_told_whole(tables: Any) -> None:
    """Also where the value is so long that it is kept apart; other attributes are not asked for."""
    tools = '[{"name":"find","description":"' + "x" * 3000 + '"}]'
    tables.spans(1, agent="planner", kind="llm", attributes=[[("gen_ai.tool.definitions", tools), ("tools", "other")]], attribute_types="ss")
    (one,), _ = definitions(tables.engine.read, tables.scope(), "planner")
    assert one.tools == {"gen_ai.tool.definitions": tools}


def test_calls_before_their_run_belong_to_the_version_that_says_the_same(tables: Any) -> None:
    """A run that goes on has told its version nowhere yet: its prompt says which it is."""
    at = tables.scope().from_ns + 3600 * SECOND_NS
    said = {"agent": "planner", "kind": "llm", "has_usage": True, "input_messages": [[OLD]]}
    tables.spans(1, start=[at], agent_version="1", trace_id=b"1" * 16, **said)
    tables.spans(1, start=[at + 1], agent_version="", trace_id=b"2" * 16, **said)
    tables.messages(3, hash=[OLD, NEW, ASKED, b"z" * 16], role=["system", "user", "user", "user"], text=["be brief", "a", "b", "c"])
    found, _ = definitions(tables.engine.read, tables.scope(), "planner")
    assert [(one.version, one.prompts) for one in found] == [("1", ("be brief",))]


def test_tools_within_the_inputs_of_a_call_are_found(tables: Any) -> None:
    """And nothing else of them, nor of inputs that are no objects."""
    tools = '[{"type":"function","function":{"name":"find"}}]'
    given = '{"messages":[{"role":"user","content":"' + "x" * 3000 + '"}],"tools":' + tools + "}"
    attributes = [[("langfuse.observation.input", given), ("input.value", "hello")]]
    tables.spans(1, agent="planner", kind="llm", attributes=attributes, attribute_types="ss")
    (one,), _ = definitions(tables.engine.read, tables.scope(), "planner")
    assert one.tools == {"langfuse.observation.input": tools}


def test_prompts_that_log_records_tell_are_found(tables: Any) -> None:
    """A conversation's is kept with its first call; its run and the calls after it belong to the same definition, with their tools."""
    tools = [[("gen_ai.agent.tools", '["find"]')], [], []]
    told = tables.spans(
        3, agent="planner", kind=["agent", "llm", "llm"], input_messages=[[], [], []], attributes=tools, attribute_types=["s", "", ""], agent_version=""
    )
    first = {name: told[name][1].as_py() for name in ("trace_id", "span_id")}
    tables.messages(3, hash=[OLD, NEW, ASKED, b"z" * 16], role=["system", "user", "user", "user"], text=["be brief", "a", "b", "c"], direction="input", **first)
    (one,), _ = definitions(tables.engine.read, tables.scope(), "planner")
    assert (one.prompts, one.spans[0][32:], one.tools) == (("be brief",), first["span_id"].hex(), {"gen_ai.agent.tools": '["find"]'})
