"""A trace beside what the system saw."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import SpanId, Time, TraceId

__all__ = ["CausedBySpan", "EvidenceCounts", "ExecutionProcesses", "TraceEvidence"]


class EvidenceLink(Answer):
    """Why something belongs to a span."""

    span_id: SpanId
    confidence: float = Field(description="0 to 1: how often such a reason is right, as far as can be said; from 0.5 on it counts as explained.")
    reason: str = Field(description="What speaks for it.")


class WatchedProcess(Answer):
    """A process in the time of the trace."""

    id: str = Field(description="Names it within this answer.")
    parent: str | None = Field(description="Id of its parent; null: not seen.")
    pid: int = Field(description="Process id.")
    host_id: str = Field(description="Host; empty: not told.")
    command_args: list[str] = Field(description="What it was started as, with its arguments.")
    programs: list[list[str]] = Field(description="All that it became, one after the other: a shell becomes its last command.")
    executable: str = Field(description="Path of the last one.")
    start: Time
    end: Time | None = Field(description="When it ended; null: not seen.")
    exit_code: int | None = Field(description="Exit status; null: not seen, or a signal ended it.")
    exit_signal: str = Field(description="The signal that ended it; empty: none.")
    link: EvidenceLink | None = Field(description="The span that caused it; null: none is likely.")


class EvidenceAction(Answer):
    """Something that a process did."""

    event_id: str = Field(description="The event that tells of it.")
    time: Time
    name: str = Field(description="process.exec, file.write, net.connect …")
    process: str = Field(description="Id of the process.")
    what: str = Field(description="In a line: the command, the path, the other end.")
    target: str = Field(description="Of a file that was renamed or linked: the new name, or what the link points at.")
    error: str = Field(description="Why it failed; empty: it did not.")
    read_bytes: int = Field(description="Bytes read or received.")
    written_bytes: int = Field(description="Bytes written or sent.")
    link: EvidenceLink | None = Field(description="The span that caused it; null: none is likely.")
    unexplained: bool = Field(description="It happened while the trace ran, and nothing in the trace accounts for it.")


class EvidenceCall(Answer):
    """A model call that was seen in the plaintext of a connection; it is a span itself."""

    trace_id: TraceId
    span_id: SpanId
    start: Time
    duration_ns: int = Field(description="How long it took.")
    model: str = Field(description="Model.")
    server: str = Field(description="Where it went.")
    pid: int = Field(description="Process that made it; 0: not told.")
    link: EvidenceLink | None = Field(description="The span of the trace that tells of the same call; null: none.")


class FileUse(Answer):
    """What became of a file."""

    path: str = Field(description="Its path.")
    did: list[str] = Field(description="What was done, each once: open, read, write, delete, rename …")
    target: str = Field(description="Its new name, or what the link points at; empty: none.")
    read_bytes: int = Field(description="Bytes read.")
    written_bytes: int = Field(description="Bytes written.")
    failed: bool = Field(description="Nothing of it worked.")


class HostUse(Answer):
    """What went to one peer and came from it."""

    host: str = Field(description="Its name, else its address.")
    port: int = Field(description="Its port; 0: none.")
    sent_bytes: int = Field(description="Bytes sent.")
    received_bytes: int = Field(description="Bytes received.")
    failed: bool = Field(description="No connection worked.")


class SpanEvidence(Answer):
    """What a span caused."""

    span_id: SpanId
    processes: list[str] = Field(description="Ids of processes within this answer.")
    files: list[FileUse] = Field(description="Files, in the order in which they were touched first.")
    hosts: list[HostUse] = Field(description="Peers, in the order in which they were talked to first.")


class CausedBySpan(Answer):
    """What one span caused."""

    span_id: SpanId
    watches: int = Field(description="Watches that were looking; 0: nothing can be said.")
    processes: list[WatchedProcess] = Field(description="Processes.")
    files: list[FileUse] = Field(description="Files, in the order in which they were touched first.")
    hosts: list[HostUse] = Field(description="Peers, in the order in which they were talked to first.")


class UnsupportedClaim(Answer):
    """A span that a watch would have seen something of, and did not."""

    span_id: SpanId
    name: str = Field(description="Name of the span.")
    reason: str = Field(description="What was expected.")


class EvidenceWatch(Answer):
    """A watch that was looking at the time."""

    watch: str = Field(description="Its id.")
    first: Time
    last: Time
    calls: bool = Field(description="It read connections in plaintext.")


class TraceEvidence(Answer):
    """What was seen in the time of a trace, joined with what the trace says."""

    trace_id: TraceId
    watches: list[EvidenceWatch] = Field(description="Who was looking; none: nothing can be said.")
    processes: list[WatchedProcess] = Field(description="In the order in which they began.")
    actions: list[EvidenceAction] = Field(description="In the order of time.")
    calls: list[EvidenceCall] = Field(description="In the order of time.")
    spans: list[SpanEvidence] = Field(description="Spans that caused something, with the processes, files and hosts; what a link says, by span.")
    unsupported: list[UnsupportedClaim] = Field(description="Claims without evidence although somebody was looking.")
    unexplained: int = Field(description="How many actions nothing in the trace accounts for.")
    truncated: bool = Field(description="There was more than is looked at: 50,000 actions.")


class EvidenceCounts(Answer):
    """How much there is in the evidence of a trace."""

    trace_id: TraceId
    watches: int = Field(description="Watches that were looking; 0: nothing can be said.")
    processes: int = Field(description="Processes.")
    actions: int = Field(description="What they did.")
    calls: int = Field(description="Model calls seen on the wire.")
    unexplained: int = Field(description="Actions that nothing in the trace accounts for.")
    untold: int = Field(description="Model calls on the wire that no span tells of.")
    unsupported: int = Field(description="Claims without evidence although somebody was looking.")
    truncated: bool = Field(description="There was more than is looked at: 50,000 actions.")


class ExecutionProcesses(Answer):
    """The processes that an execution caused."""

    items: list[WatchedProcess] = Field(description="In the order in which they began.")
    next_cursor: str | None = Field(description="Always null: all of them are here.")
