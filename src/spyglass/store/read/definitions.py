"""What an agent is told to be: its system prompts and the tools it may call, by version, as its latest runs and model calls show them.

Prompts are messages of the spans, or of log records that tell what was said in a call. Tools are attributes of runs or calls, or stand within what went into
a call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from spyglass.store.read.asking import Ask, Scope, ask, received_bound

__all__ = ["MOST_SPANS", "Definition", "definitions", "told_prompts", "told_tools"]

MOST_SPANS: Final = 1_000
_MOST_DEFINITIONS: Final = 20
_LOOKED_AT: Final = 6  # spans of each definition that are searched for tools, and of those beside them that tell no prompt: either may not name them
# OpenTelemetry, Strands, Vercel AI, OpenInference, OpenLLMetry, MLflow
_KEYS: Final = (
    r"^(gen_ai\.tool\.definitions|gen_ai\.agent\.tools|ai\.prompt\.tools|llm\.tools\.\d+\.tool\.json_schema"
    r"|llm\.request\.functions\.\d+\.(name|description|parameters)|mlflow\.chat\.tools)$"
)
# Langfuse, OpenInference (either), MLflow, Google's ADK, Pydantic AI (either)
_INPUTS: Final = (
    r"^(langfuse\.observation\.input|input\.value|llm\.invocation_parameters|mlflow\.spanInputs|gcp\.vertex\.agent\.llm_request"
    r"|request_data|model_request_parameters)$"
)


@dataclass(slots=True)
class Definition:
    """What some runs and calls of an agent have in common."""

    version: str
    prompts: tuple[str, ...]  # system messages, in order
    first_ns: int
    last_ns: int
    spans: list[str] = field(default_factory=list)  # trace and span id of each, hex, latest first
    tools: dict[str, str] = field(default_factory=dict)  # attributes that define tools, as they were sent; of inputs, the tools within


def definitions(engine: Ask, scope: Scope, agent: str) -> tuple[list[Definition], bool]:
    """Definitions, last seen first, and whether there were more spans than are looked at."""
    calls = ask(engine, "agents/definitions", scope.parameters(agent=agent, limit=MOST_SPANS)).to_pylist()
    received = received_bound(scope.from_ns)
    said = _prompts(engine, scope.project, received, {one for call in calls for one in call["asked"]})
    said |= told_prompts(engine, scope.project, received, [call for call in calls if not call["asked"]])
    found = list(_grouped(calls, said))[:_MOST_DEFINITIONS]
    silent = [call["trace"] + call["span"] for call in calls if not any(one in said for one in call["asked"])]
    searched = [_searched(one, silent) for one in found]
    kept = told_tools(engine, scope.project, received, sorted({place for places in searched for place in places}))
    for one, places in zip(found, searched, strict=True):
        one.tools = next((kept[place] for place in places if place in kept), {})
    return found, len(calls) >= MOST_SPANS


def _searched(one: Definition, silent: Sequence[str]) -> list[str]:
    """Its spans, and those of the same traces that tell no prompt, as far as they are searched for tools."""
    traces = {place[:32] for place in one.spans}
    beside = (place for place in silent if place[:32] in traces and place not in one.spans)
    return [*one.spans[:_LOOKED_AT], *islice(beside, _LOOKED_AT)]


def _grouped(calls: Sequence[dict[str, Any]], said: dict[str, str]) -> Iterator[Definition]:
    """Spans without a prompt (runs whose prompt only their calls tell) belong to the definition of their version; alone they are one."""
    found: dict[tuple[str, tuple[str, ...]], Definition] = {}
    for call in calls:  # latest first
        key = (call["version"], tuple(one for one in call["asked"] if one in said))
        one = found.setdefault(key, Definition(key[0], tuple(said[part] for part in key[1]), call["start_ns"], call["start_ns"]))
        one.first_ns = call["start_ns"]
        one.spans.append(call["trace"] + call["span"])
    versions = {version for version, prompts in found if prompts}
    named = {prompts for version, prompts in found if version}
    for (version, prompts), one in found.items():
        if version not in versions or (prompts and (version or prompts not in named)):  # what goes on now has calls before its run, which has the version
            yield one


def _prompts(engine: Ask, project: str, received_ns: int, hashes: set[str]) -> dict[str, str]:
    """The texts of those that are system messages, by hash."""
    if not hashes:
        return {}
    rows = ask(engine, "agents/prompts", {"project": project, "hashes": sorted(hashes), "received_ns": received_ns}).to_pylist()
    return {row["id"]: row["text"] for row in rows}


def told_prompts(engine: Ask, project: str, received_ns: int, calls: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The texts of what log records tell of these calls, by hash; what was asked is added to the calls."""
    if not calls:
        return {}
    by_place = {call["trace"] + call["span"]: call for call in calls}
    rows = ask(engine, "agents/told_prompts", {"project": project, "named": list(by_place), "received_ns": received_ns}).to_pylist()
    for row in rows:
        by_place[row["place"]]["asked"].append(row["id"])
    return {row["id"]: row["text"] for row in rows}


def told_tools(engine: Ask, project: str, received_ns: int, named: Sequence[str]) -> dict[str, dict[str, str]]:
    """Attributes by span; whole values stand over those that the lean table cut."""
    if not named:
        return {}
    asked = {"project": project, "named": list(named), "keys": _KEYS, "inputs": _INPUTS, "received_ns": received_ns}
    found: dict[str, dict[str, str]] = {}
    for row in ask(engine, "agents/tool_definitions", asked).to_pylist():
        found.setdefault(row["place"], {})[row["key"]] = row["value"]
    return found
