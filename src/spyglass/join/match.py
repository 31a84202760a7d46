"""Which span each action belongs to, with how sure that is and why.

In: claims and processes. Out: a link for each process and for each action that has one of its own. Signs from strong to weak: the process was given the span's
trace context; the tool's arguments tell of the command or the path; the span's process did it while the span ran; it was done while the span ran.
A process passes its link on to what it does and to its children.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from spyglass.join.arguments import NOTHING, Sign, sign_of_command, sign_of_path
from spyglass.join.nouns import Action, Claim, Link, Process, ProcessKey
from spyglass.join.processes import above

__all__ = ["Matched", "content", "match"]

SLACK_NS: Final = 50 * 10**6  # clocks of one machine agree; a span may be closed a moment before the kernel tells what happened within it
_PASSED_ON: Final = 0.98  # a child's child is a little less sure
_OWN_PROCESS: Final = 0.8
_SAME_TIME: Final = 0.55
_AMONG_OTHERS: Final = 0.6  # of the confidence, when several spans ran at that time
_KINDS: Final = frozenset({"tool", "mcp"})


@dataclass(frozen=True, slots=True)
class Matched:
    """Links of actions, by event id; those of processes stand at the processes."""

    actions: Mapping[str, Link]


def match(claims: Sequence[Claim], processes: Mapping[ProcessKey, Process], trace_id: str) -> Matched:
    """Link the processes and what they did. `trace_id` (hex): of the claims."""
    tools = _Tools([claim for claim in claims if claim.kind in _KINDS])
    known = {claim.span_id for claim in claims}
    runs = {claim.pid: claim.span_id for claim in claims if claim.by_runner and claim.kind == "agent"}
    links: dict[str, Link] = {}
    for process in sorted(processes.values(), key=lambda one: one.started_ns):
        line = list(above(process, processes))
        pids = {process.key.pid, *(one.key.pid for one in line), *(action.root for action in process.actions[:1])}
        passed = _passed_on(line[0].link if line else None, line[0] if line else None)
        process.link = passed
        for action in process.actions:
            own = _context(action, trace_id, known) or _run(action, process, runs) or _best(tools, action, process.key.host, pids)
            if action.name == "process.exec" and action.process.pid not in runs:
                process.link = own = _surer(own, passed)
            link = _surer(own, process.link)
            if link is not None:
                links[action.event_id] = link
    return Matched(links)


def _passed_on(link: Link | None, parent: Process | None) -> Link | None:
    if link is None or parent is None:
        return None
    return Link(
        link.span_id,
        link.confidence * _PASSED_ON,
        f"descends from process {parent.key.pid}: {link.reason.removeprefix('descends from process ').split(': ', 1)[-1]}",
    )


def _context(action: Action, trace_id: str, known: set[str]) -> Link | None:
    if action.trace_id == trace_id and action.span_id in known:
        return Link(action.span_id, 1.0, "the process was given this span's trace context")
    return None


def _run(action: Action, process: Process, runs: Mapping[int, str]) -> Link | None:
    """The program that was watched from its begin is the run itself; what it does is another matter."""
    if action.name == "process.exec" and action.process.pid in runs and process.actions[0] is action:
        return Link(runs[action.process.pid], 1.0, "it is this run")
    return None


def _surer(first: Link | None, second: Link | None) -> Link | None:
    if first is None or second is None:
        return first or second
    return first if first.confidence >= second.confidence else second


def _best(tools: _Tools, action: Action, host: str, pids: set[int]) -> Link | None:
    """The best span for an action by itself."""
    running = [claim for claim in tools.at(action.time_ns) if not (claim.host and host and claim.host != host)]
    near = [claim for claim in running if claim.pid == 0 or claim.pid in pids]
    best: Link | None = None
    for claim in near:
        own = claim.pid != 0
        base = Sign(_OWN_PROCESS, "its process did it while this ran") if own else Sign(_SAME_TIME, "done while this ran")
        if len(near) > 1:
            base = Sign(base.confidence * _AMONG_OTHERS, f"{base.reason}, as did {len(near) - 1} other{'s' * (len(near) > 2)}")
        sign = max(content(claim, action), base)
        best = _surer(best, Link(claim.span_id, sign.confidence, sign.reason))
    return best


def content(claim: Claim, action: Action) -> Sign:
    """What the arguments of a tool say of an action."""
    if action.name == "process.exec":
        return sign_of_command(claim.arguments, action.argv)
    if action.name.startswith("file."):
        return max(sign_of_path(claim.arguments, action.path), sign_of_path(claim.arguments, action.target))
    if action.name.startswith("net.") and action.server and action.server in claim.arguments:
        return Sign(0.9, "the tool was given this host")
    return NOTHING


class _Tools:
    """Tool spans by time: which ran at a moment. Innermost last."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._claims = sorted(claims, key=lambda one: one.start_ns)
        self._starts = [claim.start_ns for claim in self._claims]
        self._reach: list[int] = []  # the latest end so far: where to stop looking back
        for claim in self._claims:
            self._reach.append(max(claim.end_ns, self._reach[-1] if self._reach else 0))

    def at(self, time_ns: int) -> list[Claim]:
        found: list[Claim] = []
        at = bisect_right(self._starts, time_ns + SLACK_NS) - 1
        while at >= 0 and self._reach[at] >= time_ns - SLACK_NS:
            if self._claims[at].end_ns >= time_ns - SLACK_NS:
                found.append(self._claims[at])
            at -= 1
        return _innermost(found)


def _innermost(claims: list[Claim]) -> list[Claim]:
    """Without those that another one of them stands right below: a tool that calls a tool."""
    parents = {claim.parent_id for claim in claims}
    return [claim for claim in claims if claim.span_id not in parents]
