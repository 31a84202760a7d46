"""One run of an agent in, its life as events out: `execution.start`, `.step`, `.waiting`, `.resumed`, `.end`, and `.heartbeat` while it lasts.

Where that is asked for, its states (`snapshots.py`) and its calls (`tape.py`) are told, too.

All carry `spyglass.execution.id`. The run is also an agent's span, under which the spans of its work stand; it carries the same id, so that nothing counts it
twice.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final

from opentelemetry import baggage
from opentelemetry.context import Context, attach, detach, get_current, get_value, set_value

from spyglass_sdk import names
from spyglass_sdk.content import said, shape, text_of
from spyglass_sdk.events import emit
from spyglass_sdk.guard import harmless, log, tell
from spyglass_sdk.kinds import Rule
from spyglass_sdk.observation import Observation, Plan, begin
from spyglass_sdk.resources import Usage
from spyglass_sdk.settings import recording
from spyglass_sdk.snapshots import take
from spyglass_sdk.stops import STOPPABLE, ExecutionStopped
from spyglass_sdk.tape import Source, Tape, within

__all__ = ["OPEN", "Execution", "Open", "here", "snapshot"]

_RULE: Final = Rule("invoke_agent")
_HERE: Final = "spyglass-execution"
_RUN: Final = "spyglass-run"
_NAME_BYTES: Final = 512
_MOST_OPEN: Final = 10_000
_NO_RUN: Final = "no execution with this id runs here: it ended before, or began in another process"


class Execution:
    """A run that has begun. As a context manager (sync or async) it ends with its block, and is the parent of what happens within."""

    def __init__(
        self,
        agent_type: str,
        operation: str,
        *,
        input: object = None,  # noqa: A002 - the word for it
        metadata: Mapping[str, Any] | None = None,
        task_id: str | None = None,
        user_id: str | None = None,
        session_id: str | None = None,
        agent_id: str | None = None,
        execution_id: str | None = None,
        state: Callable[[], object] | None = None,
        record: bool | None = None,
        replay: Source | None = None,
        forked_from: str | None = None,
        forked_at_step: int | None = None,
        stoppable: bool = False,
    ) -> None:
        """`stoppable`: whether `step` and `check` raise `ExecutionStopped` when somebody on the server asked that it stop."""
        agent_type, operation = said(agent_type, _NAME_BYTES), said(operation, _NAME_BYTES)
        agent_id, task_id, execution_id = (None if one is None else said(one, _NAME_BYTES) for one in (agent_id, task_id, execution_id))
        self.execution_id = execution_id or str(uuid.uuid4())
        self.steps = 0
        self.state = state  # asked after each step for what a snapshot is taken of
        self._may_be_taken_up = replay is not None
        self._ended = self._stays = False
        self._waits: str | None = None
        self._lock = threading.RLock()
        settings = recording()
        self._usage = Usage(settings.track_memory, settings.track_performance)
        self._began_s = time.perf_counter()
        self._tape: Tape | None = None
        parent = get_value(_HERE)
        self._common: dict[str, Any] = {
            names.EXECUTION: self.execution_id,
            names.AGENT: agent_type,
            names.AGENT_ID: agent_id,
            names.OPERATION: operation,
            names.TASK: task_id,
            names.PARENT_EXECUTION: str(parent) if parent else None,
            names.FORKED_FROM: forked_from,
            names.FORKED_AT_STEP: forked_at_step,
        }
        token = attach(_for(user_id, session_id))  # so that the span is stamped, too
        try:
            told = {name: value for name, value in self._common.items() if value is not None and name != names.OPERATION}
            self.work: Observation = begin(Plan(f"{agent_type} {operation}", _RULE, {**told, names.EXECUTION_OPERATION: operation}), attach_now=False)
            self.context: Context = set_value(_RUN, self, set_value(_HERE, self.execution_id, self.work.context))
            around = within()
            if (settings.record and around is None) if record is None else record:  # by default on the tape around it, if there is one
                self._tape = Tape(self._whose(), lambda: self.steps, replay, around)
                self.context = self._tape.in_context(self.context)
        finally:
            detach(token)
        self._token: Any = None
        self._stoppable = stoppable
        if stoppable:
            STOPPABLE.add(self.execution_id, self.work.trace_id, f"{self.work.trace_id}-{self.work.span_id}")
        self._emit("execution.start", {names.METADATA: metadata, **_content(names.INPUT, input)})

    def _whose(self) -> dict[str, Any]:
        return {name: self._common[name] for name in (names.EXECUTION, names.AGENT, names.AGENT_ID)}

    def take_up(self, agent_type: str, state: Callable[[], object] | None) -> bool:
        """Whether this is the run that a replayed agent begins: once, and only for an agent of this type."""
        if not self._may_be_taken_up or agent_type != self._common[names.AGENT]:
            return False
        self._may_be_taken_up = False
        self.state = state or self.state
        return True

    def snapshot(self, state: object = None, name: str = "") -> Execution:
        """Send a state of now: anything that can be told as JSON with types. Without one, what the `state` of the execution gives."""
        self._snapshot((lambda: state) if state is not None or self.state is None else self.state, name, {})
        return self

    def _snapshot(self, state: Callable[[], object], name: str, told: Mapping[str, Any]) -> None:
        try:
            found = state()
        except Exception as error:  # the host's own; its run goes on
            tell("state", error)
            return
        take(found, name, {**self._whose(), names.STEP_NUMBER: self.steps, **told}, self.context)

    def step(self, name: str, data: object = None, *, status: str = "ok", attributes: Mapping[str, Any] | None = None) -> Execution:
        """Something was done on the way."""
        self._step(name, data, status, attributes)
        if self.state is not None:
            self._snapshot(self.state, "", {names.STEP: name})
        return self.check()

    def check(self) -> Execution:
        """Raise `ExecutionStopped` where the run is stoppable and somebody asked that it stop; else nothing happens. For loops that take no steps."""
        stop = STOPPABLE.find(self.execution_id) if self._stoppable else None
        if stop is not None:
            raise stop
        return self

    @harmless(None)
    def _step(self, name: str, data: object, status: str, attributes: Mapping[str, Any] | None) -> None:
        with self._lock:
            self.steps += 1
            number = self.steps
        told = {**(attributes or {}), names.STEP: name, "spyglass.execution.step_number": number, "spyglass.execution.step_status": status}
        self._emit("execution.step", {**told, **_content(names.INPUT, data)}, "error" if status in ("error", "failed") else "info")

    def stay_open(self) -> None:
        """The block that ends is not the end of the run: something goes on with it later."""
        self._stays = True

    def waiting(self, what: str = "") -> Waiting:
        """It waits for somebody, and its silence means nothing: until `resumed`, or the end of a `with` block around the waiting."""
        self._wait(str(what) or "somebody")
        return Waiting(self)

    def resumed(self) -> Execution:
        """It goes on."""
        self._wait(None)
        return self

    @harmless(None)
    def _wait(self, what: str | None) -> None:
        with self._lock:
            if what is None and self._waits is None:
                return
            self._waits = what
            self._emit("execution.resumed" if what is None else "execution.waiting", {names.WAITING_FOR: what})

    @harmless(None)
    def beat(self, every_s: float | None = None) -> None:
        """Say that it is alive, and how often it says so."""
        with self._lock:  # so that no beat tells of a waiting that was over before it
            told = {"spyglass.execution.step_number": self.steps, names.WAITING_FOR: self._waits, names.HEARTBEAT_S: every_s or None}
            self._emit("execution.heartbeat", {**self._usage.take(), **told}, "debug")

    def complete(self, output: object = None, *, metadata: Mapping[str, Any] | None = None) -> bool:
        """It went well. False when it had ended before: an execution ends once."""
        return self._end("ok", output, None, metadata)

    def fail(self, error: BaseException | str, *, metadata: Mapping[str, Any] | None = None) -> bool:
        """It went wrong. False when it had ended before."""
        return self._end("error", None, error, metadata)

    def cancel(self, why: str = "", *, metadata: Mapping[str, Any] | None = None) -> bool:
        """It was called off. False when it had ended before."""
        return self._end("cancelled", None if type(why) is str and not why else why, None, metadata)

    @harmless(False)
    def _end(self, status: str, output: object, error: BaseException | str | None, metadata: Mapping[str, Any] | None) -> bool:
        with self._lock:
            if self._ended:
                log.warning("execution %s ended before; it ends once", self.execution_id)
                return False
            self._ended = True
        told: dict[str, Any] = {
            "spyglass.execution.status": status,
            "spyglass.execution.steps": self.steps,
            names.CALLS: self._tape.kept if self._tape else None,
            "spyglass.execution.duration_s": round(time.perf_counter() - self._began_s, 6),
            names.METADATA: metadata,
            **self._usage.take(),
            **_content(names.OUTPUT, output),
        }
        if error is not None:
            told[names.ERROR_TYPE] = type(error).__name__ if isinstance(error, BaseException) else "error"
            if recording().capture != "off":
                told["error.message"] = said(error, 2048)
            self.work.fail(error)
        self._emit("execution.end", told, "error" if error is not None else "info")
        self.work.set({name: value for name, value in told.items() if name.startswith("spyglass.")}).end()
        OPEN.forget(self.execution_id)
        STOPPABLE.drop(self.execution_id)
        return True

    def _emit(self, name: str, told: Mapping[str, Any], severity: str = "info") -> None:
        emit(name, {**self._common, **told}, severity=severity, context=self.context)

    def __enter__(self) -> Execution:
        self._token = attach(self.context)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        token, self._token = self._token, None
        if token is not None:
            detach(token)
        if self._ended or (self._stays and error is None):
            self._stays = False
            return
        if error is None:
            self.complete()
        elif isinstance(error, ExecutionStopped):
            self.cancel(str(error))
        elif kind is not None and kind.__name__ == "CancelledError":
            self.cancel()
        else:
            self.fail(error)

    async def __aenter__(self) -> Execution:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.__exit__(kind, error, where)


def create(
    agent_type: str,
    operation: str,
    given: object,
    metadata: Mapping[str, Any] | None,
    task_id: str | None,
    user_id: str | None,
    session_id: str | None,
    agent_id: str | None,
) -> str:
    """Tell that a run is to be; gives its id."""
    execution_id = str(uuid.uuid4())
    told = {names.EXECUTION: execution_id, names.AGENT: agent_type, names.AGENT_ID: agent_id, names.OPERATION: operation, names.TASK: task_id}
    emit("execution.created", {**told, names.METADATA: metadata, **_content(names.INPUT, given)}, context=_for(user_id, session_id))
    return execution_id


class Waiting:
    """A waiting that has begun; as a context manager (sync or async) it is over with its block."""

    def __init__(self, run: Execution) -> None:
        self._run = run

    def __enter__(self) -> Execution:
        return self._run

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._run.resumed()

    async def __aenter__(self) -> Execution:
        return self._run

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._run.resumed()


def _run_here() -> Execution | None:
    found = get_value(_RUN)
    return found if isinstance(found, Execution) else None


def here() -> dict[str, Any]:
    """The attributes that say in which execution something happens; none outside of one."""
    run = _run_here()
    return {} if run is None else {**run._whose(), names.STEP_NUMBER: run.steps}


def taken_up(agent_type: str, state: Callable[[], object] | None) -> Execution | None:
    """The run that a replay has begun for the agent that begins one now."""
    run = _run_here()
    return run if run is not None and run.take_up(agent_type, state) else None


def snapshot(state: object, name: str = "") -> None:
    """Send a state of what runs here: of the execution, else of the span, if there is one."""
    take(state, name, here(), None)


class Open:
    """The executions that run in this process, at most so many; the oldest is forgotten first, and beats no more."""

    def __init__(self, most: int = _MOST_OPEN) -> None:
        self._most = most
        self._running: OrderedDict[str, Execution] = OrderedDict()
        self._lock = threading.Lock()
        self.forgotten = 0

    def add(self, execution: Execution) -> None:
        """It has begun."""
        with self._lock:
            while len(self._running) >= self._most:
                self._running.popitem(last=False)
                self.forgotten += 1
            self._running[execution.execution_id] = execution

    def find(self, execution_id: str | Execution) -> Execution | None:
        """The one with this id; None, and said, when there is none."""
        if isinstance(execution_id, Execution):
            return execution_id
        with self._lock:
            found = self._running.get(execution_id)
        if found is None:
            tell("execution", LookupError(_NO_RUN))
        return found

    def forget(self, execution_id: str) -> None:
        """It has ended."""
        with self._lock:
            self._running.pop(execution_id, None)

    def clear(self) -> None:
        """They are the parent's, after a fork."""
        self._lock = threading.Lock()
        self._running = OrderedDict()

    def beat(self, every_s: float | None = None) -> None:
        """All that run say that they are alive, and how often they say so."""
        with self._lock:
            running = list(self._running.values())
        for execution in running:
            execution.beat(every_s)


OPEN: Final = Open()


def _for(user_id: str | None, session_id: str | None) -> Context:
    context = get_current()
    for name, value in ((names.USER, user_id), (names.SESSION, session_id)):
        if value is not None:
            context = _told(context, name, value)
    return context


def _told(context: Context, name: str, value: object) -> Context:
    try:
        return baggage.set_baggage(name, said(value, 2048)[:512], context)
    except Exception as error:  # the host's own text
        tell(name, error)
        return context


def _content(name: str, value: object) -> dict[str, Any]:
    """What went in or came out, as far as capture allows."""
    settings = recording()
    if value is None or settings.capture == "off":
        return {}
    if settings.capture == "full":
        return {name: text_of(value, settings.max_payload_bytes)[0]}
    return {f"spyglass.{'input' if name == names.INPUT else 'output'}.shape": shape(value)}
