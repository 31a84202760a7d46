"""What a watched agent did to the machine and no span of it tells: a look at the store, findings out, each with the rows of evidence.

A run is judged when its first span has ended and half a minute passed: until then a tool call that explains a deed may still be under way. A deed is
unexplained when spans and evidence of no trace of the same watch belong together by what joins them for people, too (handed in as `Explain`). An agent that
tells of no tools at all cannot be judged by what it leaves out: nothing is told of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol

from pydantic import BaseModel, Field

from spyglass.analyze.builtin.security.deeds import CHANGES, PROGRAMS, RULES, SECRETS, STARTS, Deed, deed
from spyglass.analyze.builtin.security.threat import noisy_or, severity
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Question

__all__ = ["Beside", "Explain", "Settings", "Unexplained", "analyzer"]

_GRACE_NS: Final = 30 * 10**9
_HOUR_NS: Final = 3_600 * 10**9
_DAY_NS: Final = 24 * _HOUR_NS
_MOST: Final = 10_000
_MOST_TRACES: Final = 32  # of one watch at one time
_MOST_TOLD: Final = 20  # of one run
_MOST_KNOWN: Final = 50_000
# Services of models: agents talk to them by themselves. No storage, and nothing else that anybody may rent there.
_MODELS: Final = re.compile(
    r"(?:^|\.)(?:openai\.com|openai\.azure\.com|anthropic\.com|generativelanguage\.googleapis\.com|mistral\.ai|cohere\.com|groq\.com|together\.xyz|deepseek\.com|"
    r"x\.ai|openrouter\.ai|fireworks\.ai|perplexity\.ai)$|^(?:[a-z0-9-]+-)?aiplatform\.googleapis\.com$|^bedrock[a-z-]*\.[a-z0-9-]+\.amazonaws\.com$"
)
_ENDED: Final = """
SELECT toString(s.project) AS project, s.resource_attributes['spyglass.watch.id'] AS watch, lower(hex(trace_id)) AS trace,
  lower(hex(argMin(s.span_id, s.parent_span_id != toFixedString('', 8)))) AS span, max(toString(s.agent)) AS agent,
  toInt64(minIf(toUnixTimestamp64Nano(s.start), s.parent_span_id = toFixedString('', 8))) AS start_ns,
  toInt64(maxIf(toUnixTimestamp64Nano(s.start) + toInt64(s.duration_ns), s.parent_span_id = toFixedString('', 8))) AS end_ns
FROM spans AS s
WHERE s.received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND s.received < fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
  AND NOT s.pending AND watch != ''
GROUP BY project, watch, trace_id
HAVING max(s.parent_span_id = toFixedString('', 8))
ORDER BY project, start_ns, trace
LIMIT {most:UInt32}
"""
_DEEDS: Final = """
SELECT toString(e.project) AS project, lower(hex(e.event_id)) AS id, toUnixTimestamp64Nano(e.time) AS time_ns, toUnixTimestamp64Nano(e.received) AS received_ns,
  toString(e.event_name) AS name, e.resource_attributes['spyglass.watch.id'] AS watch, e.attributes['process.pid'] AS pid,
  if(e.attributes['file.path'] != '', e.attributes['file.path'], e.attributes['process.executable.path']) AS path, e.attributes['file.target_path'] AS target,
  if(e.attributes['server.address'] != '', e.attributes['server.address'], e.attributes['dns.question.name']) AS server,
  e.attributes['network.peer.address'] AS peer
FROM events AS e
WHERE e.time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND e.time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND e.received >= fromUnixTimestamp64Nano({lo_ns:Int64} - 3600000000000, 'UTC')
  AND has({watches:Array(String)}, e.resource_attributes['spyglass.watch.id']) AND e.attributes['error.type'] = ''
  AND (e.event_name = 'net.connect'
    OR (e.event_name = 'process.exec' AND match(e.attributes['process.executable.path'], {programs:String}))
    OR (e.event_name IN ('file.open', 'file.read') AND match(e.attributes['file.path'], {secrets:String}))
    OR (has({changes:Array(String)}, toString(e.event_name)) AND (
      match(e.attributes['file.path'], {secrets:String}) OR match(e.attributes['file.path'], {starts:String})
      OR match(e.attributes['file.target_path'], {secrets:String}) OR match(e.attributes['file.target_path'], {starts:String}))))
