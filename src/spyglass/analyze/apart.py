"""An analyzer that somebody else wrote, in a process of its own: whatever it does, the server and the other analyzers go on.

One that does not answer in time is ended, and not started again until somebody lets it. One whose process ends is started again with what it had last saved.
The memory that it may write to is bounded. What it said before it was ended stands; what it was shown then is not shown again.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing import Pipe
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
_NOTHING: Final = subprocess.DEVNULL
_MOST_FOUND: Final = 10_000  # of one batch


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a plugin may take."""

    answer_s: float = 10.0  # for one batch
    memory_bytes: int = 2**30


class PluginFailed(Exception):
    """It raised, or its process ended."""


class Hanging(PluginFailed):
    """It did not answer in time."""


class Apart:
    """See `contracts.Analyzer`; used by one thread at a time. `seconds`: processor time that its process took for answers."""

    def __init__(self, at: str, settings: BaseModel, bounds: Bounds) -> None:
        """`at`: what `plugin.loading.get` finds it by."""
        self._at, self._settings, self._bounds = at, settings, bounds
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._saved: State = {}
        self._heard: tuple[Heard, ...] = ()
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
        """See `contracts.Analyzer`."""
        told, tables = self._ask({"do": "save"}, [])
        self._saved = dict(zip(told["names"], tables, strict=True))
        return self._saved

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._saved = state
        if self._pipe is not None:
            self._restore(state)

    def heed(self, heard: Sequence[Heard]) -> None:
        """See `contracts.Heedful`. A process that is started later hears it then; one that has heard the same is left alone."""
        told = tuple(heard)
        if told == self._heard:
            return
        self._heard = told
        if self._pipe is not None:
            self._heed()

    def close(self) -> None:
        """End its process."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._pipe = self._process = None

    def _found(self, told: Mapping[str, Any], tables: list[pa.Table], ask: Question | None = None) -> list[Finding | Frame]:
        answer, frames = self._ask({**told, "most": _MOST_FOUND}, tables, ask)
        rows = iter(frames)
        return [Frame(one["frame"], next(rows)) if "frame" in one else finding_of(one) for one in answer["found"]]

    def _restore(self, state: State) -> None:
        self._ask({"do": "restore", "names": list(state)}, list(state.values()))

    def _heed(self) -> None:
        self._ask({"do": "heed", "heard": [asdict(one) for one in self._heard]}, [])

    def _ask(self, told: Mapping[str, Any], tables: list[pa.Table], ask: Question | None = None) -> tuple[dict[str, Any], list[pa.Table]]:
        pipe = self._pipe or self._started()
        with self._in_time(self._bounds.answer_s):
            send(pipe, told, tables)
            answer, more = receive(pipe)
        while ask is not None and "ask" in answer:
            reply, rows = _reply(ask, answer)  # how long the store takes is not its fault
            with self._in_time(self._bounds.answer_s):
                send(pipe, reply, rows)
                answer, more = receive(pipe)
        self.seconds += answer["seconds"]
        if not answer["ok"]:
            raise PluginFailed(answer["problem"])
        return answer, more

    def _started(self) -> Connection:
        ours, theirs = Pipe()
        command = [sys.executable, "-m", "spyglass.analyze.worker", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                command,
                pass_fds=[theirs.fileno()],
                stdin=_NOTHING,
                stdout=_NOTHING,
                stderr=_NOTHING,
                start_new_session=True,  # Ctrl-C is the server's
            )
        self._pipe = ours
        with self._in_time(_START_S):
            send(ours, {"at": self._at, "settings": self._settings.model_dump_json(), "memory_bytes": self._bounds.memory_bytes})
            answer, _ = receive(ours)
        if not answer["ok"]:
            self.close()
            raise PluginFailed(answer["problem"])
        if self._saved:
            self._restore(self._saved)
        if self._heard:
            self._heed()
        return ours

    @contextlib.contextmanager
    def _in_time(self, seconds: float) -> Iterator[None]:
        """End the process when the block takes longer: whoever waits for it, to be heard or to listen, is set free by that."""
        process, late = self._process, threading.Event()

        def end() -> None:
            late.set()
            if process is not None:
                process.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, EOFError) as error:
            problem = f"did not answer within {seconds:g} s" if late.is_set() else f"its process ended: {_why(process)}"
            self.close()
            raise (Hanging if late.is_set() else PluginFailed)(problem) from error
        finally:
            timer.cancel()


def _reply(ask: Question, asked: Mapping[str, Any]) -> tuple[dict[str, Any], list[pa.Table]]:
    try:
        return {"ok": True}, [ask(asked["ask"], asked["parameters"])]
    except SpyglassError as error:
        return {"ok": False, "problem": error.message}, []


def _why(process: subprocess.Popen[bytes] | None) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        code = process.wait(5) if process is not None else 0
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return "its pipe is closed"
