"""Snapshots, states at a moment, what changed between two, recordings, and two runs side by side."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, SpanId, Time, TraceId

__all__ = ["Comparison", "Difference", "RecordingPage", "SnapshotList", "StateAt"]

StateProblem = Literal["", "none_before", "no_state", "pieces_missing", "hash_mismatch", "too_large", "nothing_there"]


class Snapshot(Answer):
    """A state that an execution told."""

    id: str = Field(description="Id of its event, 32 hex digits.")
    time: Time
    name: str = Field(description="What the sender called it; empty: nothing.")
    step: int = Field(description="How many steps the execution had told; 0: none yet.")
    step_name: str = Field(description="The step after which it was taken by itself; empty: somebody took it.")
    size_bytes: int = Field(description="Size of the state as canonical JSON.")
    hash: str = Field(description="Of the state as it is kept: equal states have one. Empty: no state was sent.")
    placeholders: int = Field(description="Values that could not be told, in whose places stand placeholders.")
    cut: bool = Field(description="The state was larger than the sender's bound: a part of it was sent.")
    has_state: bool = Field(description="Whether the state was sent; a sender may keep content to itself.")
    redacted: bool = Field(description="Secrets in it were replaced before it was kept.")
    trace_id: TraceId
    span_id: SpanId


class SnapshotList(Page[Snapshot]):
    """Snapshots, in order of time."""


class MessageSoFar(Answer):
    """A message that had been said."""

    time: Time
    span_id: SpanId
    direction: str = Field(description="input, output.")
    role: str = Field(description="system, user, assistant, tool.")
    agent: str = Field(description="Agent whose call said it.")
    text: str = Field(description="Its plain text.")
    body: Any = Field(description="The message: role and parts.")


class Remembered(Answer):
    """What a key of the memory held."""

    scope: str = Field(description="Where it is remembered; empty: not told.")
    key: str = Field(description="The key.")
    time: Time = Field(description="Of the last operation before that moment.")
    action: str = Field(description="The last operation: read, write.")
    size_bytes: int = Field(description="Size of the value; 0: not told.")
    hash: str = Field(description="Of the value; empty: not told.")
    value: Any = Field(description="The value, as far as it was told.")


class FileTouched(Answer):
    """What a process of the execution did to a file, as runners saw it."""

    event_id: str = Field(description="Id of the event.")
    time: Time
    name: str = Field(description="file.open, file.delete, …")
    process: str = Field(description="Which process did it.")
    what: str = Field(description="The path; of a renaming both.")
    error: str = Field(description="Why it failed; empty: it did not.")
    read_bytes: int = Field(description="Bytes read, where that is told.")
    written_bytes: int = Field(description="Bytes written, where that is told.")


class StateAt(Answer):
    """An execution at a moment."""

    execution_id: str = Field(description="The execution.")
    time: Time = Field(description="The moment.")
    snapshot: Snapshot | None = Field(description="The last snapshot until then; null: there was none.")
    state: Any = Field(description="The state, with its types as docs/time-travel.md says; null where `problem` says why.")
    problem: StateProblem = Field(
        description="Why there is no state: none_before (no snapshot until then), no_state (its content was not sent), pieces_missing (its retention is over), "
        "hash_mismatch (what is kept is not what was told), "
        "too_large (ask for a part with `pointer`), nothing_there (`pointer` points nowhere); empty: there is one."
    )
    problem_detail: str = Field(description="The same in a sentence.")
    messages: list[MessageSoFar] = Field(description="What had been said first in this execution's trace until then, in order.")
    memory: list[Remembered] = Field(description="What the memory held that this execution read and wrote until then, by scope and key.")
    files: list[FileTouched] = Field(description="What its processes had done to files, where runners watched.")
    truncated: list[str] = Field(description="Which of messages, memory and files had more than is told.")


class StateChange(Answer):
    """One change between two states."""

    kind: Literal["added", "removed", "changed"] = Field(description="What happened.")
    pointer: str = Field(description="Where: a JSON pointer (RFC 6901).")
    before: Any = Field(description="The value before; null where there was none, or it is too large to be told here.")
    after: Any = Field(description="The value after; likewise.")
    before_bytes: int = Field(description="Size of the value before as JSON; 0: there was none.")
    after_bytes: int = Field(description="Size of the value after as JSON; 0: there is none.")


class Difference(Answer):
    """What changed between two moments of an execution."""

    execution_id: str = Field(description="The execution.")
    before: Snapshot = Field(description="The earlier snapshot.")
    after: Snapshot = Field(description="The later snapshot.")
    items: list[StateChange] = Field(description="The changes.")
    next_cursor: None = Field(description="Always null: what is beyond `limit` is not told, narrow it down with `pointer`.")
    truncated: bool = Field(description="There are more changes.")


class RecordedCall(Answer):
    """A model or tool call, with what it answered."""

    number: int = Field(description="In the order in which calls began, from 0.")
    parent: int = Field(description="Number of the call within which it was made; -1: none.")
    step: int = Field(description="How many steps the execution had told.")
    kind: str = Field(description="llm, tool, retriever, …")
    name: str = Field(description="What was called.")
    input_hash: str = Field(description="Of the canonical arguments.")
    outcome: str = Field(description="returned, raised, yielded.")
    form: str = Field(description="What it gave instead of a plain value: awaitable, generator, async_generator, stream, async_stream; empty: nothing else.")
    output: str | None = Field(description="The answer as typed JSON (docs/time-travel.md); null: it was not recorded whole.")
    output_hash: str = Field(description="Of the answer as it was; where `output` has another, it was changed on the way.")
    complete: bool = Field(description="Whether the answer was recorded whole.")
    replayed: bool = Field(description="It was itself a recorded answer: the call did not run.")
    duration_ns: int = Field(description="How long it took.")
    time: Time = Field(description="When it ended.")
    span_id: SpanId


class RecordingPage(Page[RecordedCall]):
    """A recording: calls in the order in which they began."""

    execution_id: str = Field(description="The execution.")
    agent: str = Field(description="Its agent.")
    agent_id: str = Field(description="The agent's id; empty: not told.")
    name: str = Field(description="What was done: the operation.")
    ended: bool = Field(description="Whether it has ended: then nothing more is recorded.")
    steps: int = Field(description="How many steps it told.")
    missing: int = Field(description="How many of the calls that it told at its end have not arrived (yet).")


class ComparedCall(Answer):
    """A call within a step."""

    kind: str = Field(description="llm, tool, …")
    name: str = Field(description="What was called.")
    failed: bool = Field(description="It raised, or failed.")
    input_hash: str = Field(description="Of the arguments; empty: not recorded.")
    output_hash: str = Field(description="Of the answer; empty: not recorded.")


class ComparedStep(Answer):
    """A step of one of the two."""

    number: int = Field(description="Its number; 0: not told.")
    name: str = Field(description="Its name.")
    status: str = Field(description="ok, failed.")
    time: Time
    input: str = Field(description="What it was told with, its begin.")
    calls: list[ComparedCall] = Field(description="Calls that were made in it, where they were recorded.")


class ComparedPair(Answer):
    """Two steps that belong together, or one that stands alone."""

    a: ComparedStep | None = Field(description="Step of the first; null: it has none here.")
    b: ComparedStep | None = Field(description="Step of the second; null: it has none here.")
    same: bool = Field(description="Both are there, and nothing differs.")
    differs: list[str] = Field(description="only_a, only_b, status, input, calls (others were made), answers (the same calls were answered otherwise).")


class ComparedRun(Answer):
    """One of the two executions."""

    id: str = Field(description="Its id.")
    agent: str = Field(description="Its agent.")
    name: str = Field(description="What was done.")
    start: Time
    duration_ns: int | None = Field(description="How long it took; null: it has not ended.")
    forked_from: str = Field(description="The execution that it is a fork of; empty: none.")
    forked_at_step: int = Field(description="How many steps it took over from that.")
    steps: int = Field(description="Steps, or spans that do work where it tells none.")


class Comparison(Answer):
    """Two executions side by side."""

    a: ComparedRun = Field(description="The first.")
    b: ComparedRun = Field(description="The second.")
    same_until: int = Field(description="So many pairs from the begin are the same.")
    items: list[ComparedPair] = Field(description="Their steps, aligned.")
    next_cursor: None = Field(description="Always null: all that is compared is here.")
    truncated: bool = Field(description="One of them has more steps than are compared.")
