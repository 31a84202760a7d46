"""All of it: what a trace claims beside what was seen, joined, with what stands on one side alone.

In: claims, actions, calls, and when each watch was looking. Out: `Evidence`. Pure; some milliseconds for a thousand actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from spyglass.join.arguments import NOTHING, names_command, names_file, writes
from spyglass.join.calls import match_calls
from spyglass.join.match import content, match
from spyglass.join.nouns import Action, Call, Claim, Link, Process, ProcessKey
from spyglass.join.processes import above, processes_of

__all__ = ["LIKELY", "Evidence", "Unsupported", "Watched", "join"]

LIKELY: Final = 0.5  # from this confidence on something counts as explained
_LASTING: Final = frozenset(
    "file.write file.delete file.rename file.mkdir file.rmdir file.chmod file.truncate file.link file.symlink".split()
)  # what is still there when the agent has ended


class Watched(NamedTuple):
    """When a watch was looking: from its first event to its last one (ns)."""

    watch: str
    first_ns: int
    last_ns: int
    calls: bool  # it saw plaintext of connections


class Unsupported(NamedTuple):
    """A claim that a watch would have seen something of, and did not."""

    span_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What belongs together. Links are by event id, those of calls by span id (hex)."""

    processes: Sequence[Process] = ()
    actions: Sequence[Action] = ()
    links: Mapping[str, Link] = field(default_factory=dict)
    calls: Sequence[Call] = ()
    call_links: Mapping[str, Link] = field(default_factory=dict)
    unexplained: frozenset[str] = frozenset()  # event ids: nothing in the trace tells of them
    unsupported: Sequence[Unsupported] = ()
    watches: Sequence[Watched] = ()


def join(
    claims: Sequence[Claim], actions: Sequence[Action], calls: Sequence[Call], watches: Sequence[Watched], trace_id: str, *, others: Sequence[Claim] = ()
) -> Evidence:
    """Join what was seen in the time of a trace with what the trace says. `trace_id` in hex.

    `others`: tools of other traces at that time, as one process can be at work on several. What these account for better is not this trace's.
    Where spans name the watch that started them, what others saw says nothing.
    """
    own = {claim.watch for claim in claims if claim.watch}
    processes = processes_of(action for action in actions if not own or action.watch in own)
    told = [claim for claim in claims if not claim.seen]
    call_links = match_calls(told, calls, trace_id)
    ours = _ours(claims, processes, [call for call in calls if call.span_id in call_links])
    kept = {key: process for key, process in processes.items() if key in ours}
    theirs = _theirs(claims, others, kept)
    links = match(claims, kept, trace_id).actions
    elsewhere = {event for event, link in theirs.items() if link.confidence > (links[event].confidence if event in links else 0.0)}
    links = {event: link for event, link in links.items() if event not in elsewhere}
    for process in kept.values():
        if not any(action.event_id in links for action in process.actions):
            process.link = None
    seen = sorted((action for process in kept.values() for action in process.actions), key=lambda one: (one.time_ns, one.event_id))
    mine = sorted((call for call in calls if call.span_id in call_links or _of(call, ours)), key=lambda call: call.start_ns)
    used = {action.watch for action in seen}
    looking = [watched for watched in watches if watched.watch in used or watched.calls]
    return Evidence(
        sorted(kept.values(), key=lambda one: (one.started_ns, one.key)),
        seen,
        links,
        mine,
        call_links,
        _unexplained(claims, [action for action in seen if action.event_id not in elsewhere], links, mine),
        _unsupported(told, _shown(told, seen, links, call_links), looking),
        looking,
    )


def _ours(claims: Sequence[Claim], processes: Mapping[ProcessKey, Process], calls: Sequence[Call]) -> set[ProcessKey]:
    """The processes of this trace: those that its spans and calls come from with all above and below them; all, where no span says which."""
    pids = {(claim.host, claim.pid) for claim in claims if claim.pid} | {(call.host, call.pid) for call in calls if call.pid}
    if not pids:
        return set(processes)
    own = {key for key, process in processes.items() if any(_is(key, process, host, pid) for host, pid in pids)}
    return {key for key, process in processes.items() if key in own or any(one.key in own for one in above(process, processes))}


