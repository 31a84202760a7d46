"""An analyzer that somebody else wrote, beside the loop: rounds in, findings out as soon as it has them. Nobody waits for it but who reads its frames.

It has a thread of its own, and a queue that is bounded by rows: what does not fit it misses, and that is counted. Rounds that waited are shown as one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pyarrow as pa

from spyglass.analyze.apart import Apart
from spyglass.analyze.member import Member
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import Analyzer, Frame

__all__ = ["Beside", "Round", "Seen"]

Seen = Batch | Frame
T = TypeVar("T")

_MOST_ROWS: Final = 50_000  # that wait, of some 2 kB
_AT_ONCE: Final = 10_000  # rows that are shown as one, if they came in several rounds
_ENDING_S: Final = 5.0


@dataclass(slots=True)
class Round:
    """What is there at one time."""

    seen: Sequence[Seen]
    now_ns: int
    awaited: Sequence[Future[list[Frame]]] = ()  # what plugins before it make of the same round
    frames: Future[list[Frame]] = field(default_factory=Future)  # what it makes

    @property
    def rows(self) -> int:
        """As far as they are known."""
        return sum(one.rows.num_rows for one in self.seen)


@dataclass(slots=True)
class _Call:
    call: Callable[[], Any]
    answer: Future[Any] = field(default_factory=Future)


class Beside:
    """`hand` and `do` from one thread at a time; the analyzer is used by the thread of this alone."""

    def __init__(
        self,
        member: Member[Analyzer],
        tell: Callable[[list[Finding]], None],
        show: Callable[[Member[Analyzer], Sequence[Seen]], list[Seen]],
        most_rows: int = _MOST_ROWS,
    ) -> None:
        """`tell` is given what it finds, and may wait; `show`: what of frames one is shown."""
        self.member = member
        self._tell, self._show, self._most_rows = tell, show, most_rows
        self._waiting: deque[Round | _Call] = deque()
        self._rows = 0
        self._came = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"plugin {member.kind.name}", daemon=True)
        self._thread.start()

    def hand(self, new: Round) -> Future[list[Frame]]:
        """Let it see this when it gets to it; the frames that it will make of it."""
        rows = new.rows
        with self._came:
            last = self._waiting[-1] if self._waiting else None
            if isinstance(last, Round) and not new.seen and not new.awaited:
                last.now_ns = new.now_ns
                return last.frames
            if self._closed or (self._rows and self._rows + rows > self._most_rows):
                self.member.missed(rows, "slow")
                new.frames.set_result([])
            else:
                self._rows += rows
                self._waiting.append(new)
                self._came.notify()
        return new.frames

    def do(self, call: Callable[[], T]) -> Future[T]:
        """Call this in its thread, after what waits; what it gives."""
        wanted = _Call(call)
        with self._came:
            if self._closed:
                wanted.answer.cancel()
            else:
                self._waiting.append(wanted)
                self._came.notify()
        return wanted.answer

    def crowded(self) -> bool:
        """Whether much waits for one that runs."""
        return self._rows > self._most_rows // 2 and not self.member.status.suspended

    def close(self) -> None:
        """Let go of what waits, and end its process, whatever it does."""
        with self._came:
            self._closed = True
            for one in self._waiting:
                if isinstance(one, Round):
                    one.frames.set_result([])
                else:
                    one.answer.cancel()
            self._waiting.clear()
            self._came.notify()
        if isinstance(self.member.analyzer, Apart):
            self.member.analyzer.leave()
        self._thread.join(_ENDING_S)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            if isinstance(work, _Call):
                self._call(work)
            else:
                self._see(work)
        self.member.close()

    def _next(self) -> _Call | list[Round] | None:
        """A call, or rounds that are shown as one; None: it is over."""
        with self._came:
            while not self._waiting and not self._closed:
                self._came.wait()
            if self._closed:
                return None
            first = self._waiting.popleft()
            if isinstance(first, _Call):
                return first
            rounds, rows = [first], first.rows
            while not self.member.kind.makes and self._waiting and isinstance(following := self._waiting[0], Round) and rows + following.rows <= _AT_ONCE:
                self._waiting.popleft()
                rounds.append(following)
                rows += following.rows
            self._rows -= rows
            return rounds

    def _call(self, work: _Call) -> None:
        try:
            work.answer.set_result(work.call())
        except Exception as error:
            self._failed(error)
            work.answer.set_exception(error)

    def _see(self, rounds: Sequence[Round]) -> None:
        awaited = [one for round_ in rounds for one in round_.awaited]
        wait(awaited)  # each ends, as whoever makes it is ended when it hangs
        frames = self._show(self.member, [frame for one in awaited for frame in one.result()])
        told = self.member.see(_joined([*(one for round_ in rounds for one in round_.seen), *frames]), rounds[-1].now_ns)
        rounds[0].frames.set_result([one for one in told if isinstance(one, Frame)])
        for other in rounds[1:]:
            other.frames.set_result([])
        if found := self.member.bounded([one for one in told if isinstance(one, Finding)]):
            self._tell(found)
        if self.member.status.suspended and isinstance(self.member.analyzer, Apart):
            self._rest(self.member.analyzer)

    def _rest(self, analyzer: Apart) -> None:
        """While it rests it has no process."""
        try:
            analyzer.save()
        except Exception as error:
            self._failed(error)
        analyzer.close()

    def _failed(self, error: Exception) -> None:
        if not self._closed:  # else we have ended it
            self.member.failed(error)


def _joined(seen: Sequence[Seen]) -> list[Seen]:
    """One for each kind of record and frame: an analyzer that is called less often costs less."""
    by_name: dict[str, list[Seen]] = {}
    for one in seen:
        by_name.setdefault(one.kind if isinstance(one, Batch) else one.name, []).append(one)
    out: list[Seen] = []
    for some in by_name.values():
        try:
            rows = pa.concat_tables([one.rows for one in some])
        except pa.ArrowInvalid:  # a plugin's frames need not be alike
            out += some
            continue
        first = some[0]
        out.append(first.with_rows(rows) if isinstance(first, Batch) else Frame(first.name, rows))
    return out