ORDER BY e.time, e.event_id
LIMIT 1 BY e.project, e.event_id
LIMIT {most:UInt32}
"""
_BESIDE: Final = """
SELECT lower(hex(trace_id)) AS trace
FROM spans AS s
WHERE s.project = {project:String} AND s.resource_attributes['spyglass.watch.id'] = {watch:String}
  AND s.received >= fromUnixTimestamp64Nano({lo_ns:Int64} - 3600000000000, 'UTC')
  AND s.start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
GROUP BY trace_id
HAVING max(toUnixTimestamp64Nano(s.start) + toInt64(s.duration_ns)) >= {lo_ns:Int64}
ORDER BY min(s.start), trace
LIMIT {most:UInt32}
"""
_NAMED: Final = """
SELECT h AS host
FROM (SELECT arrayJoin({hosts:Array(String)}) AS h) AS asked
CROSS JOIN (
  SELECT concat(s.input, ' ', toString(s.name), ' ', s.attributes['server.address'], ' ', s.attributes['url.full'], ' ', s.attributes['http.url']) AS said
  FROM spans AS s
  WHERE s.project = {project:String}
    AND s.received >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND s.received < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')) AS told
WHERE positionCaseInsensitive(said, h) > 0
GROUP BY h
ORDER BY h
LIMIT {most:UInt32}
"""


class Beside(NamedTuple):
    """One trace beside the evidence of its time. Ids of events, hex."""

    tells_tools: bool  # whether its spans, or its models, tell of tools at all
    explained: frozenset[str]
    unexplained: frozenset[str]


class Explain(Protocol):
    """Joins a trace with what runners saw."""

    def __call__(self, project: str, trace_id: str) -> Beside | None:
        """None: there is no such trace. `trace_id` in hex."""


class Settings(BaseModel, extra="forbid", frozen=True):
    """What needs no explanation."""

    hosts: list[str] = Field(default_factory=list, description="Hosts (and all below them) that agents talk to without telling: proxies, package mirrors.")
    programs: list[str] = Field(default_factory=list, description="Programs that agents start without telling, by name: `bash`.")
    least_confidence: float = Field(0.4, ge=0, le=1, description="Deeds less sure to be harm than this are not told.")


class Unexplained:
    """Remembers which deeds it has told, so that a trace within another is not told twice."""

    def __init__(self, settings: Settings, explain: Explain | None = None) -> None:
        """`explain`: without it nothing can be said."""
        self._settings, self._explain = settings, explain
        self._own = tuple(host.lower().lstrip(".") for host in settings.hosts)
        self._told: dict[tuple[str, str], None] = {}  # project and event

    def look(self, ask: Question, since_ns: int, now_ns: int) -> Iterable[Finding]:
        """Runs that ended, half a minute later."""
        if self._explain is None:
            return
        runs = ask(_ENDED, {"since_ns": since_ns - _GRACE_NS, "until_ns": now_ns - _GRACE_NS, "most": _MOST}).to_pylist()
        if not runs:
            return
        bounds = {"lo_ns": min(run["start_ns"] for run in runs), "hi_ns": max(run["end_ns"] for run in runs), "most": _MOST}
        patterns = {"programs": PROGRAMS, "secrets": SECRETS, "starts": STARTS, "changes": list(CHANGES)}
        rows = ask(_DEEDS, {**bounds, **patterns, "watches": sorted({run["watch"] for run in runs})}).to_pylist()
        for run in runs:
            mine = [row for row in rows if _within(row, run) and (row["project"], row["id"]) not in self._told]
            found = [(row, one) for row in mine if (one := deed(row)) is not None and self._matters(one)]
            if found:
                yield from self._judged(ask, self._explain, run, found, now_ns)

    def _matters(self, one: Deed) -> bool:
        if RULES[one.rule].confidence < self._settings.least_confidence or (one.key == "program" and one.thing in self._settings.programs):
            return False
        host = one.thing.lower().rstrip(".") if one.key == "host" else ""
        return not host or not (_MODELS.search(host) or any(host == own or host.endswith(f".{own}") for own in self._own))

    def _judged(self, ask: Question, explain: Explain, run: Mapping[str, Any], found: list[tuple[dict[str, Any], Deed]], now_ns: int) -> Iterator[Finding]:
        times = [row["time_ns"] for row, _ in found]
        where = {"project": run["project"], "watch": run["watch"], "lo_ns": min(times), "hi_ns": max(times), "most": _MOST_TRACES}
        traces = {run["trace"], *ask(_BESIDE, where)["trace"].to_pylist()}
        beside = [told for trace in sorted(traces) if (told := explain(run["project"], trace)) is not None]
        if not any(told.tells_tools for told in beside):
            return
        left = frozenset[str]().union(*(told.unexplained for told in beside)) - frozenset[str]().union(*(told.explained for told in beside))
        found = [(row, one) for row, one in found if row["id"] in left]
        hosts = sorted({one.thing for _, one in found if one.key == "host"})
        asked = {"project": run["project"], "hosts": hosts, "lo_ns": run["start_ns"] - _DAY_NS, "hi_ns": now_ns, "most": _MOST}
        named = set(ask(_NAMED, asked)["host"].to_pylist()) if hosts else set()
        grouped: dict[Deed, list[dict[str, Any]]] = {}
        for row, one in found:
            if one.key != "host" or one.thing not in named:
                grouped.setdefault(one, []).append(row)
        threat = noisy_or(RULES[rule].confidence for rule in {one.rule for one in grouped})
        for one in sorted(grouped, key=lambda one: (-RULES[one.rule].impact, -RULES[one.rule].confidence, one))[:_MOST_TOLD]:
            yield self._finding(run, one, grouped[one], threat)

    def _finding(self, run: Mapping[str, Any], one: Deed, rows: list[dict[str, Any]], threat: float) -> Finding:
        self._told |= dict.fromkeys((row["project"], row["id"]) for row in rows)
        while len(self._told) > _MOST_KNOWN:
            del self._told[next(iter(self._told))]
        rule = RULES[one.rule]
        who = run["agent"] or "A watched agent"
        times = f", {len(rows)} times" if len(rows) > 1 else ""
        return Finding(
            analyzer=analyzer.name,
            version=analyzer.version,
            rule=one.rule,
            project=run["project"],
            time_ns=rows[-1]["received_ns"],
            title=f"{who} {one.did}{times}, process {rows[0]['pid']}, and no span tells of it",
            severity=severity(rule.impact, rule.confidence),
            subject={key: name for key, name in (("agent", run["agent"]), (one.key, one.thing)) if name},
            observed=float(len(rows)),
            expected=(0.0, 0.0),
            evidence=(Evidence(run["trace"], run["span"]), *(Evidence(event_id=row["id"]) for row in rows)),
            first_ns=rows[0]["received_ns"],
            suggestion=rule.advice,
            owasp=rule.owasp.value,
            details={"confidence": rule.confidence, "threat": threat, "impact": rule.impact.name.lower(), "watch": run["watch"]},
        )


def _within(row: Mapping[str, Any], run: Mapping[str, Any]) -> bool:
    """Whether it happened in the run."""
    return bool(row["project"] == run["project"] and row["watch"] == run["watch"] and run["start_ns"] <= row["time_ns"] <= run["end_ns"])


analyzer: Final = AnalyzerKind(
    name="unexplained",
    version="1.0.0",
    description="What watched agents did to secrets, start files and the outside, and which programs they started, that no span of them tells.",
    reads=frozenset(),
    settings=Settings,
    make=Unexplained,
    rules=tuple(RULES),
    every_s=60.0,
)
