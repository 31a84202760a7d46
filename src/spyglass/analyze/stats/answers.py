"""Whether answers to the same question are still what they were: answers of many questions in, one at a time; how unlike the earlier ones each is, out.

An answer is its number (a hash), its length, its first words and a sketch of its letters by threes. Two that are the same are not apart; else they are by
Hellinger's distance of the sketches with what length and first words add. Each new answer is ranked among the earlier ones by its mean distance to all others
(conformal prediction, Vovk, Gammerman and Shafer 2005): whatever answers look like, each rank is as likely as long as they are of one kind. It is held against
answers that are some calls older, so that a change does not become usual while evidence of it is gathered.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from xxhash import xxh3_64_intdigest

__all__ = ["Answer", "Answers", "Compared", "answer_of"]

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.intp]
_SKETCH: Final = 64
_OLDER: Final = 36  # answers that a new one is held against
_LAG: Final = 12  # the latest, that it is not
_RING: Final = _OLDER + _LAG
_LEAST: Final = 12  # of them, before anything is said
_MOST_BYTES: Final = 4_000
_FIRST_WORDS: Final = 3
_OTHER, _LENGTH, _FIRST = 0.1, 0.5, 0.25  # what being another answer at all, e times as long, and begun with other words add
_ROW: Final = np.dtype([("number", np.uint64), ("first", np.uint64), ("length", np.float32), ("sketch", np.float32, (_SKETCH,))])


class Answer(NamedTuple):
    """What is remembered of one."""

    number: int
    first: int
    length: float  # logarithm of the characters
    sketch: npt.NDArray[np.float32]


class Compared(NamedTuple):
    """The latest answers of a question and those before."""

    same_before: float  # share of answers that are word for word one of the others
    same_now: float  # of the latest, one of those before
    length_before: float  # characters, the median
    length_now: float


def answer_of(text: str) -> Answer:
    """Of a text."""
    data = text.encode()
    letters = np.frombuffer(data[:_MOST_BYTES].ljust(3), np.uint8).astype(np.uint32)
    threes = (letters[:-2] * 961 + letters[1:-1] * 31 + letters[2:]) * np.uint32(0x9E3779B1) >> np.uint32(26)
    counts = np.bincount(threes, minlength=_SKETCH).astype(np.float64)
    sketch = np.sqrt(counts / counts.sum()).astype(np.float32)
    first = " ".join(text[:200].split()[:_FIRST_WORDS])
    return Answer(xxh3_64_intdigest(data), xxh3_64_intdigest(first.encode()), float(np.log1p(len(text))), sketch)


class Answers:
    """By slot, one for each question."""

    def __init__(self) -> None:
        self._rows = np.zeros((0, _RING), _ROW)
        self._count = np.zeros(0, np.int64)

    def grow(self, slots: int) -> None:
        """Have at least so many."""
        more = slots - len(self._count)
        if more > 0:
            self._rows = np.concatenate([self._rows, np.zeros((more, _RING), _ROW)])
            self._count = np.concatenate([self._count, np.zeros(more, np.int64)])

    def forget(self, slots: Slots) -> None:
        """Make these slots free, or let them learn anew."""
        self._rows[slots] = 0
        self._count[slots] = 0

    def known(self, slot: int, number: int) -> Answer | None:
        """An answer that was given before."""
        found = np.flatnonzero(self._rows[slot, : self._count[slot]]["number"] == number)
        if not len(found):
            return None
        row = self._rows[slot, found[0]]
        return Answer(number, int(row["first"]), float(row["length"]), row["sketch"].copy())

    def step(self, slot: int, answer: Answer, chance: float) -> tuple[float, float] | None:
        """One more answer: the probability of one as far from the others, and the least that could be; None as long as too little is known.

        `chance`: any number of 0 to 1 that has nothing to do with the answer; it settles ties.
        """
        older, _ = self._parts(slot)
        found = _ranked(older, answer, chance) if len(older) >= _LEAST else None
        self._rows[slot, self._count[slot] % _RING] = (answer.number, answer.first, answer.length, answer.sketch)
        self._count[slot] += 1
        return found

    def compared(self, slot: int) -> Compared | None:
        """The latest with those before; None as long as too little is known."""
        older, latest = self._parts(slot)
        if not len(older) or not len(latest):
            return None
        numbers, times = np.unique(older["number"], return_counts=True)
        lengths = (float(np.expm1(np.median(part["length"]))) for part in (older, latest))
        return Compared(float(times[times > 1].sum() / len(older)), float(np.isin(latest["number"], numbers).mean()), *lengths)

    def _parts(self, slot: int) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
        """Those that are old enough, and the latest; in the order in which they came."""
        count = int(self._count[slot])
        kept = min(count, _RING)
        rows = self._rows[slot, (np.arange(count - kept, count)) % _RING]
        older = max(kept - _LAG, 0)
        return rows[:older], rows[older:]

    def save(self) -> pa.Table:
        """One row per slot."""
        return pa.table({"answers": pa.array([row.tobytes() for row in self._rows], pa.binary()), "count": self._count})

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._rows = np.frombuffer(b"".join(state["answers"].to_pylist()), _ROW).reshape(-1, _RING).copy()
        self._count = state["count"].to_numpy().copy()


def _ranked(older: npt.NDArray[np.void], answer: Answer, chance: float) -> tuple[float, float]:
    """By the mean distance of each of them, and of the new one, to all others."""
    numbers, firsts = np.append(older["number"], np.uint64(answer.number)), np.append(older["first"], np.uint64(answer.first))
    lengths = np.append(older["length"], np.float32(answer.length)).astype(np.float64)
    sketches = np.concatenate([older["sketch"], answer.sketch[None]]).astype(np.float64)
    apart = np.sqrt(np.clip(1 - sketches @ sketches.T, 0, 1))
    apart += _OTHER + _LENGTH * np.minimum(np.abs(lengths[:, None] - lengths), 1) + _FIRST * (firsts[:, None] != firsts)
    far = np.where(numbers[:, None] == numbers, 0.0, apart).sum(axis=1)
    far = np.round(far, 6)  # sums of the same in another order are the same
    beyond, same = int((far > far[-1]).sum()), int((far == far[-1]).sum())
    return (beyond + chance * same) / len(far), 1 / len(far)
