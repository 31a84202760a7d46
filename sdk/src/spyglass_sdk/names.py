"""Attribute and event names, spelled here only. Those of OpenTelemetry's GenAI conventions wherever they have one."""

from __future__ import annotations

from typing import Final

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_ID: Final = "gen_ai.response.id"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
FIRST_CHUNK_S: Final = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_write.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
COST_USD: Final = "gen_ai.usage.cost"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
TOOL: Final = "gen_ai.tool.name"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_RESULT: Final = "gen_ai.tool.call.result"
QUERY: Final = "gen_ai.retrieval.query.text"
DOCUMENTS: Final = "gen_ai.retrieval.documents"
AGENT: Final = "gen_ai.agent.name"
AGENT_ID: Final = "gen_ai.agent.id"
AGENT_VERSION: Final = "gen_ai.agent.version"
AGENT_DESCRIPTION: Final = "gen_ai.agent.description"
WORKFLOW: Final = "gen_ai.workflow.name"
CONVERSATION: Final = "gen_ai.conversation.id"
SESSION: Final = "session.id"
USER: Final = "user.id"
ERROR_TYPE: Final = "error.type"
# No GenAI name exists for what goes into and comes out of any other step; OpenInference's are the most read.
KIND: Final = "openinference.span.kind"
INPUT: Final = "input.value"
INPUT_TYPE: Final = "input.mime_type"
OUTPUT: Final = "output.value"
OUTPUT_TYPE: Final = "output.mime_type"
TAGS: Final = "tag.tags"

PENDING: Final = "spyglass.pending"
HEARTBEAT: Final = "spyglass.heartbeat"  # how many announcements there were, this one counted
HEARTBEAT_S: Final = "spyglass.heartbeat.interval_s"
EXECUTION: Final = "spyglass.execution.id"
PARENT_EXECUTION: Final = "spyglass.execution.parent_id"
EXECUTION_OPERATION: Final = "spyglass.execution.operation"
WITHIN_EXECUTION: Final = "spyglass.execution.within"  # whose execution a span stands directly in, by the agent's name
WAITING_FOR: Final = "spyglass.execution.waiting_for"
TASK: Final = "spyglass.task.id"
CUT: Final = "spyglass.content.cut"  # names of attributes whose content was cut
STEP: Final = "spyglass.execution.step"
CONFIG_VERSION: Final = "spyglass.agent.config_version"
CONFIG_ENVIRONMENT: Final = "spyglass.agent.config_environment"
STEP_NUMBER: Final = "spyglass.execution.step_number"
CALLS: Final = "spyglass.execution.calls"  # how many were recorded: told at the end
FORKED_FROM: Final = "spyglass.execution.forked_from"
FORKED_AT_STEP: Final = "spyglass.execution.forked_at_step"
REPLAYED: Final = "spyglass.replayed"  # the answer is a recorded one

SNAPSHOT_NAME: Final = "spyglass.snapshot.name"
SNAPSHOT_BYTES: Final = "spyglass.snapshot.size_bytes"
SNAPSHOT_HASH: Final = "spyglass.snapshot.hash"
SNAPSHOT_PLACEHOLDERS: Final = "spyglass.snapshot.placeholders"  # how many values could not be told
SNAPSHOT_CUT: Final = "spyglass.snapshot.cut"

CALL_NUMBER: Final = "spyglass.call.number"  # in the order in which they begin
CALL_PARENT: Final = "spyglass.call.parent"
CALL_KIND: Final = "spyglass.call.kind"
CALL_NAME: Final = "spyglass.call.name"
CALL_INPUT_HASH: Final = "spyglass.call.input_hash"
CALL_OUTCOME: Final = "spyglass.call.outcome"
CALL_FORM: Final = "spyglass.call.form"
CALL_OUTPUT_HASH: Final = "spyglass.call.output_hash"
CALL_COMPLETE: Final = "spyglass.call.complete"
CALL_WHY: Final = "spyglass.call.incomplete_because"
CALL_REPLAYED: Final = "spyglass.call.replayed"
CALL_DURATION_NS: Final = "spyglass.call.duration_ns"

MEMORY_KEY: Final = "spyglass.memory.key"
MEMORY_SCOPE: Final = "spyglass.memory.scope"
MEMORY_BYTES: Final = "spyglass.memory.size_bytes"
MEMORY_HASH: Final = "spyglass.memory.hash"
METADATA: Final = "metadata"

EVALUATION: Final = "gen_ai.evaluation.result"
EVALUATION_NAME: Final = "gen_ai.evaluation.name"
EVALUATION_VALUE: Final = "gen_ai.evaluation.score.value"
EVALUATION_LABEL: Final = "gen_ai.evaluation.score.label"
EVALUATION_WHY: Final = "gen_ai.evaluation.explanation"
