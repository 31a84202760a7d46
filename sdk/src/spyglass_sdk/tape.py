"""Calls of an execution that is recorded: what a call is given and what it answers in, the events `execution.call` out; and answers from an earlier recording.

A call is known by its kind, its name and the hash of its arguments, and by their order where these are equal. Calls within a call are recorded, too; when the
outer one is answered from the recording they do not happen, so their records are passed over with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Protocol

from opentelemetry.context import Context, attach, get_value, set_value

from spyglass_sdk import names
from spyglass_sdk.events import emit
from spyglass_sdk.guard import harmless, tell
from spyglass_sdk.settings import recording
from spyglass_sdk.typed import Bounds, Typed, encode

__all__ = ["EVENT", "KINDS", "Answer", "Call", "Source", "Tape", "within"]

EVENT: Final = "execution.call"
KINDS: Final = frozenset({"llm", "tool", "retriever", "embedding", "reranker", "memory", "guardrail", "evaluator"})
_TAPE: Final = "spyglass-tape"
_CALL: Final = "spyglass-call"
_NO_CALL: Final = -1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a recorded call gave.

    Attributes:
        outcome: `returned`, `raised`, or `yielded`.
        value: what was returned, the exception, or of what was yielded a dict: items, returned, raised (an exception or None), closed (by who consumed it).
        form: what the function gave instead of a plain value: `awaitable`, `generator`, `async_generator`, `stream`, `async_stream`.
    """

    outcome: str
    value: Any
    form: str = ""


class Source(Protocol):
    """Where answers come from instead of from the calls."""

    def answer(self, kind: str, name: str, input_hash: str, steps: int) -> Answer | None:
        """The recorded answer; None: the call is to run. Raises what the host is to see."""


@dataclass(slots=True)
class Call:
    """One call while it runs."""

    tape: Tape
    kind: str
    name: str
    input_hash: str
    number: int
    parent: int
    step: int
    outer: Call | None = None  # the same call, on the tape of the execution around this one
    answer: Answer | None = None
    began_ns: int = field(default_factory=time.perf_counter_ns)

    def inside(self) -> Any:
        """Whatever begins from now on is within this call. Gives a token for `detach`."""
        return attach(set_value(_CALL, self))

    def ended(self, outcome: str, value: Any, form: str = "") -> None:
        """Record what it gave."""
        self.told(outcome, lambda: encode(value, Bounds(recording().max_record_bytes), canonical=False), form)

    def told(self, outcome: str, typed: Callable[[], Typed], form: str) -> None:
        """The same, of a value that was encoded on the way."""
        one: Call | None = self
        encoded = cache(typed)
        while one is not None:
            one.tape.keep(one, outcome, encoded, form)
            one = one.outer

    def on(self, tape: Tape) -> Call | None:
        """This call on another tape; None: it is not on it."""
        return self if self.tape is tape else self.outer.on(tape) if self.outer else None


class Tape:
    """The recorder of one execution. Safe to use in any thread."""

    def __init__(self, told: Mapping[str, Any], steps: Callable[[], int], source: Source | None = None, outer: Tape | None = None) -> None:
        """`told` says on each event whose it is; `source` answers calls instead of running them; `outer`, of the execution around, records them, too."""
        self._told, self._steps, self._source, self._outer = told, steps, source, outer
        self._lock = threading.Lock()
        self._numbers = 0
        self.kept = 0  # calls that were told

    def in_context(self, context: Context) -> Context:
        """A context whose calls are recorded here."""
        return set_value(_TAPE, self, context)

    def begin(self, kind: str, name: str, given: Callable[[], Mapping[str, Any]]) -> Call | None:
        """A call begins; its `answer` says whether it need not run. None where a fault of ours keeps it from being recorded.

        Raises:
            Exception: what the source raises.
        """
        call = self._begin(kind, name, given)
        if call is None:
            return None
        call.outer = self._outer.begin(kind, name, given) if self._outer else None
        if self._source:
            call.answer = self._source.answer(kind, name, call.input_hash, call.step)
        elif call.outer:
            call.answer = call.outer.answer
        return call

    @harmless(None)
    def _begin(self, kind: str, name: str, given: Callable[[], Mapping[str, Any]]) -> Call | None:
        with self._lock:
            number, self._numbers = self._numbers, self._numbers + 1
        above = get_value(_CALL)
        parent = above.on(self) if isinstance(above, Call) else None
        hashed = encode(dict(given()), Bounds(recording().max_record_bytes)).hash
        return Call(self, kind, name, hashed, number, parent.number if parent else _NO_CALL, self._steps())

    def keep(self, call: Call, outcome: str, value: Callable[[], Typed], form: str) -> None:
        """Tell of a call that has ended."""
        try:
            self._keep(call, outcome, value(), form)
        except Exception as error:  # the host has its answer
            tell("tape", error)

    def _keep(self, call: Call, outcome: str, typed: Typed, form: str) -> None:
        complete = typed.whole and recording().capture == "full"
        attributes = {
            **self._told,
            names.CALL_NUMBER: call.number,
            names.CALL_PARENT: call.parent if call.parent >= 0 else None,
            names.STEP_NUMBER: call.step,
            names.CALL_KIND: call.kind,
            names.CALL_NAME: call.name,
            names.CALL_INPUT_HASH: call.input_hash,
            names.CALL_OUTCOME: outcome,
            names.CALL_FORM: form or None,
            names.CALL_OUTPUT_HASH: typed.hash,
            names.CALL_COMPLETE: complete,
            names.CALL_WHY: None if complete else _why(typed),
            names.CALL_REPLAYED: True if call.answer else None,
            names.CALL_DURATION_NS: time.perf_counter_ns() - call.began_ns,
        }
        emit(EVENT, attributes, body=typed.text if complete else None, whole=True)
        with self._lock:
            self.kept += 1


def _why(typed: Typed) -> str:
    return "cut" if typed.was_cut else "placeholders" if typed.placeholders else "capture"


def within() -> Tape | None:
    """The tape of the execution that runs here; None: it is not recorded."""
    found = get_value(_TAPE)
    return found if isinstance(found, Tape) else None