def _is(key: ProcessKey, process: Process, host: str, pid: int) -> bool:
    """Whether it is that process, or descends from it though the births between were not seen."""
    return (not host or not key.host or host == key.host) and (key.pid == pid or process.actions[0].root == pid)


def _theirs(claims: Sequence[Claim], others: Sequence[Claim], processes: Mapping[ProcessKey, Process]) -> dict[str, Link]:
    """What tools of other traces that ran in the same processes account for, by event id."""
    pids, watches = {(claim.host, claim.pid) for claim in claims if claim.pid}, {claim.watch for claim in claims if claim.watch}
    same = [other for other in others if (other.host, other.pid) in pids or other.watch in watches]
    found = match(same, processes, "").actions if same else {}
    return {event: link for event, link in found.items() if link.confidence >= LIKELY}


def _of(call: Call, ours: set[ProcessKey]) -> bool:
    return any(key.pid == call.pid and key.host == call.host for key in ours)


def _unexplained(claims: Sequence[Claim], actions: Sequence[Action], links: Mapping[str, Link], calls: Sequence[Call]) -> frozenset[str]:
    """Of what happened while the trace ran: programs started, things changed, hosts talked to, which no span accounts for."""
    if not claims:
        return frozenset()
    begin, end = min(claim.start_ns for claim in claims), max(claim.end_ns for claim in claims)
    servers = {(where, call.port) for call in calls for where in (call.server, call.peer) if where}
    found = set()
    for action in actions:
        link = links.get(action.event_id)
        if not begin <= action.time_ns <= end or (link is not None and link.confidence >= LIKELY) or action.error:
            continue
        if action.name == "process.exec" or action.name in _LASTING or (action.name == "net.connect" and not _dialled(action) & servers):
            found.add(action.event_id)
    return frozenset(found)


def _dialled(action: Action) -> set[tuple[str, int]]:
    return {(where, action.port) for where in (action.server, action.peer) if where}


def _shown(claims: Sequence[Claim], actions: Sequence[Action], links: Mapping[str, Link], calls: Mapping[str, Link]) -> set[str]:
    """The spans of which something was seen, and all above them."""
    by_id = {claim.span_id: claim for claim in claims}
    found = {link.span_id for link in calls.values() if link.confidence >= LIKELY}
    for action in actions:
        link = links.get(action.event_id)
        claim = by_id.get(link.span_id) if link is not None and link.confidence >= LIKELY else None
        if claim is not None and claim.span_id not in found and _shows(claim, action):
            found.add(claim.span_id)
    return found | _parents_of(found, claims)


def _shows(claim: Claim, action: Action) -> bool:
    """Whether an action says that a tool did what it was told to. What the agent's own process writes meanwhile, such as its log, does not."""
    if action.name == "process.exec" or action.process.pid not in {claim.pid, action.root}:
        return True
    return content(claim, action) != NOTHING or any(names_file(claim.arguments, path) for path in (action.path, action.target))


def _unsupported(claims: Sequence[Claim], seen: set[str], watches: Sequence[Watched]) -> list[Unsupported]:
    found = []
    for claim in claims:
        looking = [one for one in watches if one.first_ns <= claim.start_ns and claim.end_ns <= one.last_ns]
        if claim.span_id in seen or not looking:
            continue
        if claim.kind in {"tool", "mcp"} and (names_command(claim.arguments) or writes(claim.tool or claim.name, claim.arguments)):
            found.append(Unsupported(claim.span_id, "the tool was told to do something on this machine, and nothing of it was seen"))
        elif claim.kind == "llm" and any(one.calls for one in looking):
            found.append(Unsupported(claim.span_id, "connections were read at that time, and no such model call was seen"))
    return found


def _parents_of(spans: set[str], claims: Sequence[Claim]) -> set[str]:
    """What stands above something that was seen was seen by it."""
    parents = {claim.span_id: claim.parent_id for claim in claims}
    found: set[str] = set()
    for span in spans:
        while (span := parents.get(span, "")) and span not in found:
            found.add(span)
    return found
