"""Which versions of agents ran: spans that arrived lately in, sightings out. A run is judged by its first model call: prompts, tools, model and settings.

Every look is bounded: of traces that look alike the latest hundred are read, 2,000 in all, and the definitions of tools of 200 calls; calls beyond these are
taken to have the tools of the call that is like them in all else.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from spyglass.model.sighting import Sighting
from spyglass.store.read.asking import Ask, ask, received_bound
from spyglass.store.read.definitions import told_prompts, told_tools
from spyglass.store.read.whereabouts import ranges

__all__ = ["MOST_TRACES", "Sightings"]

MOST_TRACES: Final = 2_000
_ALIKE: Final = 100
_MOST_SPANS: Final = 40_000
_MOST_RUNS: Final = 50  # of one agent in one trace, the latest
_MOST_TOOLS: Final = 200  # calls whose definitions of tools one look reads
_REMEMBERED: Final = 20_000  # traces, prompts and sets of tools
_STAMPS: Final = {"spyglass.agent.config_version": "configuration", "spyglass.agent.config_environment": "label"}
_SETTING: Final = re.compile(
    r"^(?:gen_ai\.request|ai\.settings|gen_ai\.openai\.request|llm\.request)\.(temperature|top_p|topP|top_k|topK|max_tokens|maxTokens|maxOutputTokens"
    r"|frequency_penalty|frequencyPenalty|presence_penalty|presencePenalty|stop_sequences|stopSequences|reasoning_effort|reasoning\.effort|response_format)$"
)
_PARAMETERS: Final = "llm.invocation_parameters"  # OpenInference: all of them as one JSON text
_KEYS: Final = rf"{_SETTING.pattern}|^{re.escape(_PARAMETERS)}$|^spyglass\.agent\.config_(?:version|environment)$"
_SNAKE: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_KNOWN: Final = frozenset(
    "temperature top_p top_k max_tokens frequency_penalty presence_penalty stop_sequences reasoning_effort response_format max_output_tokens".split()
)

ToolsOf = Callable[[Mapping[str, str]], list[dict[str, Any]]]
_Row = dict[str, Any]


@dataclass(slots=True)
class _Run:
    """What one sighting is made of: the span of the run, if there is one, and its first model call."""

    agent: str
    run: _Row | None
    call: _Row | None
    version: str


class Sightings:
    """Remembers what it has read, so that traces that are looked at again cost nothing. One thread at a time."""

    def __init__(self, engine: Ask, tools_of: ToolsOf) -> None:
        """`tools_of` understands attributes that define tools, as they were sent: name, description and parameters of each."""
        self._engine, self._tools_of = engine, tools_of
        self._traces: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._texts: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._tools: OrderedDict[tuple[Any, ...], tuple[dict[str, Any], ...]] = OrderedDict()

    def __call__(self, since_ns: int, until_ns: int) -> tuple[list[Sighting], int]:
        """What the spans show that arrived after `since_ns` and until `until_ns`, and when the latest of them arrived (0: none)."""
        asked = {"since_ns": since_ns, "until_ns": until_ns, "alike": _ALIKE, "limit": MOST_TRACES}
        news = ask(self._engine, "registry/news", asked).to_pylist()
        by_project: dict[str, list[str]] = {}
        for row in news:
            key = (row["project"], row["trace"])
            if self._traces.get(key) != row["received_ns"]:
                by_project.setdefault(row["project"], []).append(row["trace"])
                _remember(self._traces, key, row["received_ns"])
        found = [one for project, traces in by_project.items() for one in self._of_traces(project, traces)]
        return sorted(found, key=lambda one: one.start_ns), max((row["received_ns"] for row in news), default=0)

    def _of_traces(self, project: str, traces: Sequence[str]) -> list[Sighting]:
        known = ranges(self._engine, project, traces)
        told = {one.trace_id for one in known if one.last_received >= self._traces.get((project, one.trace_id), 0)}
        for trace in (one for one in traces if one not in told):  # a span can be read a moment before it is known where its trace stands
            self._traces.pop((project, trace), None)
        if not known:
            return []
        low, high = min(one.start for one in known), max(one.end for one in known)
        asked = {"project": project, "traces": list(traces), "lo_ns": low, "hi_ns": high, "received_ns": received_bound(low), "limit": _MOST_SPANS}
        spans = ask(self._engine, "registry/runs", {**asked, "keys": _KEYS}).to_pylist()
        owners = {(row["trace"], row["span"]): row["agent"] for row in ask(self._engine, "registry/owners", asked).to_pylist()}
        for span in (one for one in spans if one["kind"] == "llm"):
            place = span["trace"], span["span"]
            span["agent"] = owners.get(place) or span["agent"]
            if place not in owners:  # a call is told a moment after its span
                self._traces.pop((project, span["trace"]), None)
        runs = list(_runs(spans))
        silent = [run.call for run in runs if run.call is not None and not run.call["asked"]]
        beside = told_prompts(self._engine, project, received_bound(low), silent)  # by log records
        texts = self._prompts(project, received_bound(low), {one for run in runs for one in _asked(run)}) | beside
        seen = [_sighting(project, run, texts) for run in runs]
        above = {one.trace_id + one.span_id: run.run["trace"] + run.run["span"] for one, run in zip(seen, runs, strict=True) if run.run}
        return self._with_tools(project, received_bound(low), seen, above)

    def _prompts(self, project: str, received_ns: int, hashes: set[str]) -> dict[str, str]:
        unknown = sorted(one for one in hashes if (project, one) not in self._texts)
        if unknown:
            asked = {"project": project, "hashes": unknown, "received_ns": received_bound(received_ns)}
            for row in ask(self._engine, "agents/prompts", asked).to_pylist():
                _remember(self._texts, (project, row["id"]), row["text"])
        return {one: self._texts[project, one] for one in hashes if (project, one) in self._texts}

    def _with_tools(self, project: str, received_ns: int, seen: Sequence[Sighting], above: Mapping[str, str]) -> list[Sighting]:
        """Read the tools of some, first of those that no other is like; the others have what one like them has. `above`: the run of a call names them, too."""
        alike: dict[tuple[Any, ...], list[Sighting]] = {}
        for one in seen:
            alike.setdefault(_likeness(one), []).append(one)
        longest = max((len(group) for group in alike.values()), default=0)
        ordered = [_place(group[-at]) for at in range(1, longest + 1) for group in alike.values() if at <= len(group)][:_MOST_TOOLS]
        named = sorted({*ordered, *(above[place] for place in ordered if place in above)})
        read = told_tools(self._engine, project, received_ns, named)
        own = {place: tuple(self._tools_of(read.get(place) or read.get(above.get(place, ""), {}))) for place in ordered}
        found: list[Sighting] = []
        for key, group in alike.items():
            for one in group:
                if (place := _place(one)) in own:
                    _remember(self._tools, key, own[place])
                found.append(replace(one, tools=own.get(place, self._tools.get(key, ()))))
        return found


def _place(one: Sighting) -> str:
    return one.trace_id + one.span_id


def _runs(spans: Sequence[_Row]) -> Iterator[_Run]:
    """Of each agent in each trace its runs with the first call within each, else the first call alone. `spans` are in order of their start."""
    groups: dict[tuple[str, str], list[_Row]] = {}
    for span in spans:
        if span["agent"]:
            groups.setdefault((span["trace"], span["agent"]), []).append(span)
    for (_, agent), members in groups.items():
        version = next((one["version"] for one in reversed(members) if one["version"]), "")
        runs = [one for one in members if one["kind"] == "agent"][-_MOST_RUNS:]
        calls = [one for one in members if one["kind"] == "llm"]
        parts = {one["parent"]: one for one in members if one["kind"] == "chain"}
        for run in (_with_part(one, parts.get(one["span"])) for one in runs):
            yield _Run(agent, run, next((one for one in calls if _is_within(one, run)), None), run["version"] or version)
        if not runs:
            first = next(iter(calls), members[0])
            yield _Run(agent, None, first, first["version"] or version)


def _with_part(run: _Row, part: _Row | None) -> _Row:
    """The run of an execution with what the framework's own span of it tells: that knows more of the agent."""
    if part is None:
        return run
    told = {name: part[name] or run[name] for name in ("version", "environment", "service", "model", "asked")}
    # The tools are read by the span, so that the part stands for both; of an attribute that both have, its value counts.
    return part | told | {name: [*run[name], *part[name]] for name in ("keys", "values")} | {name: run[name] for name in ("start_ns", "end_ns")}


