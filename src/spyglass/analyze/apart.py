"""An analyzer that somebody else wrote, in a process of its own: whatever it does, the server and the other analyzers go on.

One that does not answer in time is ended, with all that it has started. One whose process ends is started again with what it had last saved.
The memory that it may write to is bounded, and so is what it may answer. What it said before it was ended stands; what it was shown then is not shown again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

import pyarrow as pa
from pydantic import BaseModel

from spyglass.analyze.wire import finding_of, receive, send, told_of
from spyglass.model.batch import Batch
from spyglass.model.errors import SpyglassError
from spyglass.model.finding import Finding, Heard
from spyglass.plugin.contracts import Frame, Question, State

__all__ = ["Apart", "Bounds", "Hanging", "PluginFailed"]

_START_S: Final = 60.0  # libraries load slowly on a busy machine
_ASKING_S: Final = 60.0  # so long the store may work for one look
_NOTHING: Final = subprocess.DEVNULL
_MOST_FOUND: Final = 10_000  # of one batch


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a plugin may take."""

    answer_s: float = 10.0  # for one batch
    memory_bytes: int = 2**30

    @property
    def answer_bytes(self) -> int:
        """Of one answer: what it found, or remembers."""
        return self.memory_bytes // 4


class PluginFailed(Exception):
    """It raised, or its process ended."""


class Hanging(PluginFailed):
    """It did not answer in time."""


