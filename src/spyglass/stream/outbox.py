"""What waits for one viewer: frames in, groups of frames out, paced. Bounded; when it is full, the oldest frames go, and the viewer is told how many."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

from spyglass.stream.frame import Frame, dump
from spyglass.telemetry.metrics import STREAM_DROPPED

__all__ = ["Group", "Outbox", "Reason"]

Reason = Literal["slow", "rate", "server", "expired"]
"""The viewer did not take it in time; more than the viewer's rate; this server could not keep up; the viewer was away for too long."""

_GROUP_FRAMES: Final = 100
_GROUP_BYTES: Final = 256 * 1024  # a group has at least one frame, however large
_FLUSH_S: Final = 0.05
_TELL_LOST_S: Final = 1.0  # how long a loss may wait for a frame to go with
_MAX_BYTES: Final = 16 * 2**20
_MAX_NOTES: Final = 64


class Group(NamedTuple):
    """JSON objects that are sent together. `cursor` is the place after them; none where nothing of the stream is in it. Empty: a heartbeat."""

    bodies: list[bytes]
    cursor: str | None


class Outbox:
    """Not for several threads. Times are those of a monotonic clock."""

    def __init__(self, max_frames: int) -> None:
        self.lost: Counter[str] = Counter()  # since the beginning, by reason
        self._max_frames = max_frames
        self._frames: deque[Frame] = deque()
        self._size_bytes = 0
        self._notes: deque[bytes] = deque()  # answers to the viewer; never dropped
        self._untold: Counter[str] = Counter()
        self._sent_s = 0.0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def crowded(self) -> bool:
        """Whether the viewer asks more than it reads."""
        return len(self._notes) >= _MAX_NOTES

    @property
    def room(self) -> int:
        """How many frames of what was missed may be put now: none while there is a group to send, and never so many that others are dropped."""
        full = len(self._frames) >= _GROUP_FRAMES or self._size_bytes > _MAX_BYTES // 8
        return 0 if full else self._max_frames - len(self._frames)

    def put(self, frames: Sequence[Frame], size_bytes: int) -> None:
        """Queue frames of the stream, of `size_bytes` together."""
        self._frames.extend(frames)
        self._size_bytes += size_bytes
        dropped = 0
        while len(self._frames) > self._max_frames or (self._size_bytes > _MAX_BYTES and len(self._frames) > 1):
            self._size_bytes -= len(self._frames.popleft().body)
            dropped += 1
        if dropped:
            self.lose("slow", dropped)

    def lose(self, reason: Reason, count: int) -> None:
        """Count frames that the viewer does not get; the next group says so."""
        if count:
            self._count(reason, count)
            self._untold[reason] += count

    def lose_before(self, count: int | None, since: str, until: str) -> None:
        """Count frames of the time before (None: nobody knows how many), and say where in time they are missing."""
        self._count("expired", count or 0)
        self.tell({"type": "lost", "count": count, "reason": "expired", "since": since, "until": until})

    def tell(self, note: object) -> None:
        """Queue an answer: a JSON object that goes before all frames."""
        self._notes.append(dump(note))

    def forget(self) -> None:
        """Drop the frames that wait: the viewer wants something else now."""
        self._frames.clear()
        self._size_bytes = 0

    def due_s(self, *, frames_too: bool = True) -> float | None:
        """When the next group may go; None: there is nothing to send."""
        if self._notes:
            return 0.0
        if frames_too and self._frames:
            return 0.0 if len(self._frames) >= _GROUP_FRAMES else self._sent_s + _FLUSH_S
        return self._sent_s + _TELL_LOST_S if self._untold else None

    def take(self, now_s: float, *, frames_too: bool = True) -> Group:
        """The next group: answers, then what was lost, then frames."""
        bodies = [*self._notes, *self._losses()]
        self._notes.clear()
        cursor = None
        size = 0
        while frames_too and self._frames and len(bodies) < _GROUP_FRAMES and size < _GROUP_BYTES:
            frame = self._frames.popleft()
            size += len(frame.body)
            bodies.append(frame.body)
            cursor = frame.cursor
        self._size_bytes -= size
        self._sent_s = now_s
        return Group(bodies, cursor)

    def _count(self, reason: Reason, count: int) -> None:
        self.lost[reason] += count
        STREAM_DROPPED.labels(reason).inc(count)

    def _losses(self) -> Iterable[bytes]:
        for reason, count in self._untold.items():
            yield dump({"type": "lost", "count": count, "reason": reason})
        self._untold.clear()
