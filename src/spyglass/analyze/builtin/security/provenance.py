"""What an agent did with what strangers wrote: calls of one trace in, findings out. A hint in a text is weak; that hint, and then an action, is not.

| rule | one finding when |
| --- | --- |
| `instructions_in_content` | what a tool returned from outside talks to the model |
| `destination_from_content` | an action went to an address or account that only such content had named |
| `action_after_instructions` | an action followed on content that talks to the model |
| `exposure` | one trace had all three: private data, content of strangers, and an action on the outside (the rule of two: any two are enough) |

A trace is judged when nothing more came of it for ten seconds: what the user had said is told by spans that end last, or by messages. Where there are
messages that were not heard (they came before a restart), nobody is accused of having got an address from a stranger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from spyglass.analyze.builtin.security.identifiers import ACCOUNTS, IDENTIFIERS, identifiers
from spyglass.analyze.builtin.security.instructions import attempts, sureness
from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.threat import Impact, Owasp, noisy_or, severity
from spyglass.analyze.builtin.security.trail import ACTS, PRIVATE, UNTRUSTED, Purposes, Step, Trail
from spyglass.analyze.builtin.security.voices import Voices
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Provenance", "Settings", "analyzer"]

_VERSION: Final = "1.1.1"
_DESTINATION, _EXPOSED = 0.7, 0.4  # how sure each is by itself
_IDLE_NS: Final = 10 * 10**9
_MOST_TRACES: Final = 20_000
_TOOLS: Final = pa.array(["tool", "mcp", "retriever"])
_NAMES: Final = ["project", "agent", "trace_id", "span_id", "session_id"]
_COLUMNS: Final = [*_NAMES, "kind", "tool", "name", "input", "output", "received", "start", "duration_ns"]
_MOST_NAMES: Final = 20_000  # of tools, of which it is remembered what they are for


class Settings(Purposes):
    """What tools are for, and how sure a hint must be."""

    least_confidence: float = Field(0.5, ge=0, le=1, description="Content that talks to the model less surely than this is not told.")


class Provenance:
    """Traces that go on, the longest silent first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._trails: dict[str, Trail] = {}
        self._quiet = Quiet()
        self._voices = Voices()
        self._purposes: dict[str, tuple[bool, ...]] = {}  # of tools, by name

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Spans that ended."""
        if not isinstance(seen, Batch) or not len(seen):
            return
        self._quiet.heed(seen)
        if seen.kind is not Kind.SPAN:
            return
        self._voices.hear(seen)
        rows = seen.rows.select(_COLUMNS)
        if pc.any(seen.rows["pending"]).as_py():
            rows = rows.filter(pc.invert(seen.rows["pending"]))
        is_tool = pc.is_in(rows["kind"], _TOOLS).to_numpy()
        purposes = np.zeros((3, len(is_tool)), np.bool_)
        purposes[:, is_tool] = self._of(rows.select(["kind", "tool", "name"]).filter(pa.array(is_tool)))
        tells = np.zeros(len(is_tool), np.bool_)
        tells[~is_tool] = pc.match_substring_regex(rows["input"].filter(pa.array(~is_tool)), IDENTIFIERS).to_numpy()
        wanted = purposes.any(axis=0) | tells
        if not wanted.any():
            return
        taken = rows.filter(pa.array(wanted))
        untrusted, private, acts = purposes[:, wanted]
        # Of a call that acts what was sent is read, of others that a tool answered what came back, of all that are no tools what went in.
        texts = pc.if_else(pa.array((untrusted | private) & ~acts), taken["output"], taken["input"])
        flags = (untrusted, private, acts, tells[wanted], pc.match_substring_regex(texts, ACCOUNTS).to_numpy())
        times = [taken[name].cast(pa.int64()).to_pylist() for name in ("received", "start", "duration_ns")]
        columns = [*(taken[name].to_pylist() for name in _NAMES), _called(taken).to_pylist()]
        asked = zip(*(flag.tolist() for flag in flags), strict=True)
        for row, time, text, is_what in zip(zip(*columns, strict=True), zip(*times, strict=True), texts.to_pylist(), asked, strict=True):
            yield from self._row(row, time, text, is_what)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Judge traces that came to rest: those at the front, as arrival never goes back."""
        for key in list(takewhile(lambda key: now_ns - self._trails[key].last_ns >= _IDLE_NS, self._trails)):
            yield from self._judged(self._trails.pop(key))

    def save(self) -> State:
        """The traces that go on, each as JSON."""
        kept = [orjson.dumps(_listed(key, trail)) for key, trail in self._trails.items()]
        return {"trails": pa.table({"trail": pa.array(kept, pa.binary())}), "told": self._quiet.save(), "voices": self._voices.save()}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._quiet.restore(state.get("told"))
        self._voices.restore(state.get("voices"))
        for one in state["trails"]["trail"].to_pylist() if "trails" in state else ():
            key, project, last_ns, steps, known, conversation = orjson.loads(one)
            untrusted, private, acts = ([_step(row) for row in part] for part in steps)
            self._trails[key] = Trail(project, last_ns, untrusted, private, acts, known=set(known), conversation=conversation)

    def _of(self, tools: pa.Table) -> npt.NDArray[np.bool_]:
        """What calls are for: three rows, of content, of private data, of actions."""
        names = _called(tools).combine_chunks().dictionary_encode()
        told = names.dictionary.to_pylist()
        if len(self._purposes) > _MOST_NAMES:
            self._purposes.clear()
        if fresh := [name for name in told if name not in self._purposes]:
            self._purposes |= zip(fresh, self._named(pa.array(fresh, pa.string())), strict=True)
        found = np.array([self._purposes[name] for name in told], np.bool_).reshape(-1, 4)[names.indices.to_numpy()].T.copy()
        found[0] |= pc.equal(tools["kind"], "retriever").to_numpy()
        return np.asarray(found[:3] & ~found[3])

    def _named(self, names: pa.Array) -> Iterator[tuple[bool, ...]]:
        """Of each name: whether it is one of content, of private data, of actions, and whether it is none of these."""
        asked = self._settings
        patterns = ((UNTRUSTED, asked.untrusted), (PRIVATE, asked.private), (ACTS, asked.acts))
        flags = [pc.or_(pc.match_substring_regex(names, pattern), pc.is_in(names, pa.array(extra, pa.string()))) for pattern, extra in patterns]
        return zip(*(flag.to_pylist() for flag in (*flags, pc.is_in(names, pa.array(asked.trusted, pa.string())))), strict=True)

    def _row(self, row: tuple[Any, ...], time: tuple[int, int, int], text: str, flags: tuple[bool, ...]) -> Iterator[Finding]:
        project, agent, trace_id, span_id, session, tool = row
        received_ns, start_ns, lasted_ns = time
        key = f"{project}\0{trace_id.hex()}"
        trail = self._trails.pop(key, None)
        if trail is not None and received_ns - trail.last_ns >= _IDLE_NS:  # it had come to rest before
            yield from self._judged(trail)
            trail = None
        trail = self._trails[key] = trail or Trail(project)
        trail.last_ns = received_ns
        if session or not trail.conversation:
            trail.conversation = self._voices.key(project, session, trace_id)
        untrusted, private, acts, tells, accounts = flags
        names = identifiers(text, accounts=accounts)
        if tells:
            trail.knows(names)
        else:
            step = Step(start_ns, start_ns + lasted_ns, agent, tool, f"{trace_id.hex()}/{span_id.hex()}", names)
            if acts:
                trail.add(trail.acts, step)
            elif untrusted:
                found = attempts(text)
                trail.add(trail.untrusted, step._replace(attempts=tuple(one.does for one in found), sure=sureness(found)))
            else:
                trail.knows(names)
            if private and not acts:
                trail.add(trail.private, step._replace(names=frozenset()))
        if len(self._trails) > _MOST_TRACES:
            oldest = next(iter(self._trails))
            yield from self._judged(self._trails.pop(oldest))

    def _judged(self, trail: Trail) -> Iterator[Finding]:
        if not trail.untrusted:
            return
        least = self._settings.least_confidence
        strange = sorted((one for one in trail.untrusted if one.sure >= least), key=lambda one: (-one.sure, one.end_ns, one.evidence))
        if not strange and not trail.acts:
            return  # as of most
        led = [(read, act) for act in sorted(trail.acts) for read in sorted(trail.untrusted) if read.end_ns <= act.begin_ns]
        said = self._voices.names(trail.conversation)
        taken = [(read, act) for read, act in led if said is not None and (act.names & read.names) - trail.known - said]
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
        title = f"{read.tool} returned text{f' to {read.agent}' if read.agent else ''} that talks to the model: it {_list(read.attempts)}"
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
        yield self._quiet.tells(
            Finding(
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
        )


def _called(rows: pa.Table) -> pa.ChunkedArray:
    """The names of tools."""
    return pc.if_else(pc.equal(rows["tool"], ""), rows["name"], rows["tool"])


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
    return [key, trail.project, trail.last_ns, steps, sorted(trail.known), trail.conversation]


analyzer: Final = AnalyzerKind(
    name="provenance",
    version=_VERSION,
    description="Content of strangers that talks to the model, and what agents did after they had read it.",
    reads=frozenset({"span", "event"}),
    settings=Settings,
    make=Provenance,
    rules=("instructions_in_content", "destination_from_content", "action_after_instructions", "exposure"),
)
