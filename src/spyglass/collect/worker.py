"""One runner in a thread of its own, with an event loop of its own: started, stopped, and started again after a crash, later each time.

Nothing that a runner does reaches beyond its thread: it may raise, hang, or tell without end. Only memory and the interpreter's lock are shared.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

import structlog

from spyglass.collect.delivery import Delivery
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict
from spyglass.model.told import Told
from spyglass.plugin.contracts import Runner, RunnerHealth
from spyglass.telemetry.metrics import RUNNER_CRASHES

__all__ = ["State", "Timing", "Worker", "WorkerState"]

log = structlog.get_logger()

_ERROR_CHARACTERS: Final = 500
_IN_A_ROW: Final = 3  # crashes from which on it is called a loop

State = Literal["running", "waiting", "stopping", "hanging", "stopped", "ended", "failed"]


class Timing(NamedTuple):
    """Seconds."""

    first_pause_s: float = 1.0  # after a crash; doubled after each further one
    longest_pause_s: float = 300.0
    jitter: float = 0.3  # of a pause, taken off at random, so that not all come back at once
    stable_s: float = 60.0  # who ran for so long starts again with the first pause
    beat_s: float = 1.0  # between two signs of life of its loop
    silence_s: float = 15.0  # without one it is said to hang


@dataclass(frozen=True, slots=True)
class WorkerState:
    """How a runner is doing."""

    state: State
    since_ns: int
    health: RunnerHealth
    crashes: int = 0
    crashes_in_row: int = 0
    last_error: str = ""
    last_error_ns: int = 0
    next_start_ns: int = 0  # while it waits
    last_told_ns: int = 0


class Worker:
    """A runner that can be started and stopped, from any thread."""

    def __init__(self, name: str, make: Callable[[], Runner], delivery: Delivery, clock: Clock, timing: Timing) -> None:
        self.name, self._make, self._delivery, self._clock, self._timing = name, make, delivery, clock, timing
        self._lock, self._noting = threading.Lock(), threading.Lock()
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # while an attempt runs
        self._stop: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._overdue = False  # did not stop in its time
        self._beat = 0.0
        self._state = WorkerState("stopped", clock.now_ns(), RunnerHealth())

    def start(self) -> None:
        """Run it; one that waits after a crash is started at once, one that runs goes on.

        Raises:
            Conflict: it was stopped, and its thread has not ended since.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                if self._stopping.is_set():
                    raise Conflict(
                        f"runner {self.name} was told to stop and has not ended: something in it does not come back; "
                        "wait until it is stopped, or restart the server"
                    )
                if self._state.state == "waiting":
                    self._wake.set()
                return
            self._stopping.clear()
            self._wake.clear()
            self._overdue = False
            self._enter("running")
            self._thread = threading.Thread(target=self._run, name=f"runner-{self.name}", daemon=True)
            self._thread.start()

    def ask_to_stop(self) -> None:
        """Let it come to its end: what it has told is kept first."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                return
            if not self._stopping.is_set():
                self._stopping.set()
                self._enter("stopping")
        self._wake.set()
        self._call(lambda: self._stop.set() if self._stop else None)

    def interrupt(self) -> None:
        """Cancel whatever it waits for."""
        self._call(lambda: self._task.cancel() if self._task else None)

    def join(self, timeout_s: float) -> bool:
        """Whether it has ended within the time."""
        if self._thread is not None:
            self._thread.join(max(timeout_s, 0))
            self._overdue = self._thread.is_alive()
        return not self._overdue

    def now(self) -> WorkerState:
        """How it is doing at this moment."""
        state, silent = self._state, self._clock.monotonic() - self._beat > self._timing.silence_s
        alive = self._thread is not None and self._thread.is_alive()
        if alive and ((self._stopping.is_set() and self._overdue) or (state.state == "running" and self._loop is not None and silent)):
            return _with(
                state, "hanging", "it does not answer: something in it blocks its thread without end; if stopping it does not help, restart the server"
            )
        if state.state == "waiting" and state.crashes_in_row >= _IN_A_ROW:
            pause_s = max(0.0, (state.next_start_ns - self._clock.now_ns()) / 1e9)
            return _with(state, "waiting", f"crashed {state.crashes_in_row} times in a row, last: {state.last_error}; it is tried again in {pause_s:.0f} s")
        return state

    def _call(self, what: Callable[[], object]) -> None:
        """Do it in the runner's loop, where there is one."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it closed just now
                loop.call_soon_threadsafe(what)

    def _enter(self, state: State, **more: Any) -> None:
        self._note(**{"next_start_ns": 0, **more, "state": state, "since_ns": self._clock.now_ns()})

    def _note(self, **more: Any) -> None:
        with self._noting:
            self._state = replace(self._state, **more)

    def _run(self) -> None:
        """The thread: attempt after attempt."""
        row = 0
        while not self._stopping.is_set():
            began = self._clock.monotonic()
            self._enter("running", crashes_in_row=row)
            error = self._attempt()
            if self._stopping.is_set():
                break
            if error is None:
                self._enter("ended", crashes_in_row=0)
                return
            row = 1 if self._clock.monotonic() - began >= self._timing.stable_s else row + 1
            self._wait(self._crashed(error, row))
        self._enter("stopped", crashes_in_row=0, health=RunnerHealth())

    def _attempt(self) -> BaseException | None:
        """Run it once, in a loop that leaves nothing behind; what it ended with."""
        try:
            with asyncio.Runner() as runner:
                runner.run(self._live())
        except BaseException as error:
            return None if isinstance(error, asyncio.CancelledError) and self._stopping.is_set() else error
        finally:
            self._loop = self._stop = self._task = None
        return None

    def _crashed(self, error: BaseException, row: int) -> float:
        """Say so; the pause before the next attempt."""
        RUNNER_CRASHES.labels(self.name, type(error).__name__).inc()
        pause_s = min(self._timing.longest_pause_s, self._timing.first_pause_s * 2.0 ** min(row - 1, 30))
        pause_s *= 1 - self._timing.jitter * random.random()  # noqa: S311 -- no secret
        log.error("runner crashed", runner=self.name, in_row=row, again_in_s=round(pause_s, 1), exc_info=error)
        now_ns, text = self._clock.now_ns(), f"{type(error).__name__}: {error}".removesuffix(": ")[:_ERROR_CHARACTERS]
        self._enter(
            "waiting",
            crashes=self._state.crashes + 1,
            crashes_in_row=row,
            last_error=text,
            last_error_ns=now_ns,
            next_start_ns=now_ns + int(pause_s * 1e9),
        )
        return pause_s

    def _wait(self, pause_s: float) -> None:
        self._wake.wait(pause_s)
        if not self._stopping.is_set():
            self._wake.clear()

    async def _live(self) -> None:
        """One attempt, in its loop."""
        self._beat = self._clock.monotonic()
        self._stop, self._task = asyncio.Event(), asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        if self._stopping.is_set():  # asked before there was a loop to tell
            return
        with _staying():
            runner = self._make()
        beating = asyncio.create_task(self._beats(runner), name="beats")
        try:
            await self._pump(runner, self._stop)
        finally:
            beating.cancel()

    async def _beats(self, runner: Runner) -> None:
        while True:
            self._look(runner)
            await asyncio.sleep(self._timing.beat_s)

    def _look(self, runner: Runner) -> None:
        """A sign of life, and the runner's health with it; asked here, as who asks the API must not wait for a runner."""
        self._beat = self._clock.monotonic()
        try:
            health = runner.health()
            if not isinstance(health, RunnerHealth):
                health = RunnerHealth("partial", (f"its health() gave a {type(health).__name__}, not a RunnerHealth",))
        except Exception as error:
            health = RunnerHealth("partial", (f"its health() failed: {type(error).__name__}",))
        if health != self._state.health:
            self._note(health=health)

    async def _pump(self, runner: Runner, stop: asyncio.Event) -> None:
        """Ask for what it has to tell, and deliver it, until there is no more or it is stopped."""
        with _staying():
            stream = runner.run()
        if not hasattr(stream, "__anext__"):
            close = getattr(stream, "close", None)  # of a coroutine, which else complains that nobody waited for it
            if close:
                close()
            raise TypeError(f"run() must be an async generator (`async def` with a `yield`), got {type(stream).__name__}")
        asked = asyncio.create_task(stop.wait(), name="stop")
        try:
            while (told := await _next(stream, asked)) is not None:
                self._look(runner)
                await self._delivery.deliver(told)
                self._note(last_told_ns=self._clock.now_ns())
        finally:
            asked.cancel()
            if closing := getattr(stream, "aclose", None):
                await closing()


async def _next(stream: AsyncIterator[Told], stop: asyncio.Task[Literal[True]]) -> Told | None:
    """What comes next; None: nothing, or it is to stop. A runner that is asked for the next knows that the last one is kept, so it is always asked."""
    pull = asyncio.create_task(_pull(stream), name="pull")
    try:
        await asyncio.wait({pull, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.done():
            return pull.result()
        await asyncio.sleep(0)
        return None
    finally:
        if not pull.done():
            pull.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pull


async def _pull(stream: AsyncIterator[Told]) -> Told | None:
    with _staying():
        try:
            return await anext(stream)
        except StopAsyncIteration:
            return None


@contextlib.contextmanager
def _staying() -> Iterator[None]:
    """What would end a process is an error like any other: asyncio would let go of everything at once."""
    try:
        yield
    except (SystemExit, KeyboardInterrupt) as leaving:
        raise RuntimeError(f"it tried to end the process ({type(leaving).__name__}: {leaving})") from leaving


def _with(state: WorkerState, shown: State, problem: str) -> WorkerState:
    return replace(state, state=shown, health=RunnerHealth("minimal", (problem, *state.health.problems)))
