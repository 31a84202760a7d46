"""The recorded calls of one execution: from the server, or from the events themselves; answers out, in the order in which the calls began."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from spyglass_sdk.api import Api, FetchError
from spyglass_sdk.names import CALLS
from spyglass_sdk.tape import Answer
from spyglass_sdk.typed import hash_of
from spyglass_sdk.untyped import UnreadableError, decode

__all__ = ["Queue", "Recorded", "Recording", "patiently", "recording_of"]

_PAGE: Final = 1000
_NOT_FOUND: Final = 404
_LOOK_S: Final = 0.1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded call; `output` is what it gave as typed JSON, None where that is not whole."""

    number: int
    kind: str
    name: str
    input_hash: str
    outcome: str = "returned"
    form: str = ""
    output: str | None = None
    output_hash: str = ""
    step: int = 0
    parent: int = -1

    def answer(self) -> Answer:
        """What it gave.

        Raises:
            UnreadableError: that is not known any more, or is not what it was.
        """
        if self.output is None:
            raise UnreadableError("its answer was not recorded whole")
        if self.output_hash and hash_of(self.output) != self.output_hash:
            raise UnreadableError("its answer is not what was recorded (redaction changes secrets)")
        return Answer(self.outcome, decode(self.output), self.form)


@dataclass(frozen=True, slots=True)
class Recording:
    """What an execution was answered."""

    execution_id: str
    agent: str = ""
    operation: str = ""
    calls: tuple[Recorded, ...] = ()
    steps: int = 0
    missing: int = 0  # calls that are known to have been, and are not here
    agent_id: str = ""

    @classmethod
    def of_events(cls, events: Iterable[tuple[str, Mapping[str, Any], str | None]], execution_id: str) -> Recording:
        """From the name, attributes and body of the events of an execution, as this package sends them."""
        mine = [(name, told, body) for name, told, body in events if told.get("spyglass.execution.id") == execution_id]
        calls = sorted((_of_event(told, body) for name, told, body in mine if name == "execution.call"), key=lambda call: call.number)
        start = next((told for name, told, _ in mine if name == "execution.start"), {})
        steps = sum(1 for name, _, _ in mine if name == "execution.step")
        kept = next((int(told.get(CALLS) or 0) for name, told, _ in mine if name == "execution.end"), 0)
        who = (str(start.get("gen_ai.agent.name") or ""), str(start.get("gen_ai.operation.name") or ""))
        return cls(execution_id, *who, tuple(calls), steps, max(_holes(calls), kept - len(calls)), str(start.get("gen_ai.agent.id") or ""))


def recording_of(execution_id: str, api: Api | None = None, *, wait_s: float = 10.0) -> Recording:
    """The recording of an execution, from the server; of one that still runs, what there is after `wait_s`.

    Raises:
        FetchError: there is no such execution, or no server.
    """
    api = api or Api.found()
    patiently(lambda: api.get("executions", execution_id, "recording", limit=1), _whole, wait_s)
    calls: list[Recorded] = []
    head: Mapping[str, Any] = {}
    for page in api.pages("executions", execution_id, "recording", limit=_PAGE):
        head = head or page
        calls += [_of_item(item) for item in page["items"]]
    who = (head.get("agent") or "", head.get("name") or "")
    return Recording(
        execution_id, *who, tuple(calls), int(head.get("steps") or 0), max(_holes(calls), int(head.get("missing") or 0)), head.get("agent_id") or ""
    )


def _whole(page: Mapping[str, Any]) -> bool:
    """It has ended, and the calls that it told have arrived: spans and events are visible one after the other."""
    return bool(page["ended"]) and not page.get("missing")


def patiently(ask: Callable[[], T], wanted: Callable[[T], bool], wait_s: float) -> T:
    """What is told as soon as it is what is wanted, else in the end: what was sent is visible about a second later.

    Raises:
        FetchError: as `ask` does; that there is no such thing, only in the end.
    """
    deadline = time.monotonic() + wait_s
    while True:
        late = time.monotonic() > deadline
        try:
            if wanted(found := ask()) or late:
                return found
        except FetchError as error:
            if error.status != _NOT_FOUND or late:
                raise
        time.sleep(_LOOK_S)


def _of_event(told: Mapping[str, Any], body: str | None) -> Recorded:
    said = {name.removeprefix("spyglass.call."): value for name, value in told.items() if name.startswith("spyglass.call.")}
    outcome, form = str(said.get("outcome", "returned")), str(said.get("form", ""))
    place = (int(told.get("spyglass.execution.step_number", 0)), int(said.get("parent", -1)))
    output = body if said.get("complete") else None
    return Recorded(
        int(said["number"]), str(said["kind"]), str(said["name"]), str(said["input_hash"]), outcome, form, output, str(said.get("output_hash", "")), *place
    )


def _of_item(item: Mapping[str, Any]) -> Recorded:
    output = item["output"] if item["complete"] else None
    what = (item["number"], item["kind"], item["name"], item["input_hash"], item["outcome"], item["form"])
    return Recorded(*what, output, item["output_hash"], item["step"], item["parent"])


def _holes(calls: Iterable[Recorded]) -> int:
    """Numbers are given out one after another, so that gaps tell of calls that got lost."""
    numbers = {call.number for call in calls}
    return max(numbers, default=-1) + 1 - len(numbers)


@dataclass(slots=True)
class Queue:
    """The calls of a recording that were not taken yet. Safe to use in any thread."""

    recording: Recording
    _waiting: dict[tuple[str, str, str], deque[Recorded]] = field(default_factory=lambda: defaultdict(deque))
    _within: dict[int, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    _gone: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        for call in self.recording.calls:
            self._waiting[call.kind, call.name, call.input_hash].append(call)
            if call.parent >= 0:
                self._within[call.parent].append(call)

    def take(self, kind: str, name: str, input_hash: str) -> Recorded | None:
        """The next call with this kind, name and input; the calls within it are passed over. None: there is none left."""
        with self._lock:
            waiting = self._waiting.get((kind, name, input_hash))
            while waiting:
                call = waiting.popleft()
                if call.number not in self._gone:
                    self._pass_over(call)
                    return call
            return None

    def left(self) -> list[Recorded]:
        """Calls that were not taken, in order; without those within calls that were."""
        with self._lock:
            return sorted((call for waiting in self._waiting.values() for call in waiting if call.number not in self._gone), key=lambda call: call.number)

    def _pass_over(self, call: Recorded) -> None:
        work = [call]
        while work:
            one = work.pop()
            self._gone.add(one.number)
            work += [inner for inner in self._within.get(one.number, ()) if inner.number not in self._gone]
