"""A kind of work in, the attributes and the span name that OpenTelemetry's GenAI conventions give it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from opentelemetry.trace import SpanKind

from spyglass_sdk import names

__all__ = ["KINDS", "Kind", "Rule", "rule_of"]

Kind = Literal[
    "agent", "tool", "llm", "workflow", "retriever", "embedding", "reranker", "chain", "guardrail", "evaluator", "prompt", "memory", "create_agent", "span"
]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind is told.

    Attributes:
        operation: `gen_ai.operation.name`; empty: the conventions have none.
        named: the attribute that carries the name of what works.
        marker: OpenInference's kind, for what the GenAI conventions do not know.
        talks: what goes in and out are messages.
        given, made: the attributes of what went in and came out.
    """

    operation: str = ""
    named: str = ""
    marker: str = ""
    span_kind: SpanKind = SpanKind.INTERNAL
    talks: bool = False
    given: str = names.INPUT
    made: str = names.OUTPUT

    def span_name(self, name: str) -> str:
        """`{operation} {target}`, as the conventions want it."""
        return f"{self.operation} {name}" if self.operation else name

    def attributes(self, name: str) -> dict[str, str]:
        """What every span of this kind tells."""
        told = {names.OPERATION: self.operation, self.named: name, names.KIND: self.marker}
        return {key: value for key, value in told.items() if key and value}


KINDS: Final[dict[str, Rule]] = {
    "agent": Rule("invoke_agent", names.AGENT, talks=True, given=names.INPUT_MESSAGES, made=names.OUTPUT_MESSAGES),
    "create_agent": Rule("create_agent", names.AGENT),
    "llm": Rule("chat", names.REQUEST_MODEL, span_kind=SpanKind.CLIENT, talks=True, given=names.INPUT_MESSAGES, made=names.OUTPUT_MESSAGES),
    "tool": Rule("execute_tool", names.TOOL, given=names.TOOL_ARGUMENTS, made=names.TOOL_RESULT),
    "workflow": Rule("invoke_workflow", names.WORKFLOW),
    "retriever": Rule("retrieval", given=names.QUERY, made=names.DOCUMENTS),
    "embedding": Rule("embeddings", names.REQUEST_MODEL, span_kind=SpanKind.CLIENT),
    "reranker": Rule("rerank", names.REQUEST_MODEL),
    "memory": Rule("search_memory"),
    "chain": Rule(marker="CHAIN"),
    "guardrail": Rule(marker="GUARDRAIL"),
    "evaluator": Rule(marker="EVALUATOR"),
    "prompt": Rule(marker="PROMPT"),
    "span": Rule(),
}


def rule_of(kind: str) -> Rule:
    """The rule of a kind.

    Raises:
        ValueError: there is no such kind.
    """
    rule = KINDS.get(kind)
    if rule is None:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")
    return rule
