"""What each dialect promises: a span as its makers emit it in, canonical columns out."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from spyglass.model.batch import Batch
from spyglass.model.schema import CANONICAL, SCHEMAS, Kind
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.testing import rows

WIRE_ONLY = [name for name, _ in CANONICAL]
START = rows.BASE_NS

CASES = yaml.safe_load((Path(__file__).parent / "dialect_cases.yaml").read_text(encoding="utf-8"))

normalise = Normaliser(Dialects.load())


def typed(attributes: dict[str, Any]) -> tuple[list[tuple[str, str]], str]:
    """Attributes as they travel: texts and type codes."""
    entries, types = [], ""
    for key, value in attributes.items():
        code = {bool: "b", int: "i", float: "d", list: "a", dict: "k", type(None): "e"}.get(type(value), "s")
        text = value if code == "s" else "" if code == "e" else json.dumps(value, separators=(",", ":"))
        entries.append((key, text))
        types += code
    return entries, types


def event(name: str, after_s: float, attributes: dict[str, Any]) -> dict[str, Any]:
    """A span event, so long after its span's start."""
    entries, types = typed(attributes)
    return {"time": START + round(after_s * 1e9), "name": name, "attributes": entries, "attribute_types": types, "dropped_attributes": 0}


def span(attributes: dict[str, Any], *, resource: dict[str, Any] | None = None, **columns: Any) -> dict[str, Any]:
    """One span, normalised, as a dict of its columns."""
    entries, types = typed(attributes)
    told = {"name": "span", "scope_name": "", "status": "unset", "status_message": "", "events": [], "service": "app", "start": START, **columns}
    table = rows.spans(
        1,
        attributes=[entries],
        attribute_types=[types],
        resource_attributes=[list((resource or {}).items())],
        **{name: [value] for name, value in told.items()},
    )
    found: dict[str, Any] = normalise(Batch(Kind.SPAN, table.drop_columns(WIRE_ONLY))).rows.to_pylist()[0]
    return found


def log(attributes: dict[str, Any], **columns: Any) -> dict[str, Any]:
    """One log record, normalised."""
    entries, types = typed(attributes)
    told = {"event_name": "", "scope_name": "", **columns}
    table = rows.events(1, attributes=[entries], attribute_types=[types], resource_attributes=[[]], **{name: [value] for name, value in told.items()})
    drop = [name for name in (*WIRE_ONLY, "status", "duration_ns") if name in table.column_names]
    found: dict[str, Any] = normalise(Batch(Kind.EVENT, table.drop_columns(drop))).rows.to_pylist()[0]
    return found