def _is_within(call: _Row, run: _Row) -> bool:
    """By its parent, whose clock may be another; else by time. A run that has only begun has no end yet."""
    if call["parent"] == run["span"]:
        return True
    return bool(run["start_ns"] <= call["start_ns"] and (call["start_ns"] <= run["end_ns"] or run["end_ns"] <= run["start_ns"]))


def _asked(run: _Run) -> Iterable[str]:
    return [*(run.call["asked"] if run.call else ()), *(run.run["asked"] if run.run else ())]


def _sighting(project: str, run: _Run, texts: Mapping[str, str]) -> Sighting:
    spans = [one for one in (run.call, run.run) if one is not None]  # what a call tells stands over what its run tells
    ended = [one for one in spans if not one["pending"]]  # what has only begun may not have told all of it
    ended = ended if not run.call or not run.call["pending"] else []
    stamps = {name: _first(dict(zip(one["keys"], one["values"], strict=True)).get(key, "") for one in reversed(spans)) for key, name in _STAMPS.items()}
    place = spans[0]
    return Sighting(
        project=project,
        agent=run.agent,
        environment=_first(one["environment"] for one in spans),
        service=_first(one["service"] for one in spans),
        declared=run.version,
        start_ns=min(one["start_ns"] for one in spans),
        trace_id=place["trace"],
        span_id=place["span"],
        prompts=next((said for one in ended if (said := tuple(texts[each] for each in one["asked"] if each in texts))), ()),
        model=_first(one["model"] for one in ended),
        settings=next((told for one in ended if (told := _settings(one))), {}),
        configuration=stamps["configuration"],
        label=stamps["label"],
    )


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _settings(span: _Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, text in zip(span["keys"], span["values"], strict=True):
        if key == _PARAMETERS:
            told = _value(text)
            found |= {name: value for name, value in told.items() if name in _KNOWN} if isinstance(told, dict) else {}
        elif named := _SETTING.match(key):
            found[_SNAKE.sub("_", named[1]).lower().replace(".", "_")] = _value(text)
    return dict(sorted(found.items()))


def _value(text: str) -> Any:
    """What the text is as JSON; attributes are kept as text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _likeness(one: Sighting) -> tuple[Any, ...]:
    return one.project, one.agent, one.environment, one.service, one.declared, one.prompts, one.model, orjson.dumps(one.settings), one.configuration


def _remember(memory: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
