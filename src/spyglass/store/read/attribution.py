"""What was done and said in a trace, step by step: questions, answers of models, results of tools, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from spyglass.store.read.asking import Ask, ask
from spyglass.store.read.messages import new_in_trace
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["MOST_STEPS", "Said", "steps"]

MOST_STEPS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Said:
    """One step, and the span that shows it."""

    span_id: str  # hex
    kind: str  # user, llm or tool
    name: str  # of the span
    agent: str
    text: str
    failed: bool


def steps(engine: Ask, at: Whereabouts) -> list[Said]:
    """The steps of the one trace; an answer of a model is what the call said for the first time."""
    calls = ask(engine, "attribution/calls", {**at.parameters, "limit": MOST_STEPS}, where=at.condition).to_pylist()
    messages = new_in_trace(engine, at.project, at.ranges[0].trace_id, MOST_STEPS, None)[0].select(["span_id", "direction", "role", "text"]).to_pylist()
    asked: dict[str, list[str]] = {}
    answered: dict[str, list[str]] = {}
    for one in messages:
        kept = answered if one["direction"] == "output" else asked if one["role"] == "user" else None
        if kept is not None:
            kept.setdefault(one["span_id"].hex(), []).append(one["text"])
    found: list[Said] = []
    for call in calls:
        found += (Said(call["span_id"], "user", call["name"], "user", text, False) for text in asked.get(call["span_id"], ()))
        found.append(_said(call, "\n".join(answered.get(call["span_id"], ()))))
    return found[:MOST_STEPS]


def _said(call: dict[str, Any], answer: str) -> Said:
    is_tool = call["kind"] == "tool"
    return Said(call["span_id"], call["kind"], call["name"], call["tool"] if is_tool else call["agent"], answer or call["text"], call["status"] == "error")