class Apart:
    """See `contracts.Analyzer`; used by one thread at a time, but for `leave`. `seconds`: processor time that its processes took."""

    def __init__(self, at: str, settings: BaseModel, bounds: Bounds) -> None:
        """`at`: what `plugin.loading.get` finds it by."""
        self._at, self._settings, self._bounds = at, settings, bounds
        self._process: _Process | None = None
        self._heard: tuple[Heard, ...] = ()
        self._left = False
        self.saved: State = {}  # what it remembered when it last said so
        self.seconds = 0.0

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """See `contracts.Analyzer`.

        Raises:
            PluginFailed: it did; a new process stands for it at the next call.
        """
        told, tables = told_of(seen)
        return self._found(told, tables)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """See `contracts.Analyzer`."""
        return self._found({"do": "settle", "now_ns": now_ns}, [])

    def look(self, ask: Question, since_ns: int, now_ns: int) -> Iterable[Finding]:
        """See `contracts.Examiner`."""
        found = self._found({"do": "look", "since_ns": since_ns, "now_ns": now_ns}, [], ask)
        return [one for one in found if isinstance(one, Finding)]

    def save(self) -> State:
        """See `contracts.Analyzer`. Without a process it remembers what it last said."""
        if self._process is not None:
            told, tables = self._ask({"do": "save"}, [])
            self.saved = dict(zip(told["names"], tables, strict=True))
        return self.saved

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self.saved = state
        if self._process is not None:
            self._restore(state)

    def heed(self, heard: Sequence[Heard]) -> None:
        """See `contracts.Heedful`. A process that is started later hears it then; one that has heard the same is left alone."""
        told = tuple(heard)
        if told == self._heard:
            return
        self._heard = told
        if self._process is not None:
            self._heed()

    @property
    def running(self) -> bool:
        """Whether it has a process."""
        return self._process is not None

    def close(self) -> None:
        """End its process."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def leave(self) -> None:
        """End its process for good, from any thread: who waits for it is set free."""
        self._left = True
        if (process := self._process) is not None:
            process.kill()

    def _found(self, told: Mapping[str, Any], tables: list[pa.Table], ask: Question | None = None) -> list[Finding | Frame]:
        answer, frames = self._ask({**told, "most": _MOST_FOUND}, tables, ask)
        rows = iter(frames)
        try:
            return [Frame(one["frame"], next(rows)) if "frame" in one else finding_of(one) for one in answer["found"]]
        except ValueError as error:
            raise PluginFailed(f"what it found is no finding: {error}") from error

    def _restore(self, state: State) -> None:
        self._ask({"do": "restore", "names": list(state)}, list(state.values()))

    def _heed(self) -> None:
        self._ask({"do": "heed", "heard": [asdict(one) for one in self._heard]}, [])

    def _ask(self, told: Mapping[str, Any], tables: list[pa.Table], ask: Question | None = None) -> tuple[dict[str, Any], list[pa.Table]]:
        process = self._process or self._started()
        until_s, asking_s = time.monotonic() + self._bounds.answer_s, 0.0
        answer, more = self._answer(process, told, tables, self._bounds.answer_s)
        while ask is not None and "ask" in answer:
            began_s = time.monotonic()
            reply, rows = _reply(ask, answer)
            took_s = time.monotonic() - began_s
            until_s, asking_s = until_s + took_s, asking_s + took_s  # how long the store takes is not its fault, but it is not asked without end
            if asking_s > _ASKING_S:
                self.close()
                raise Hanging(f"let the store work for more than {_ASKING_S:g} s")
            answer, more = self._answer(process, reply, rows, max(0.0, until_s - time.monotonic()))
        self._account(process, answer["seconds"])
        if not answer["ok"]:
            raise PluginFailed(answer["problem"])
        return answer, more

    def _account(self, process: _Process, seconds: float) -> None:
        self.seconds += seconds - process.seconds
        process.seconds = seconds

    def _started(self) -> _Process:
        if self._left:
            raise PluginFailed("the server is stopping")
        process = self._process = _Process()
        told = {
            "at": self._at,
            "settings": self._settings.model_dump_json(),
            "memory_bytes": self._bounds.memory_bytes,
            "answer_bytes": self._bounds.answer_bytes,
        }
        answer, _ = self._answer(process, told, [], _START_S)
        self._account(process, answer["seconds"])
        if not answer["ok"]:
            self.close()
            raise PluginFailed(answer["problem"])
        if self.saved:
            self._restore(self.saved)
        if self._heard:
            self._heed()
        return process

    def _answer(self, process: _Process, told: Mapping[str, Any], tables: Sequence[pa.Table], seconds: float) -> tuple[dict[str, Any], list[pa.Table]]:
        """What it says to that. When it takes longer its process is ended: whoever waits for it, to be heard or to listen, is set free by that."""
        try:
            with process.ended_after(seconds) as late:
                send(process.pipe, told, tables)
                return receive(process.pipe, self._bounds.answer_bytes)
        except Exception as error:  # its process has ended, or says what nobody understands
            problem = f"did not answer within {max(self._bounds.answer_s, seconds):g} s"
            hanging = late.is_set()
            if not hanging:
                problem = f"its process ended: {process.why()}"
            self.close()
            raise (Hanging if hanging else PluginFailed)(problem) from error


class _Process:
    """One that runs `worker.py`, and the pipe to it."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self.pipe = Connection(os.dup(self._ours.fileno()))
        self.seconds = 0.0  # processor time, as it said last
        with theirs:
            self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", "spyglass.analyze.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=_NOTHING,
                stdout=_NOTHING,
                stderr=_NOTHING,
                start_new_session=True,  # Ctrl-C is the server's; and it is ended with all that it started
            )

    @contextlib.contextmanager
    def ended_after(self, seconds: float) -> Iterator[threading.Event]:
        """End it when the block takes longer; whether it was."""
        late = threading.Event()

        def end() -> None:
            late.set()
            self.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End it and its children, from any thread. Whoever of them is left may hold the other end of the pipe: so ours is shut."""
        with contextlib.suppress(OSError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """The same, and let go of it."""
        self.kill()
        self._popen.wait()
        self.pipe.close()
        self._ours.close()

    def why(self) -> str:
        """Why it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._popen.wait(1)
            return signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return "its pipe is closed"


def _reply(ask: Question, asked: Mapping[str, Any]) -> tuple[dict[str, Any], list[pa.Table]]:
    try:
        return {"ok": True}, [ask(asked["ask"], asked["parameters"])]
    except SpyglassError as error:
        return {"ok": False, "problem": error.message}, []
