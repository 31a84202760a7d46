"""Promises about sightings: a run shows the version by its first model call."""

from __future__ import annotations

import itertools
from typing import Any

import pyarrow as pa
import pytest

from spyglass.show.tool_definitions import tool_definitions
from spyglass.store.read.sightings import Sightings
from spyglass.testing.rows import spans

SECOND_NS = 10**9
DAY_NS = 86_400 * SECOND_NS
KIND, BRIEF, ASKED = b"k" * 16, b"b" * 16, b"a" * 16
PLAIN = {"agent_version": "", "attributes": [[]], "attribute_types": "", "input_messages": [[]], "duration_ns": SECOND_NS}
_traces = itertools.count(1)
_days = itertools.count(4_000)  # nothing of other tests, which use the same store, arrives there


@pytest.fixture
def at_ns(tables: Any) -> int:
    """When it happens: on a day of its own. Messages are known."""
    at_ns = int(tables.scope().from_ns + next(_days) * DAY_NS)
    told = ["be kind", "be brief", "hello", "bye"]
    tables.messages(3, at_ns=at_ns, hash=[KIND, BRIEF, ASKED, b"z" * 16], role=["system", "developer", "user", "user"], text=told)
    return at_ns


def look(tables: Any, at_ns: int, looking: Sightings | None = None) -> list[Any]:
    """What is seen of what arrived on that day."""
    found, _ = (looking or Sightings(tables.engine.read, tool_definitions))(at_ns - 1, at_ns + DAY_NS // 2)
    assert {one.project for one in found} <= {tables.project}
    return found


def span(tables: Any, at_ns: int, kind: str, trace: int, **more: Any) -> None:
    told = {
        "start": [at_ns],
        "received": [at_ns],
        "kind": kind,
        "agent": "planner",
        "trace_id": trace.to_bytes(16),
        "span_id": (at_ns % 2**32).to_bytes(8),
        "request_model": "gpt-5",
    }
    tables.spans(1, **(PLAIN | told | more))


def test_a_run_is_seen_by_its_first_call(tables: Any, at_ns: int) -> None:
    """Prompt, model, settings and tools of that; version of the run."""
    trace = next(_traces)
    tools = '[{"name":"find","description":"' + "x" * 3000 + '"}]'
    sent = [("gen_ai.request.temperature", "0.2"), ("gen_ai.tool.definitions", tools), ("gen_ai.request.seed", "3")]
    span(
        tables, at_ns, "agent", trace, agent_version="2", duration_ns=10 * SECOND_NS, attributes=[[("spyglass.agent.config_version", "7")]], attribute_types="s"
    )
    span(tables, at_ns + 1, "llm", trace, input_messages=[[KIND, ASKED]], attributes=[sent], attribute_types="dsi")
    span(tables, at_ns + 2, "llm", trace, input_messages=[[BRIEF]], request_model="gpt-5-mini")
    (one,) = look(tables, at_ns)
    assert (one.agent, one.declared, one.prompts, one.model, one.settings) == ("planner", "2", ("be kind",), "gpt-5", {"temperature": 0.2})
    assert (one.tools[0]["name"], len(one.tools[0]["description"]), one.configuration, one.start_ns) == ("find", 3000, "7", at_ns)


def test_each_run_of_a_trace_is_seen(tables: Any, at_ns: int) -> None:
    """With the first call within it."""
    trace = next(_traces)
    for offset, asked in ((0, KIND), (100 * SECOND_NS, BRIEF)):
        span(tables, at_ns + offset, "agent", trace)
        span(tables, at_ns + offset + 1, "llm", trace, input_messages=[[asked]])
    assert [one.prompts for one in look(tables, at_ns)] == [("be kind",), ("be brief",)]


def test_calls_without_a_run_are_seen(tables: Any, at_ns: int) -> None:
    """The first of each agent in each trace."""
    first, second = next(_traces), next(_traces)
    span(tables, at_ns, "llm", first, input_messages=[[KIND]], agent_version="1")
    span(tables, at_ns + 1, "llm", first, input_messages=[[BRIEF]])
    span(tables, at_ns + 2, "llm", second, input_messages=[[BRIEF]])
    assert [(one.prompts, one.declared) for one in look(tables, at_ns)] == [(("be kind",), "1"), (("be brief",), "")]


def test_what_has_only_begun_is_not_judged(tables: Any, at_ns: int) -> None:
    """It names its version, and may not have told the rest."""
    span(tables, at_ns, "agent", next(_traces), agent_version="2", pending=True)
    (one,) = look(tables, at_ns)
    assert (one.declared, one.model, one.prompts) == ("2", "", ())


def test_runs_that_differ_only_in_their_tools_are_told_apart(tables: Any, at_ns: int) -> None:
    """Also when they arrive together; and tools that stand on the run are the call's."""
    for name in ("find", "go"):
        trace = next(_traces)
        sent = [("gen_ai.tool.definitions", f'[{{"name":"{name}"}}]')]
        span(tables, at_ns, "agent", trace, attributes=[sent], attribute_types="s")
        span(tables, at_ns + 1, "llm", trace, input_messages=[[KIND]])
    assert sorted(one.tools[0]["name"] for one in look(tables, at_ns)) == ["find", "go"]


def test_what_was_looked_at_is_not_looked_at_again(tables: Any, at_ns: int) -> None:
    """Until more of its trace arrives."""
    trace = next(_traces)
    looking = Sightings(tables.engine.read, tool_definitions)
    span(tables, at_ns, "llm", trace, input_messages=[[KIND]])
    assert [len(look(tables, at_ns, looking)) for _ in range(2)] == [1, 0]
    span(tables, at_ns + SECOND_NS, "llm", trace, received=[at_ns + 60 * SECOND_NS])
    assert len(look(tables, at_ns, looking)) == 1


def test_a_call_that_is_not_told_yet_is_looked_at_again(tables: Any, at_ns: int) -> None:
    """Spans can be read a moment before it is known whose calls they are."""
    trace = next(_traces).to_bytes(16)
    looking = Sightings(tables.engine.read, tool_definitions)
    call = {"at_ns": at_ns, "project": tables.project, "kind": "llm", "agent": "", "trace_id": trace, "input_messages": [[KIND]], "request_model": "gpt-5"}
    untold = tables.keep_untold(spans(1, **(PLAIN | call)))
    assert look(tables, at_ns, looking) == []
    tables.tell(untold.set_column(untold.schema.get_field_index("agent"), "agent", pa.array(["planner"]).cast(untold.schema.field("agent").type)))
    assert [(one.agent, one.model) for one in look(tables, at_ns, looking)] == [("planner", "gpt-5")]
    assert look(tables, at_ns, looking) == []


def test_a_trace_whose_place_is_not_known_yet_is_looked_at_again(tables: Any, at_ns: int) -> None:
    """What is made of spans can be read a moment after them."""
    behind = [True]

    def read(sql: str, parameters: dict[str, Any]) -> pa.Table:
        found = tables.engine.read(sql, parameters)
        return found.slice(0, 0) if behind[0] and "FROM traces AS t" in sql else found

    looking = Sightings(read, tool_definitions)
    span(tables, at_ns, "llm", next(_traces), input_messages=[[KIND]])
    assert look(tables, at_ns, looking) == []
    behind[0] = False
    assert [len(look(tables, at_ns, looking)) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("key", "text", "settings"),
    [
        ("llm.invocation_parameters", '{"temperature": 0.5, "model": "x", "tools": []}', {"temperature": 0.5}),
        ("llm.invocation_parameters", "no json", {}),
        ("ai.settings.maxOutputTokens", "300", {"max_output_tokens": 300}),
        ("gen_ai.request.stop_sequences", '["a"]', {"stop_sequences": ["a"]}),
    ],
)
def test_settings_have_one_name_in_every_convention(tables: Any, at_ns: int, key: str, text: str, settings: dict[str, Any]) -> None:
    """And their own types."""
    span(tables, at_ns, "llm", next(_traces), input_messages=[[KIND]], attributes=[[(key, text)]], attribute_types="s")
    (one,) = look(tables, at_ns)
    assert one.settings == settings
