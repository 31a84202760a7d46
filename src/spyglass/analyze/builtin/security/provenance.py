"""What an agent did with what strangers wrote: calls of one trace in, findings out. A hint in a text is weak; that hint, and then an action, is not.

| rule | one finding when |
| --- | --- |
| `instructions_in_content` | what a tool returned from outside talks to the model |
| `destination_from_content` | an action went to an address or account that only such content had named |
| `action_after_instructions` | an action followed on content that talks to the model |
| `exposure` | one trace had all three: private data, content of strangers, and an action on the outside (the rule of two: any two are enough) |

A trace is judged when nothing more came of it for ten seconds: what the user had said is told by spans that end last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from spyglass.analyze.builtin.security.instructions import attempts, sureness
from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.threat import Impact, Owasp, noisy_or, severity
from spyglass.analyze.builtin.security.trail import ACTS, IDENTIFIERS, PRIVATE, UNTRUSTED, Purposes, Step, Trail, identifiers
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Provenance", "Settings", "analyzer"]

_VERSION: Final = "1.0.0"
_DESTINATION, _EXPOSED = 0.7, 0.4  # how sure each is by itself
_IDLE_NS: Final = 10 * 10**9
_MOST_TRACES: Final = 20_000
_TOOLS: Final = pa.array(["tool", "mcp", "retriever"])
_COLUMNS: Final = ["project", "agent", "tool", "name", "input", "output", "trace_id", "span_id"]
# RE2: whatever `attempts` finds has one of these; most content has none.
_CUE: Final = (
    r"(?i)ignor|forget|disregard|overlook|overrid|abandon|discard|neglect|bypass|instru|anweisung|prompt|passw|passcode|secret|credential|pretend|"
    r"you are|you're|act as|"
    r"from now on|assistant|language model|\bai\b|\bllm|chatbot|\bgpt|system|important|attention|do not|don't|never|without|execute|following|send|"
    r"forward|upload|transfer|"
    r"output|state|print|say|new task|vergiss|missacht|olvid|oubli|base64|[A-Za-z0-9+/]{24}|[01]{8}|[^\x00-\x{ff}]"
)


class Settings(Purposes):
    """What tools are for, and how sure a hint must be."""

    least_confidence: float = Field(0.5, ge=0, le=1, description="Content that talks to the model less surely than this is not told.")


class Provenance:
    """Traces that go on, the longest silent first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._trails: dict[str, Trail] = {}
        self._quiet = Quiet()

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Spans that ended."""
        if not isinstance(seen, Batch) or seen.kind is not Kind.SPAN or not len(seen):
            return
        rows = seen.rows
        names = pc.if_else(pc.equal(rows["tool"], ""), rows["name"], rows["tool"])
        is_tool = pc.and_(pc.is_in(rows["kind"], _TOOLS), pc.invert(pc.is_in(names, pa.array(self._settings.trusted, pa.string()))))
        purposes = [pc.and_(is_tool, self._named(names, pattern, extra)) for pattern, extra in self._patterns()]
        purposes[0] = pc.or_(purposes[0], pc.and_(is_tool, pc.equal(rows["kind"], "retriever")))
        tells = pc.and_(pc.invert(pc.is_in(rows["kind"], _TOOLS)), pc.match_substring_regex(rows["input"], IDENTIFIERS))
        wanted = pc.and_not(pc.or_(pc.or_(purposes[0], purposes[1]), pc.or_(purposes[2], tells)), rows["pending"])
        taken = rows.filter(wanted)
        if not taken.num_rows:
            return
        flags = [pc.filter(mask, wanted).to_pylist() for mask in (*purposes, tells, pc.match_substring_regex(rows["output"], _CUE))]
        times = [taken[name].cast(pa.int64()).to_pylist() for name in ("received", "start", "duration_ns")]
        columns = [taken[name].to_pylist() for name in _COLUMNS]
        for row, time, asked in zip(zip(*columns, strict=True), zip(*times, strict=True), zip(*flags, strict=True), strict=True):
            yield from self._row(row, time, asked)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Judge traces that came to rest."""
        for key in [key for key, trail in self._trails.items() if now_ns - trail.last_ns >= _IDLE_NS]:
            yield from self._judged(self._trails.pop(key))

    def save(self) -> State:
        """The traces that go on, each as JSON."""
        kept = [orjson.dumps(_listed(key, trail)) for key, trail in self._trails.items()]
        return {"trails": pa.table({"trail": pa.array(kept, pa.binary())}), "told": self._quiet.save()}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._quiet.restore(state.get("told"))
        for one in state["trails"]["trail"].to_pylist() if "trails" in state else ():
            key, project, last_ns, steps, known = orjson.loads(one)
            untrusted, private, acts = ([_step(row) for row in part] for part in steps)
            self._trails[key] = Trail(project, last_ns, untrusted, private, acts, known=set(known))

    def _patterns(self) -> list[tuple[str, list[str]]]:
        return [(UNTRUSTED, self._settings.untrusted), (PRIVATE, self._settings.private), (ACTS, self._settings.acts)]

    def _named(self, names: pa.ChunkedArray, pattern: str, extra: list[str]) -> pa.ChunkedArray:
        return pc.or_(pc.match_substring_regex(names, pattern), pc.is_in(names, pa.array(extra, pa.string())))

    def _row(self, row: tuple[Any, ...], time: tuple[int, int, int], asked: tuple[bool, ...]) -> Iterator[Finding]:
        project, agent, tool, name, given, output, trace_id, span_id = row
        received_ns, start_ns, lasted_ns = time
        key = f"{project}\0{trace_id.hex()}"
        trail = self._trails.pop(key, None)
        if trail is not None and received_ns - trail.last_ns >= _IDLE_NS:  # it had come to rest before
            yield from self._judged(trail)
            trail = None
        trail = self._trails[key] = trail or Trail(project)
        trail.last_ns = received_ns
        untrusted, private, acts, tells, cue = asked
        if tells:
            trail.knows(identifiers(given))
        step = Step(start_ns, start_ns + lasted_ns, agent, tool or name, f"{trace_id.hex()}/{span_id.hex()}", frozenset())
        if untrusted and not acts:
            found = attempts(output) if cue else []
            trail.add(trail.untrusted, step._replace(names=identifiers(output), attempts=tuple(one.does for one in found), sure=sureness(found)))
        if private and not acts:
            trail.add(trail.private, step)
            if not untrusted:
                trail.knows(identifiers(output))
        if acts:
            trail.add(trail.acts, step._replace(names=identifiers(given)))
        if len(self._trails) > _MOST_TRACES:
            oldest = next(iter(self._trails))
            yield from self._judged(self._trails.pop(oldest))

    def _judged(self, trail: Trail) -> Iterator[Finding]:
        least = self._settings.least_confidence
        strange = sorted((one for one in trail.untrusted if one.sure >= least), key=lambda one: (-one.sure, one.end_ns, one.evidence))
        led = [(read, act) for act in sorted(trail.acts) for read in sorted(trail.untrusted) if read.end_ns <= act.begin_ns]
        taken = [(read, act) for read, act in led if (act.names & read.names) - trail.known]
        after = [] if taken else [(read, act) for read, act in led if read.sure >= least]
        first = min(trail.private, key=lambda one: (one.end_ns, one.evidence), default=None)
        exposed = [(first, read, act) for read, act in led if first is not None and first.end_ns <= act.begin_ns]
        text = strange[0].sure if strange else 0.0
        trail.threat = noisy_or([text, _DESTINATION if taken else 0.0, _EXPOSED if exposed else 0.0])
        if strange:
            yield from self._content(trail, strange[0])
        if taken:
            yield from self._destination(trail, *taken[0])
        if after:
            yield from self._after(trail, *after[0])
        if exposed:
            yield from self._exposed(trail, *exposed[0])

    def _content(self, trail: Trail, read: Step) -> Iterator[Finding]:
        title = f"{read.tool} returned text that talks to the model: it {_list(read.attempts)}"
        advice = "Look at the text; mark what this tool returns as data in the prompt, and let no action follow on it without a question to a person."
        yield from self._told("instructions_in_content", trail, (read,), {"tool": read.tool}, title, read.sure, Impact.MEDIUM, Owasp.GOAL_HIJACK, advice)

    def _destination(self, trail: Trail, read: Step, act: Step) -> Iterator[Finding]:
        sure = noisy_or((_DESTINATION, read.sure))
        title = (
            f"{act.agent or 'An agent'} acted by {act.tool} on an address that only {read.tool} had named, {(act.begin_ns - read.end_ns) / 1e9:.1f} s before"
        )
        title += f"; the text {_list(read.attempts)}" if read.attempts else ""
        advice = f"See whether the user wanted this. Let {act.tool} reach only destinations that the user or the program named."
        yield from self._told("destination_from_content", trail, (read, act), _subject(act), title, sure, Impact.CRITICAL, Owasp.GOAL_HIJACK, advice)

    def _after(self, trail: Trail, read: Step, act: Step) -> Iterator[Finding]:
        title = f"{act.agent or 'An agent'} acted by {act.tool} after {read.tool} had returned text that {_list(read.attempts)}"
        advice = "Compare the action with what the user had asked for; ask a person before actions that follow on such text."
        yield from self._told(
            "action_after_instructions", trail, (read, act), _subject(act), title, round(read.sure * 0.8, 6), Impact.CRITICAL, Owasp.GOAL_HIJACK, advice
        )

    def _exposed(self, trail: Trail, own: Step, read: Step, act: Step) -> Iterator[Finding]:
        sure = noisy_or((_EXPOSED, read.sure * 0.8))
        title = f"{act.agent or 'An agent'} read private data by {own.tool}, text of strangers by {read.tool}, and then acted on the outside by {act.tool}"
        advice = "Take one of the three away, or put a person in between: a text could make the agent send the data to whoever wrote it."
        yield from self._told("exposure", trail, (own, read, act), _subject(act), title, sure, Impact.HIGH, Owasp.TRUST, advice)

    def _told(
        self,
        rule: str,
        trail: Trail,
        steps: tuple[Step, ...],
        subject: dict[str, str],
        title: str,
        confidence: float,
        impact: Impact,
        owasp: Owasp,
        advice: str,
    ) -> Iterator[Finding]:
        weight = severity(impact, confidence)
        if not self._quiet.speaks(trail.last_ns, rule, weight, trail.project, *subject.values()):
            return
        yield Finding(
            analyzer=analyzer.name,
            version=_VERSION,
            rule=rule,
            project=trail.project,
            time_ns=trail.last_ns,
            title=title,
            severity=weight,
            subject=subject,
            evidence=tuple(Evidence(*one.evidence.split("/")) for one in steps),
            first_ns=min(one.begin_ns for one in steps),
            suggestion=advice,
            owasp=owasp.value,
            details={"confidence": round(confidence, 3), "threat": round(trail.threat, 3), "impact": impact.name.lower()},
        )


def _subject(step: Step) -> dict[str, str]:
    return {key: name for key, name in (("agent", step.agent), ("tool", step.tool)) if name}


def _list(does: tuple[str, ...]) -> str:
    return ", ".join(does[:3])


def _step(row: list[Any]) -> Step:
    begin_ns, end_ns, agent, tool, evidence, names, tried, sure = row
    return Step(begin_ns, end_ns, agent, tool, evidence, frozenset(names), tuple(tried), sure)


def _listed(key: str, trail: Trail) -> list[object]:
    """As JSON has it."""
    steps = [[[*one[:5], sorted(one.names), one.attempts, one.sure] for one in part] for part in (trail.untrusted, trail.private, trail.acts)]
    return [key, trail.project, trail.last_ns, steps, sorted(trail.known)]


analyzer: Final = AnalyzerKind(
    name="provenance",
    version=_VERSION,
    description="Content of strangers that talks to the model, and what agents did after they had read it.",
    reads=frozenset({"span"}),
    settings=Settings,
    make=Provenance,
    rules=("instructions_in_content", "destination_from_content", "action_after_instructions", "exposure"),
)
