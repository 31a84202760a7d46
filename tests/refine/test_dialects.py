"""What each dialect promises: a span as its makers emit it in, canonical columns out."""

import json
from typing import Any

import pytest

from spyglass.model.batch import Batch
from spyglass.model.schema import CANONICAL, SCHEMAS, Kind
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.testing import rows

WIRE_ONLY = [name for name, _ in CANONICAL]
START = rows.BASE_NS

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


def event(name: str, after_s: float = 0.1, **attributes: Any) -> dict[str, Any]:
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


# name, attributes, columns, what is promised
CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "otel_genai now",
        {
            **CALL,
            "gen_ai.provider.name": "openai",
            "gen_ai.response.model": "gpt-4o-mini-2024",
            "gen_ai.response.id": "chatcmpl-1",
            "gen_ai.response.finish_reasons": ["tool_calls", "stop"],
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 20,
            "gen_ai.usage.cache_read.input_tokens": 64,
            "gen_ai.usage.cache_write.input_tokens": 8,
            "gen_ai.usage.reasoning.output_tokens": 5,
            "gen_ai.request.stream": True,
            "gen_ai.response.time_to_first_chunk": 0.25,
            "gen_ai.conversation.id": "c-1",
            "gen_ai.agent.name": "planner",
            "gen_ai.agent.id": "a-1",
            "gen_ai.agent.version": "7",
            "user.id": "ada",
        },
        {},
        {
            "kind": "llm",
            "operation": "chat",
            "dialect": "otel_genai",
            "provider": "openai",
            "request_model": "gpt-4o-mini",
            "response_model": "gpt-4o-mini-2024",
            "model": "gpt-4o-mini-2024",
            "response_id": "chatcmpl-1",
            "finish_reasons": ["tool_call", "stop"],
            "input_tokens": 100,
            "output_tokens": 20,
            "cache_read_tokens": 64,
            "cache_write_tokens": 8,
            "reasoning_tokens": 5,
            "has_usage": True,
            "reported_tokens": 0,
            "stream": True,
            "time_to_first_chunk_s": 0.25,
            "session_id": "c-1",
            "agent": "planner",
            "agent_id": "a-1",
            "agent_version": "7",
            "user_id": "ada",
        },
    ),
    (
        "otel_genai of 1.28",
        {**CALL, "gen_ai.system": "az.ai.openai", "gen_ai.usage.prompt_tokens": 7, "gen_ai.usage.completion_tokens": 3},
        {},
        {"provider": "azure.ai.openai", "input_tokens": 7, "output_tokens": 3, "model": "gpt-4o-mini"},
    ),
    (
        "otel_genai tool",
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "search",
            "gen_ai.tool.call.id": "call_1",
            "gen_ai.tool.call.arguments": '{"q":1}',
            "gen_ai.tool.call.result": "found",
        },
        {"name": "execute_tool search"},
        {"kind": "tool", "tool": "search", "tool_call_id": "call_1", "input": '{"q":1}', "output": "found"},
    ),
    ("agent named by the span", {"gen_ai.operation.name": "invoke_agent"}, {"name": "invoke_agent planner"}, {"agent": "planner"}),
    ("tool named by the span", {"gen_ai.operation.name": "execute_tool"}, {"name": "execute_tool search"}, {"tool": "search"}),
    (
        "AI SDK 7 names spans after models",
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "gpt-4o"},
        {"name": "invoke_agent gpt-4o", "scope_name": "gen_ai"},
        {"kind": "agent", "agent": ""},
    ),
    ("no conversation is a response id", {**CALL, "gen_ai.conversation.id": "resp_1"}, {}, {"session_id": ""}),
    ("session of the resource", CALL, {"resource": {"session.id": "s-9"}}, {"session_id": "s-9"}),
    (
        "anthropic sdk",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": "claude-sonnet-4-5",
            "gen_ai.usage.input_tokens": 516,
            "gen_ai.usage.output_tokens": 62,
            "gen_ai.usage.cache_write.input_tokens": 128,
            "anthropic.message.stop_reason": "end_turn",
        },
        {"scope_name": "com.anthropic.sdk.python"},
        {"input_tokens": 516, "cache_write_tokens": 128, "finish_reasons": ["stop"]},
    ),
    (
        "openinference",
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "gpt-4o-mini-2024",
            "llm.invocation_parameters": '{"model": "gpt-4o-mini", "stream": true}',
            "llm.provider": "openai",
            "llm.finish_reason": "stop",
            "llm.token_count.prompt": 100,
            "llm.token_count.completion": 20,
            "llm.token_count.prompt_details.cache_read": 64,
            "llm.token_count.completion_details.reasoning": 4,
            "llm.cost.total": 0.0081,
            "output.value": '{"id":"chatcmpl-9","choices":[]}',
            "session.id": "s",
            "user.id": "u",
        },
        {},
        {
            "dialect": "openinference",
            "provider": "openai",
            "request_model": "gpt-4o-mini",
            "model": "gpt-4o-mini-2024",
            "response_id": "chatcmpl-9",
            "stream": True,
            "input_tokens": 100,
            "output_tokens": 20,
            "cache_read_tokens": 64,
            "reasoning_tokens": 4,
            "reported_cost_usd": 0.0081,
            "session_id": "s",
            "user_id": "u",
            "finish_reasons": ["stop"],
        },
    ),
    (
        "openinference on LangChain",
        {"openinference.span.kind": "CHAIN", "metadata": '{"thread_id": "t-7", "user_id": "ada", "lc_agent_name": "planner"}', "input.value": "hello"},
        {"name": "planner"},
        {"kind": "agent", "agent": "planner", "session_id": "t-7", "user_id": "ada", "input": "hello"},
    ),
    (
        "openinference on CrewAI",
        {"openinference.span.kind": "AGENT", "graph.node.id": "Researcher"},
        {"name": "Researcher._execute_core"},
        {"agent": "Researcher"},
    ),
    (
        "openinference on smolagents",
        {"openinference.span.kind": "AGENT", "llm.token_count.prompt": 90, "llm.token_count.completion": 10},
        {"name": "coder.run"},
        {"agent": "coder", "input_tokens": 0, "has_usage": False, "reported_tokens": 100},
    ),
    (
        "openinference tool",
        {"openinference.span.kind": "TOOL", "tool.name": "search", "input.value": '{"q":1}', "tool.parameters": "schema", "output.value": "found"},
        {"name": "SimpleTool"},
        {"tool": "search", "input": '{"q":1}', "output": "found"},
    ),
    (
        "an agent behind a tool of OpenAI Agents",
        {"openinference.span.kind": "TOOL", "tool.name": "ask", "tool.parameters": '{"title": "AgentAsToolInput", "type": "object"}'},
        {"name": "ask", "scope_name": "openinference.instrumentation.openai_agents"},
        {"kind": "chain", "issues": ["agent_as_tool"]},
    ),
    (
        "no model call, though marked as one",
        {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o"},
        {"name": "OpenAI.stream"},
        {"kind": "chain", "issues": ["no_model_call"]},
    ),
    (
        "openllmetry old",
        {
            "llm.request.type": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.prompt_tokens": 7,
            "gen_ai.usage.completion_tokens": 3,
            "gen_ai.usage.cache_read_input_tokens": 2,
            "gen_ai.completion.0.finish_reason": "tool_calls",
            "llm.is_streaming": "False",
            "traceloop.association.properties.session_id": "s",
            "traceloop.association.properties.user_id": "u",
            "traceloop.workflow.name": "w",
        },
        {"name": "openai.chat"},
        {
            "kind": "llm",
            "dialect": "openllmetry",
            "provider": "openai",
            "input_tokens": 7,
            "cache_read_tokens": 2,
            "finish_reasons": ["tool_call"],
            "stream": False,
            "session_id": "s",
            "user_id": "u",
            "workflow": "w",
        },
    ),
    (
        "openllmetry on LangChain",
        {"llm.request.type": "chat", "gen_ai.system": "Langchain", "gen_ai.request.model": "gpt-4o", "traceloop.association.properties.ls_provider": "openai"},
        {},
        {"provider": "openai"},
    ),
    (
        "openllmetry tool",
        {"traceloop.span.kind": "tool", "traceloop.entity.name": "search", "traceloop.entity.input": '{"q":1}', "traceloop.entity.output": '"found"'},
        {"name": "search.tool"},
        {"kind": "tool", "tool": "search", "input": '{"q":1}', "output": "found"},
    ),
    ("openllmetry agent", {"traceloop.span.kind": "agent", "traceloop.entity.name": "planner"}, {"name": "planner.agent"}, {"agent": "planner"}),
    (
        "vercel 5",
        {
            "ai.operationId": "ai.streamText.doStream",
            "ai.model.provider": "openai.responses",
            "ai.model.id": "gpt-5",
            "ai.response.model": "gpt-5-2026",
            "ai.response.id": "resp_1",
            "ai.response.finishReason": "tool-calls",
            "ai.response.msToFirstChunk": 81.5,
            "ai.usage.inputTokens": 11,
            "ai.usage.outputTokens": 54,
            "ai.usage.cachedInputTokens": 4,
            "ai.usage.reasoningTokens": 32,
            "ai.telemetry.functionId": "haiku",
            "ai.telemetry.metadata.sessionId": "s",
            "ai.telemetry.metadata.userId": "u",
        },
        {"name": "ai.streamText.doStream", "scope_name": "ai"},
        {
            "provider": "openai",
            "request_model": "gpt-5",
            "model": "gpt-5-2026",
            "response_id": "resp_1",
            "finish_reasons": ["tool_call"],
            "time_to_first_chunk_s": 0.0815,
            "input_tokens": 11,
            "output_tokens": 54,
            "cache_read_tokens": 4,
            "reasoning_tokens": 32,
            "stream": True,
            "agent": "haiku",
            "session_id": "s",
            "user_id": "u",
        },
    ),
    (
        "vercel 4 outer call only sums up",
        {"ai.operationId": "ai.generateText", "ai.usage.promptTokens": 9, "ai.usage.completionTokens": 1},
        {},
        {"kind": "chain", "input_tokens": 0, "has_usage": False, "reported_tokens": 10},
    ),
    ("vercel embeddings", {"ai.operationId": "ai.embed.doEmbed", "ai.usage.tokens": 64}, {}, {"kind": "embedding", "input_tokens": 64, "has_usage": True}),
    (
        "vercel tool",
        {"ai.operationId": "ai.toolCall", "ai.toolCall.name": "search", "ai.toolCall.id": "c", "ai.toolCall.args": '{"q":1}', "ai.toolCall.result": '"x"'},
        {},
        {"tool": "search", "tool_call_id": "c", "input": '{"q":1}', "output": "x"},
    ),
    (
        "langfuse with the provider's usage",
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.model.name": "gpt-4o-2024",
            "langfuse.observation.usage_details": '{"prompt_tokens": 207, "completion_tokens": 22, "prompt_tokens_details": {"cached_tokens": 64}}',
            "langfuse.observation.completion_start_time": '"2026-01-01T00:00:00.500Z"',
            "langfuse.observation.metadata.ls_provider": '"openai"',
            "langfuse.trace.metadata.thread_id": '"t"',
        },
        {},
        {
            "model": "gpt-4o-2024",
            "provider": "openai",
            "input_tokens": 207,
            "output_tokens": 22,
            "cache_read_tokens": 64,
            "time_to_first_chunk_s": 0.5,
            "session_id": "t",
        },
    ),
    (
        "langfuse with buckets",
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.usage_details": '{"input": 100, "output": 20, "total": 160, "cache_read_input_tokens": 40, "output_reasoning": 7}',
            "langfuse.observation.cost_details": '{"input": 0.0001, "output": 0.0002}',
        },
        {},
        {"input_tokens": 140, "output_tokens": 27, "cache_read_tokens": 40, "reasoning_tokens": 7, "reported_cost_usd": 0.0003},
    ),
    (
        "langfuse failure",
        {"langfuse.observation.type": "generation", "langfuse.observation.level": "ERROR"},
        {},
        {"status": "error", "issues": ["status_corrected:unset"]},
    ),
    (
        "langfuse tool",
        {"langfuse.observation.type": "tool", "langfuse.observation.metadata.tool_call_id": '"call_1"', "langfuse.observation.input": '{"q":1}'},
        {"name": "search"},
        {"tool": "search", "tool_call_id": "call_1", "input": '{"q":1}'},
    ),
    (
        "logfire",
        {**CALL, "request_data": '{"model":"gpt-4o"}', "operation.cost": 0.0025, "gen_ai.usage.input_tokens": 9, "gen_ai.response.id": "x"},
        {"scope_name": "logfire.openai"},
        {"reported_cost_usd": 0.0025, "pair_key": ""},
    ),
    ("logfire pending", {"logfire.span_type": "pending_span"}, {}, {"pending": True}),
    ("a span announced at its start", {**CALL, "spyglass.pending": True}, {}, {"pending": True}),
    (
        "pydantic ai 1",
        {"gen_ai.operation.name": "invoke_agent", "agent_name": "planner", "gen_ai.usage.input_tokens": 5, "final_result": "done", "model_name": "gpt-4o"},
        {"name": "agent run"},
        {"kind": "agent", "agent": "planner", "output": "done", "input_tokens": 0, "reported_tokens": 5, "request_model": "gpt-4o"},
    ),
    (
        "pydantic ai 2 sums under another name",
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.aggregated_usage.input_tokens": 5},
        {},
        {"has_usage": False, "reported_tokens": 0},
    ),
    (
        "pydantic ai tool",
        {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t", "tool_arguments": "{}x", "tool_response": "r"},
        {"name": "running tool"},
        {"tool": "t", "input": "{}x", "output": "r"},
    ),
    (
        "openlit on anthropic",
        {
            **CALL,
            "gen_ai.provider.name": "anthropic",
            "gen_ai.usage.input_tokens": 388,
            "gen_ai.usage.output_tokens": 62,
            "gen_ai.usage.cache_creation.input_tokens": 128,
            "gen_ai.usage.cost": 0,
            "gen_ai.server.time_to_first_token": 0.077,
            "gen_ai.tool.name": "a, b",
        },
        {"scope_name": "openlit.instrumentation.anthropic"},
        {"kind": "llm", "input_tokens": 516, "cache_write_tokens": 128, "reported_cost_usd": 0.0, "time_to_first_chunk_s": 0.077, "tool": ""},
    ),
    (
        "openlit stumbles over itself",
        {**CALL, "gen_ai.usage.input_tokens": 5},
        {"scope_name": "openlit.otel.tracing", "status": "error", "status_message": "'content'", "events": [event("exception", **{"exception.type": "KeyError"})]},
        {"status": "unset", "error_type": "", "issues": ["status_corrected:error", "error_of_instrumentation"]},
    ),
    (
        "mlflow",
        {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.llm.model": '"gpt-4o-2024"',
            "mlflow.llm.provider": '"openai"',
            "model": '"gpt-4o"',
            "mlflow.chat.tokenUsage": '{"input_tokens": 136, "output_tokens": 30, "total_tokens": 166}',
            "mlflow.spanOutputs": '{"id": "chatcmpl-3", "choices": [{"finish_reason": "stop"}]}',
            "stream": "true",
        },
        {"events": [event("mlflow.chunk.item.0", 0.3)]},
        {
            "provider": "openai",
            "request_model": "gpt-4o",
            "model": "gpt-4o-2024",
            "input_tokens": 136,
            "output_tokens": 30,
            "response_id": "chatcmpl-3",
            "finish_reasons": ["stop"],
            "stream": True,
            "time_to_first_chunk_s": 0.3,
        },
    ),
    (
        "mlflow tool",
        {"mlflow.spanType": '"TOOL"', "mlflow.spanFunctionName": '"search"', "tool_call_id": '"call_1"', "mlflow.spanOutputs": '"found"'},
        {},
        {"tool": "search", "tool_call_id": "call_1", "output": "found"},
    ),
    (
        "agentops",
        {"agentops.span.kind": "tool", "operation.name": "search", "agentops.tool.input": "{1}", "gen_ai.usage.total_cost": 0.01},
        {"name": "search.tool", "scope_name": "agentops"},
        {"kind": "tool", "tool": "search", "input": "{1}", "reported_cost_usd": 0.01},
    ),
    (
        "agentops on anthropic",
        {
            "gen_ai.request.type": "chat",
            "gen_ai.system": "Anthropic",
            "gen_ai.usage.prompt_tokens": 300,
            "gen_ai.usage.completion_tokens": 1,
            "gen_ai.usage.cache_read_input_tokens": 100,
        },
        {"service": "agentops"},
        {"input_tokens": 400},
    ),
    (
        "langsmith",
        {
            "langsmith.span.kind": "llm",
            "gen_ai.system": "langchain",
            "langsmith.metadata.ls_provider": "openai",
            "langsmith.metadata.ls_model_name": "gpt-4o",
            "langsmith.metadata.thread_id": "t",
            "langsmith.metadata.user_id": "u",
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.usage.input_token_details": "{'audio': 0, 'cache_read': 2}",
        },
        {},
        {"provider": "openai", "request_model": "gpt-4o", "cache_read_tokens": 2, "session_id": "t", "user_id": "u"},
    ),
    (
        "langsmith calls a failure OK",
        {"langsmith.span.kind": "llm", "gen_ai.request.model": "gpt-4o"},
        {"status": "ok", "events": [event("exception", **{"exception.type": "openai.RateLimitError"})]},
        {"status": "error", "error_type": "RateLimitError", "issues": ["status_corrected:ok"]},
    ),
    (
        "laminar",
        {"lmnr.span.type": "LLM", "gen_ai.system": "openai", "lmnr.association.properties.session_id": "s", "lmnr.association.properties.user_id": "u"},
        {},
        {"session_id": "s", "user_id": "u", "dialect": "laminar"},
    ),
    (
        "litellm",
        {"gen_ai.operation.name": "acompletion", "litellm.provider.model": "openai/gpt-4o", "gen_ai.cost.total_cost": 0.2, "litellm.call_id": "x", "llm.user": "u"},
        {"scope_name": "litellm"},
        {"kind": "llm", "operation": "chat", "request_model": "gpt-4o", "reported_cost_usd": 0.2, "response_id": "x", "user_id": "u"},
    ),
    (
        "litellm raw request",
        {"llm.openai.id": "x"},
        {"name": "raw_gen_ai_request", "scope_name": "litellm"},
        {"kind": "chain", "plumbing": True},
    ),
    (
        "mastra",
        {
            "mastra.span.type": "model_inference",
            "gen_ai.provider.name": "openai.chat",
            "mastra.completion_start_time": "2026-01-01T00:00:00.100Z",
            "mastra.metadata.sessionId": "s",
            "mastra.metadata.userId": "u",
            "gen_ai.response.finish_reasons": '["tool-calls"]',
        },
        {},
        {"provider": "openai", "time_to_first_chunk_s": 0.1, "session_id": "s", "user_id": "u", "finish_reasons": ["tool_call"]},
    ),
    (
        "mastra calls a failure OK",
        {"mastra.span.type": "model_inference", "gen_ai.response.finish_reasons": '["error"]'},
        {"status": "ok"},
        {"status": "error"},
    ),
    ("mastra chunks", {"mastra.span.type": "model_chunk", "mastra.model_chunk.output": "x"}, {}, {"plumbing": True, "output": "x"}),
    (
        "genkit",
        {
            "genkit:metadata:subtype": "model",
            "genkit:name": "googleai/gemini-2.5-flash",
            "genkit:output": '{"finishReason":"stop","usage":{"inputTokens":12,"outputTokens":3,"thoughtsTokens":4,"totalTokens":19}}',
        },
        {},
        {
            "provider": "gcp.gemini",
            "request_model": "gemini-2.5-flash",
            "input_tokens": 12,
            "output_tokens": 7,
            "reasoning_tokens": 4,
            "finish_reasons": ["stop"],
        },
    ),
    ("genkit failure", {"genkit:metadata:subtype": "tool", "genkit:name": "search", "genkit:state": "error"}, {}, {"status": "error", "tool": "search"}),
    (
        "livekit",
        {**CALL, "gen_ai.provider.name": "127.0.0.1:18080", "lk.response.ttft": 0.2},
        {"name": "llm_request", "scope_name": "livekit-agents"},
        {"provider": "openai", "time_to_first_chunk_s": 0.2},
    ),
    (
        "livekit tool",
        {
            "gen_ai.operation.name": "execute_tool",
            "lk.function_tool.name": "search",
            "lk.function_tool.id": "c",
            "lk.pii.function_tool.arguments": "{1}",
            "lk.pii.function_tool.output": "x",
            "lk.function_tool.is_error": True,
        },
        {"name": "function_tool", "scope_name": "livekit-agents"},
        {"tool": "search", "tool_call_id": "c", "input": "{1}", "output": "x", "status": "error"},
    ),
    ("a hand-over is no tool", {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "transfer_to_writer"}, {}, {"kind": "chain", "issues": ["handoff"]}),
    (
        "strands",
        {**CALL, "gen_ai.system": "strands-agents", "gen_ai.server.time_to_first_token": 492, "gen_ai.usage.input_tokens": 226, "gen_ai.usage.prompt_tokens": 226},
        {"name": "chat", "scope_name": "strands.telemetry.tracer", "events": [event("gen_ai.choice", finish_reason="tool_use", message="[]")]},
        {"provider": "openai", "input_tokens": 226, "time_to_first_chunk_s": 0.492, "finish_reasons": ["tool_call"]},
    ),
    (
        "strands 1.0 calls a failed tool OK",
        {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t", "tool.status": "error"},
        {
            "status": "ok",
            "scope_name": "strands.telemetry.tracer",
            "events": [event("gen_ai.tool.message", content='{"q":1}'), event("gen_ai.choice", message='[{"text":"no"}]')],
        },
        {"status": "error", "input": '{"q":1}', "output": '[{"text":"no"}]'},
    ),
    (
        "google adk 1 leaves thinking out",
        {"gen_ai.request.model": "gemini-2.5-flash", "gen_ai.usage.input_tokens": 9, "gen_ai.usage.output_tokens": 3, "gen_ai.usage.experimental.reasoning_tokens": 4},
        {"name": "call_llm", "scope_name": "gcp.vertex.agent"},
        {"kind": "llm", "output_tokens": 7, "reasoning_tokens": 4},
    ),
    (
        "google adk 2 counts thinking in",
        {**CALL, "gen_ai.operation.name": "generate_content", "gen_ai.usage.output_tokens": 62, "gen_ai.usage.reasoning.output_tokens": 32},
        {"scope_name": "gcp.vertex.agent"},
        {"operation": "generate_content", "output_tokens": 62},
    ),
    (
        "google adk agent behind a tool",
        {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "calc", "gen_ai.tool.type": "AgentTool"},
        {},
        {"kind": "chain", "tool": "calc", "issues": ["agent_as_tool"]},
    ),
    (
        "google adk tool",
        {"gen_ai.operation.name": "execute_tool", "gcp.vertex.agent.tool_call_args": '{"q":1}', "gcp.vertex.agent.tool_response": "{}"},
        {"name": "execute_tool search"},
        {"input": '{"q":1}', "output": ""},
    ),
    ("agent framework plumbing", {"edge_group.id": "x"}, {"name": "edge_group.process X", "scope_name": "agent_framework"}, {"kind": "chain", "plumbing": True}),
    (
        "agent framework provider",
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.provider.name": "microsoft.agent_framework", "gen_ai.request.model": "gpt-5"},
        {},
        {"provider": "openai"},
    ),
    (
        "semantic kernel",
        {**CALL, "gen_ai.response.finish_reason": "FinishReason.TOOL_CALLS", "error.type": "<class 'a.b.ServiceError'>"},
        {"status": "error"},
        {"finish_reasons": ["tool_call"], "error_type": "ServiceError"},
    ),
    (
        "haystack generator",
        {
            "haystack.component.type": "OpenAIChatGenerator",
            "haystack.component.output": json.dumps(
                {"replies": [{"meta": {"model": "gpt-4o-2024", "finish_reason": "stop", "usage": {"prompt_tokens": 56, "completion_tokens": 16}}}]}
            ),
        },
        {"name": "haystack.component.run"},
        {"model": "gpt-4o-2024", "provider": "openai", "input_tokens": 56, "output_tokens": 16, "finish_reasons": ["stop"]},
    ),
    ("haystack tool failure", {"haystack.tool.name": "t", "haystack.tool.error": "true"}, {"name": "haystack.agent.step.tool"}, {"tool": "t", "status": "error"}),
    ("mcp client", {"mcp.method.name": "tools/call"}, {"name": "MCP send tools/call search"}, {"kind": "tool", "tool": "search"}),
    (
        "mcp server",
        {"mcp.method.name": "tools/call", "gen_ai.tool.name": "search", "gen_ai.operation.name": "execute_tool", "error.type": "tool_error"},
        {"name": "tools/call search", "status": "error"},
        {"tool": "search", "error_type": "tool_error", "operation": "execute_tool"},
    ),
    (
        "claude code",
        {
            "span.type": "llm_request",
            "model": "claude-sonnet-4-5",
            "gen_ai.provider.name": "anthropic",
            "input_tokens": 6643,
            "output_tokens": 55,
            "cache_read_tokens": 592,
            "cache_creation_tokens": 100,
            "ttft_ms": 86,
            "stop_reason": "tool_use",
            "session.id": "s",
            "gen_ai.conversation.id": "other",
        },
        {"scope_name": "com.anthropic.claude_code.tracing"},
        {
            "kind": "llm",
            "dialect": "claude_code",
            "input_tokens": 7335,
            "output_tokens": 55,
            "cache_read_tokens": 592,
            "cache_write_tokens": 100,
            "time_to_first_chunk_s": 0.086,
            "finish_reasons": ["tool_call"],
            "session_id": "s",
            "model": "claude-sonnet-4-5",
        },
    ),
    (
        "claude code tool",
        {"span.type": "tool", "tool_name": "Bash", "full_command": "ls", "tool_use_id": "toolu_1"},
        {"scope_name": "com.anthropic.claude_code.tracing", "events": [event("tool.output", content="calc.py")]},
        {"kind": "tool", "tool": "Bash", "tool_call_id": "toolu_1", "input": "ls", "output": "calc.py"},
    ),
    (
        "claude code inner span",
        {"span.type": "tool.execution", "success": False, "tool_use_id": "toolu_1"},
        {"scope_name": "com.anthropic.claude_code.tracing"},
        {"kind": "chain", "plumbing": True, "status": "error", "tool_call_id": "toolu_1"},
    ),
    ("claude code agent", {"span.type": "interaction", "user_prompt": "fix it"}, {"scope_name": "com.anthropic.claude_code.tracing"}, {"agent": "claude-code", "input": "fix it"}),
    ("codex inner span", {"busy_ns": 1}, {"name": "fs.read_file", "scope_name": "codex_exec"}, {"kind": "span", "plumbing": True}),
    (
        "codex",
        {"gen_ai.usage.input_tokens": "6232", "gen_ai.usage.cache_read.input_tokens": "3072", "gen_ai.usage.output_tokens": "66"},
        {"name": "handle_responses", "scope_name": "codex_exec"},
        {"kind": "llm", "input_tokens": 6232, "output_tokens": 66, "plumbing": False},
    ),
    (
        "gemini cli",
        {"gen_ai.operation.name": "llm_call", "gen_ai.request.model": "gemini-2.5-flash", "gen_ai.agent.name": "gemini-cli"},
        {"scope_name": "gemini-cli", "resource": {"session.id": "s"}},
        {"kind": "llm", "provider": "gcp.gemini", "session_id": "s", "agent": "gemini-cli"},
    ),
    ("qwen code hooks say error where there is none", {}, {"name": "qwen-code.hook", "status": "error"}, {"status": "unset", "plumbing": True}),
    ("copilot", {"gen_ai.operation.name": "invoke_agent", "github.copilot.cost": 1.0}, {"name": "invoke_agent", "scope_name": "github.copilot"}, {"reported_cost_usd": 0.0, "agent": "github-copilot"}),
    (
        "http client below a model call",
        {"http.url": "https://api.openai.com/v1/chat/completions", "http.method": "POST"},
        {"name": "POST", "span_kind": "client"},
        {"kind": "span", "plumbing": True},
    ),
    ("http client of a tool", {"http.url": "https://example.org/", "http.method": "GET"}, {"name": "GET", "span_kind": "client"}, {"plumbing": False}),
    ("opencode", {}, {"name": "Session.get", "scope_name": "opencode"}, {"plumbing": True}),
    (
        "spring ai",
        {"spring.ai.kind": "tool_call", "spring.ai.tool.definition.name": "search", "spring.ai.tool.call.arguments": "{1}"},
        {},
        {"tool": "search", "input": "{1}"},
    ),
    (
        "bedrock's counts leave cached tokens out",
        {**CALL, "gen_ai.system": "aws.bedrock", "gen_ai.usage.input_tokens": 50, "gen_ai.usage.cache_read.input_tokens": 40},
        {"scope_name": "opentelemetry.instrumentation.botocore.bedrock-runtime"},
        {"input_tokens": 90},
    ),
]


@pytest.mark.parametrize(("attributes", "columns", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_dialect_is_understood(attributes, columns, wanted):
    """A span of this dialect gets these canonical columns."""
    assert said(span(attributes, **columns), wanted) == wanted


LOGS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "claude code api_request",
        {"model": "claude-haiku-4-5", "input_tokens": "10", "cache_read_tokens": "90", "output_tokens": "5", "cost_usd": "0.01", "duration_ms": "132", "ttft_ms": "86"},
        {"event_name": "api_request", "scope_name": "com.anthropic.claude_code.events"},
        {
            "kind": "llm",
            "provider": "anthropic",
            "model": "claude-haiku-4-5",
            "input_tokens": 100,
            "output_tokens": 5,
            "reported_cost_usd": 0.01,
            "duration_ns": 132_000_000,
            "time_to_first_chunk_s": 0.086,
            "status": "ok",
        },
    ),
    (
        "claude code api_error",
        {"model": "claude-haiku-4-5", "status_code": 529, "error": "overloaded"},
        {"event_name": "claude_code.api_error", "scope_name": "com.anthropic.claude_code.events"},
        {"kind": "llm", "status": "error", "error_type": "529"},
    ),
    (
        "claude code tool_result",
        {"tool_name": "Bash", "success": "false", "duration_ms": "35", "tool_input": "{1}", "error_type": "ShellError"},
        {"event_name": "tool_result", "scope_name": "com.anthropic.claude_code.events"},
        {"kind": "tool", "tool": "Bash", "status": "error", "error_type": "ShellError", "input": "{1}", "duration_ns": 35_000_000},
    ),
    (
        "codex completed",
        {
            "event.kind": "response.completed",
            "input_token_count": "6232",
            "output_token_count": "66",
            "cached_token_count": 3072,
            "reasoning_token_count": 32,
            "model": "gpt-5",
            "conversation.id": "c",
        },
        {"event_name": "codex.sse_event"},
        {"kind": "llm", "input_tokens": 6232, "output_tokens": 66, "cache_read_tokens": 3072, "reasoning_tokens": 32, "session_id": "c", "provider": "openai"},
    ),
    ("codex completed without tokens", {"event.kind": "response.completed", "duration_ms": "1"}, {"event_name": "codex.sse_event"}, {"kind": ""}),
    (
        "codex tool_result",
        {"tool_name": "shell", "call_id": "c", "success": "false", "arguments": "{1}", "output": "no"},
        {"event_name": "codex.tool_result"},
        {"kind": "tool", "tool": "shell", "tool_call_id": "c", "status": "error", "input": "{1}", "output": "no"},
    ),
    (
        "gemini cli api_response",
        {"model": "gemini-2.5-flash", "input_token_count": 3268, "output_token_count": 22, "thoughts_token_count": 32, "total_token_count": 3322, "duration_ms": 151},
        {"event_name": "gemini_cli.api_response", "scope_name": "gemini-cli"},
        {"kind": "llm", "input_tokens": 3268, "output_tokens": 54, "reasoning_tokens": 32, "provider": "gcp.gemini", "duration_ns": 151_000_000},
    ),
    (
        "gemini cli tool_call",
        {"function_name": "read_file", "function_args": "{1}", "success": False},
        {"event_name": "gemini_cli.tool_call", "scope_name": "gemini-cli"},
        {"kind": "tool", "tool": "read_file", "status": "error", "input": "{1}"},
    ),
    (
        "genai details",
        {"gen_ai.operation.name": "generate_content", "gen_ai.response.id": "r", "gen_ai.usage.input_tokens": 4, "gen_ai.usage.output_tokens": 2},
        {"event_name": "gen_ai.client.inference.operation.details"},
        {"kind": "llm", "input_tokens": 4, "response_id": "r", "status": "ok"},
    ),
    ("genai details of a request", {"gen_ai.operation.name": "chat"}, {"event_name": "gen_ai.client.inference.operation.details"}, {"kind": "", "status": "unset"}),
    ("a plain log record", {"code.lineno": 3, "session.id": "s"}, {}, {"kind": "", "status": "unset", "session_id": "s", "dialect": ""}),
]


@pytest.mark.parametrize(("attributes", "columns", "wanted"), [case[1:] for case in LOGS], ids=[case[0] for case in LOGS])
def test_log_records_that_are_calls_are_understood(attributes, columns, wanted):
    """Where a session has no spans, its log records tell the calls."""
    assert said(log(attributes, **columns), wanted) == wanted


POINTS = [
    ({"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024"}, {"provider": "openai", "model": "gpt-4o-2024"}),
    ({"model": "claude-sonnet-4-5", "session.id": "s", "user.id": "u"}, {"provider": "anthropic", "model": "claude-sonnet-4-5", "session_id": "s", "user_id": "u"}),
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
