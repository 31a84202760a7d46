"""Run an agent again with the answers that it got: a recorded execution in, a fork of it out, which is an execution of its own.

Until a step (or a call) the calls of the agent's own function get the recorded answers, and do not run; after it they run, or go on getting recorded ones.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Final, Literal, get_args

from opentelemetry.context import attach, detach

from spyglass_sdk.api import Api
from spyglass_sdk.execution import Execution
from spyglass_sdk.executions import execution
from spyglass_sdk.guard import log
from spyglass_sdk.recording import Queue, Recorded, Recording, patiently, recording_of
from spyglass_sdk.tape import Answer
from spyglass_sdk.untyped import UnreadableError, value_of

__all__ = ["Replay", "ReplayError", "Then", "replay", "state_of"]

Then = Literal["live", "recorded"]
_MOST_TOLD: Final = 100


class ReplayError(RuntimeError):
    """A replay cannot go on: a call has no recorded answer. This is raised into the agent, because going on would be another run."""


class Replay:
    """A replay, for a block of `with` or `async with`, which gives the fork: an `Execution`.

    Attributes:
        replayed: calls that got their recorded answer.
        live: calls that ran, because the replay is past its point.
        unmatched: what was asked for and not found, at most 100 texts.
    """

    def __init__(self, recording: Recording, until_step: int | None, until_call: int | None, then: Then) -> None:
        if then not in get_args(Then):
            raise ValueError(f"then: expected one of {', '.join(get_args(Then))}, got {then!r}")
        if until_step is not None and until_step > recording.steps:
            raise ReplayError(f"execution {recording.execution_id}: until_step is {until_step}, and it told {recording.steps} steps; `until_call` counts calls")
        self.recording, self._until_step, self._until_call, self._then = recording, until_step, until_call, then
        self._queue = Queue(recording)
        self._lock = threading.Lock()
        self._run: Execution | None = None
        self._token: Any = None
        self.replayed = self.live = 0
        self.unmatched: list[str] = []

    @property
    def left(self) -> list[Recorded]:
        """Recorded calls that nobody asked for."""
        return self._queue.left()

    def answer(self, kind: str, name: str, input_hash: str, steps: int) -> Answer | None:
        """The recorded answer of a call; None: it is to run.

        Raises:
            ReplayError: there is none, and the calls are to stay recorded.
        """
        with self._lock:
            if self._then == "live" and self._past(steps):
                self.live += 1
                return None
        found = self._queue.take(kind, name, input_hash)
        try:
            if found is None:
                raise UnreadableError(self._unknown(kind, name, input_hash))
            answer = found.answer()
        except UnreadableError as error:
            self._unmatched(f"{kind} {name!r}, step {steps}: {error}", error)
            return None
        with self._lock:
            self.replayed += 1
        return answer

    def _past(self, steps: int) -> bool:
        past_step = self._until_step is not None and steps >= self._until_step
        return past_step or (self._until_call is not None and self.replayed >= self._until_call)

    def _unknown(self, kind: str, name: str, input_hash: str) -> str:
        left = self.left
        others = sum(1 for call in left if (call.kind, call.name) == (kind, name))
        following = f"the next recorded call is {left[0].kind} {left[0].name!r} in step {left[0].step}" if left else "no recorded call is left"
        lost = f"; {self.recording.missing} recorded calls got lost" if self.recording.missing else ""
        return f"no recorded call with these arguments is left ({others} with others; input {input_hash[:8]}); {following}{lost}"

    def _unmatched(self, text: str, error: UnreadableError) -> None:
        with self._lock:
            if len(self.unmatched) < _MOST_TOLD:
                self.unmatched.append(text)
        if self._then == "recorded":
            raise ReplayError(f"replay of {self.recording.execution_id}: {text}") from error
        log.warning("replay of %s: %s: it runs", self.recording.execution_id, text)

    def __enter__(self) -> Execution:
        origin = self.recording
        forked_at = self._until_step if self._until_step is not None else origin.steps if self._until_call is None else None
        self._run = execution(
            origin.agent or "agent",
            origin.operation or "replay",
            agent_id=origin.agent_id or None,
            record=True,
            replay=self,
            forked_from=origin.execution_id,
            forked_at_step=forked_at,
        )
        self._token = attach(self._run.context)
        return self._run

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        detach(self._token)
        swallowed = self.unmatched if self._then == "recorded" and error is None else None
        problem = ReplayError(f"replay of {self.recording.execution_id}: {swallowed[0]}") if swallowed else None
        run.__exit__(type(problem) if problem else kind, problem or error, where)
        if problem:  # the agent caught it and went on
            raise problem

    async def __aenter__(self) -> Execution:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.__exit__(kind, error, where)


def replay(
    execution_id: str | Recording, *, until_step: int | None = None, until_call: int | None = None, then: Then = "recorded", api: Api | None = None
) -> Replay:
    """Replay a recorded execution in a block of `with`: call the agent's own function in it.

    Args:
        execution_id: of an execution that was recorded (`record=True`), or its `Recording`.
        until_step: so many steps get recorded answers; None: all.
        until_call: so many calls do, instead.
        then: what comes after that: `live`, calls run; `recorded`, they stay recorded, and one without an answer raises ReplayError.
        api: of the server that has it; else where `init` and the environment say.

    Raises:
        FetchError: there is no such execution, or no server.
        ReplayError: it told fewer steps, or nothing of it was recorded.
    """
    found = execution_id if isinstance(execution_id, Recording) else recording_of(execution_id, api)
    if not found.calls and not isinstance(execution_id, Recording):
        why = (
            f"its {found.missing} recorded calls have not arrived" if found.missing else "no call of it was recorded; run it with `execution(..., record=True)`"
        )
        raise ReplayError(f"execution {execution_id}: {why}")
    return Replay(found, until_step, until_call, then)


def state_of(execution_id: str, at: str | int = "last", api: Api | None = None, *, wait_s: float = 10.0) -> Any:
    """The state of an execution in a snapshot: its id, the number of a step, a time, or `last`. What could not be told in it is a `Placeholder`.

    Raises:
        FetchError: there is no such execution or snapshot, or no server.
        UnreadableError: it has no state there, or not any more.
    """
    found = api or Api.found()
    told = patiently(
        lambda: found.get("executions", execution_id, "state", at=str(at), include="state"), lambda state: state["problem"] != "none_before", wait_s
    )
    if told["problem"]:
        raise UnreadableError(f"execution {execution_id}, at {at}: {told['problem']}: {told['problem_detail']}")
    return value_of(told["state"], strict=False)