def said(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The wanted columns of what was found, times rounded."""
    return {name: round(found[name], 4) if isinstance(found[name], float) else found[name] for name in wanted}


CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o-mini"}

KINDS = [
    # marker, value, kind (semconv.md section 2)
    ("langfuse.observation.type", "generation", "llm"),
    ("langfuse.observation.type", "embedding", "embedding"),
    ("langfuse.observation.type", "guardrail", "guardrail"),
    ("langfuse.observation.type", "event", "span"),
    ("langfuse.observation.type", "span", "span"),
    ("openinference.span.kind", "LLM", "llm"),
    ("openinference.span.kind", "reranker", "reranker"),
    ("openinference.span.kind", "PROMPT", "prompt"),
    ("openinference.span.kind", "UNKNOWN", "span"),
    ("mlflow.spanType", '"CHAT_MODEL"', "llm"),
    ("mlflow.spanType", '"PARSER"', "chain"),
    ("mlflow.spanType", '"WORKFLOW"', "workflow"),
    ("mlflow.spanType", '"UNKNOWN"', "span"),
    ("mastra.span.type", "agent_run", "agent"),
    ("mastra.span.type", "model_inference", "llm"),
    ("mastra.span.type", "model_generation", "chain"),
    ("mastra.span.type", "mcp_tool_call", "tool"),
    ("mastra.span.type", "workflow_run", "workflow"),
    ("genkit:metadata:subtype", "model", "llm"),
    ("genkit:metadata:subtype", "flow", "workflow"),
    ("genkit:type", "util", "chain"),
    ("genkit:metadata:subtype", "embedder", "embedding"),
    ("ai.operationId", "ai.generateText", "chain"),
    ("ai.operationId", "ai.generateText.doGenerate", "llm"),
    ("ai.operationId", "ai.streamText.doStream", "llm"),
    ("ai.operationId", "ai.embedMany.doEmbed", "embedding"),
    ("ai.operationId", "ai.toolCall", "tool"),
    ("traceloop.span.kind", "task", "chain"),
    ("traceloop.span.kind", "workflow", "workflow"),
    ("langsmith.span.kind", "parser", "chain"),
    ("langsmith.span.kind", "retriever", "retriever"),
    ("agentops.span.kind", "session", "workflow"),
    ("agentops.span.kind", "operation", "chain"),
    ("lmnr.span.type", "LLM", "llm"),
    ("lmnr.span.type", "EXECUTOR", "evaluator"),
    ("lmnr.span.type", "DEFAULT", "span"),
    ("mcp.method.name", "tools/call", "tool"),
    ("mcp.method.name", "resources/read", "mcp"),
    ("gen_ai.operation.name", "acompletion", "llm"),
    ("gen_ai.operation.name", "llm_call", "llm"),
    ("gen_ai.operation.name", "Generate_Content", "llm"),
    ("gen_ai.operation.name", "aembedding", "embedding"),
    ("gen_ai.operation.name", "tool_call", "tool"),
    ("gen_ai.operation.name", "create_agent", "create_agent"),
    ("gen_ai.operation.name", "invoke_graph", "workflow"),
    ("gen_ai.operation.name", "vector_db_retrieve", "retriever"),
    ("gen_ai.operation.name", "rerank", "reranker"),
    ("gen_ai.operation.name", "execute_event_loop_cycle", "chain"),
    ("gen_ai.operation.name", "update_memory", "memory"),
    ("gen_ai.operation.name", "delete_memory_store", "memory"),
    ("gen_ai.operation.name", "experiment", "evaluator"),
    ("gen_ai.operation.name", "something new", "span"),
    ("llm.request.type", "chat", "llm"),
    ("llm.request.type", "rerank", "reranker"),
    ("gen_ai.request.type", "embedding", "embedding"),
    ("gen_ai.tool.name", "search", "tool"),
    ("tool.name", "search", "tool"),
    ("spring.ai.kind", "tool_call", "tool"),
]


@pytest.mark.parametrize(("key", "value", "kind"), KINDS, ids=[f"{key}={value}" for key, value, _ in KINDS])
def test_marker_decides_the_kind(key, value, kind):
    """One marker alone is enough (the output shows that a model call was made)."""
    assert span({key: value, "output.value": "x"})["kind"] == kind


BY_NAME = [
    ({"name": "invoke_agent planner"}, {"openinference.span.kind": "LLM"}, "agent"),
    ({"name": "raw_gen_ai_request", "scope_name": "litellm"}, {"llm.openai.model": "gpt-4o"}, "chain"),
    ({"name": "turn", "scope_name": "litellm"}, {"llm.openai.messages": "[]", "llm.openai.model": "gpt-4o"}, "chain"),
    ({"name": "llm_node", "scope_name": "livekit-agents"}, {"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 3}, "chain"),
    ({"name": "llm_request_run", "scope_name": "livekit-agents"}, {"gen_ai.request.model": "gpt-4o"}, "chain"),
    ({"name": "llm_request", "scope_name": "livekit-agents"}, {"gen_ai.request.model": "gpt-4o"}, "llm"),
    ({"name": "execute_tool (merged)"}, {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "(merged tools)"}, "chain"),
    ({"name": "call_llm", "scope_name": "gcp.vertex.agent"}, {}, "llm"),
    ({"name": "invocation", "scope_name": "gcp.vertex.agent"}, {}, "workflow"),
    ({"name": "tool_call.search", "scope_name": "agentops.x"}, {"tool.name": "search"}, "chain"),
    ({"name": "OpenAI._prepare_chat_with_tools", "scope_name": "openinference.instrumentation.llama_index"}, {"openinference.span.kind": "LLM"}, "chain"),
    ({"name": "FinalAnswerTool", "scope_name": "openinference.instrumentation.smolagents"}, {"openinference.span.kind": "TOOL"}, "chain"),
    ({"name": "handoff to writer", "scope_name": "openinference.instrumentation.openai_agents"}, {"openinference.span.kind": "TOOL"}, "chain"),
    ({"name": "Travel", "scope_name": "openinference.instrumentation.openai_agents"}, {"openinference.span.kind": "AGENT"}, "workflow"),
    ({"name": "haystack.agent.run"}, {}, "agent"),
    ({"name": "haystack.agent.step.llm"}, {}, "llm"),
    ({"name": "haystack.agent.step.tool"}, {}, "tool"),
    ({"name": "haystack.pipeline.run"}, {}, "workflow"),
    ({"name": "haystack.component.run"}, {"haystack.component.type": "OpenAIChatGenerator"}, "llm"),
    ({"name": "haystack.component.run"}, {"haystack.component.type": "OpenAITextEmbedder"}, "embedding"),
    ({"name": "haystack.component.run"}, {"haystack.component.type": "InMemoryBM25Retriever"}, "retriever"),
    ({"name": "qwen-code.interaction"}, {}, "agent"),
    ({"name": "qwen-code.llm_request"}, {}, "llm"),
    ({"name": "qwen-code.hook"}, {}, "chain"),
    ({"name": "agent run", "scope_name": "pydantic-ai"}, {"agent_name": "a"}, "agent"),
    ({"name": "evaluate answers", "scope_name": "pydantic-evals"}, {}, "evaluator"),
    ({"name": "case: one", "scope_name": "pydantic-evals"}, {}, "evaluator"),
    ({"name": "handle_responses", "scope_name": "codex_exec"}, {"gen_ai.usage.input_tokens": "12"}, "llm"),
    ({"name": "handle_responses", "scope_name": "codex_exec"}, {"tool_name": "shell"}, "chain"),
    ({"name": "shell", "scope_name": "codex_exec"}, {"tool_name": "shell", "call_id": "c", "aborted": False}, "tool"),
    ({"name": "openai.embeddings"}, {"lmnr.span.type": "LLM"}, "embedding"),
    ({"name": "execute_tool writer-writer", "scope_name": "semantic_kernel.functions"}, {"gen_ai.operation.name": "execute_tool"}, "chain"),
    ({"name": "execute_tool Travel-book", "scope_name": "semantic_kernel.functions"}, {"gen_ai.operation.name": "execute_tool"}, "tool"),
    ({"name": "GET /"}, {"http.request.method": "GET"}, "span"),
]


@pytest.mark.parametrize(("columns", "attributes", "kind"), BY_NAME, ids=[f"{case[0]['name']} {index}" for index, case in enumerate(BY_NAME)])
def test_names_and_scopes_decide_where_no_marker_does(columns, attributes, kind):
    """Native tracers are known by names; helpers that look like calls are known too."""
    assert span(attributes, **columns)["kind"] == kind


def test_a_model_with_usage_is_a_call_without_any_marker():
    """A model's name together with tokens or messages is a model call; a model's name alone is not."""
    assert span({"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 3})["kind"] == "llm"
    assert span({"llm.model_name": "gpt-4o", "llm.input_messages.0.message.role": "user"})["kind"] == "llm"
    assert span({"gen_ai.request.model": "gpt-4o"})["kind"] == "span"


def test_the_better_marker_wins():
    """A span of three conventions has the kind of the first in the list, and that one's name."""
    found = span({"gen_ai.operation.name": "chat", "openinference.span.kind": "CHAIN", "langfuse.observation.type": "agent"})
    assert (found["kind"], found["dialect"]) == ("agent", "langfuse")


@pytest.mark.parametrize("case", CASES["spans"], ids=lambda case: case["case"])
def test_dialect_is_understood(case):
    """A span of this dialect gets these canonical columns."""
    columns = dict(case.get("columns", {}))
    columns["events"] = [event(**told) for told in columns.get("events", [])]
    assert said(span(case.get("attributes", {}), **columns), case["wanted"]) == case["wanted"]


@pytest.mark.parametrize("case", CASES["logs"], ids=lambda case: case["case"])
def test_log_records_that_are_calls_are_understood(case):
    """Where a session has no spans, its log records tell the calls."""
    assert said(log(case.get("attributes", {}), **case.get("columns", {})), case["wanted"]) == case["wanted"]


POINTS = [
    ({"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024"}, {"provider": "openai", "model": "gpt-4o-2024"}),
    (
        {"model": "claude-sonnet-4-5", "session.id": "s", "user.id": "u"},
        {"provider": "anthropic", "model": "claude-sonnet-4-5", "session_id": "s", "user_id": "u"},
    ),
    ({"metadata.mlflow.trace.session": "s", "metadata.mlflow.trace.user": "u"}, {"session_id": "s", "user_id": "u", "agent": "", "tool": ""}),
    ({"gen_ai.tool.name": "search", "gen_ai.agent.name": "planner"}, {"tool": "search", "agent": "planner"}),
]


@pytest.mark.parametrize(("attributes", "wanted"), POINTS)
def test_points_say_who_and_what(attributes, wanted):
    """Metric points are found by provider, model, agent, tool, session and user."""
    entries, types = typed(attributes)
    table = rows.points(1, attributes=[entries], attribute_types=[types], resource_attributes=[[]])
    found = normalise(Batch(Kind.POINT, table.drop_columns([name for name in WIRE_ONLY if name in table.column_names]))).rows.to_pylist()[0]
    assert said(found, wanted) == wanted


def test_a_streamed_call_of_logfire_is_two_halves_of_one():
    """Request and result share a pair key, which differs for another question."""
    asked = {**CALL, "request_data": '{"model":"gpt-4o"}', "gen_ai.input.messages": '[{"role":"user"}]'}
    request = span({**asked, "logfire.span_type": "span"}, scope_name="logfire.openai")
    result = span({**asked, "logfire.span_type": "log", "gen_ai.usage.input_tokens": 11}, name="streaming response from {x}", scope_name="logfire.openai")
    other = span({**asked, "gen_ai.input.messages": "[]", "logfire.span_type": "span"}, scope_name="logfire.openai")
    assert request["pair_key"] == result["pair_key"].replace("result:", "request:") != other["pair_key"]
    assert result["stream"]


def test_messages_of_a_call_are_not_its_input_and_output():
    """What the messages stage reads stays out of `input` and `output` of model calls, and is kept for tools."""
    assert span({"openinference.span.kind": "TOOL", "input.value": "x"})["input"] == "x"
    sources = {source.key for _, dialect in Dialects.load() for source in (*dialect.messages.input, *dialect.messages.output)}
    for key in sources & {"input.value", "output.value", "langfuse.observation.input"}:
        found = span({"openinference.span.kind": "LLM", "llm.token_count.prompt": 1, key: "x"})
        assert (found["input"], found["output"]) == ("", "")


def test_arrow_types_are_those_of_the_schema():
    """A normalised table has exactly the schema of its kind."""
    for kind, table in ((Kind.SPAN, rows.spans(3)), (Kind.EVENT, rows.events(3)), (Kind.POINT, rows.points(3))):
        wire = table.drop_columns([name for name in WIRE_ONLY if name in table.column_names])
        assert normalise(Batch(kind, wire)).rows.schema.equals(SCHEMAS[kind])
