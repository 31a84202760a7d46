"""What agents did in each minute (or another step of time): buckets in as they come, sums by agent out when it is over: so there is little left to do then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.builtin.figures import SUMS
from spyglass.analyze.builtin.uses import CALLED, Key, Pairs, Uses, agents_of, distinct, pairs_of, placed
from spyglass.model.finding import Evidence
from spyglass.plugin.contracts import State

__all__ = ["Gathered", "Gathering"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]


class Gathered:
    """Of all agents in one step. The same buckets in the same order give the same, whether they come at once or one after the other."""

    def __init__(self, called: Sequence[str] = CALLED) -> None:
        """`called`: of which it is to be known who calls what."""
        self._called = called
        self._places: dict[Key, int] = {}
        self._sums: dict[str, Floats] = {name: np.zeros(0) for name in SUMS}
        self._slowest: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._ids: npt.NDArray[np.uint8] = np.zeros((0, 24), np.uint8)  # of the slowest call: trace and span
        self._names: dict[str, dict[str, int]] = {what: {} for what in called}
        self._pairs: dict[str, list[tuple[Whole, Whole]]] = {what: [] for what in called}

    @property
    def keys(self) -> list[Key]:
        """Whose sums they are."""
        return list(self._places)

    def sums(self, name: str) -> Floats:
        """One for each of `keys`."""
        return self._sums[name]

    def slowest(self, key: Key) -> Evidence | None:
        """The call of an agent that took longest; of equals the one that came first. None: it did not call."""
        at = self._places.get(key)
        if at is None:
            return None
        ids = self._ids[at].tobytes()
        return Evidence(ids[:16].hex(), ids[16:].hex())

    def uses(self) -> Uses:
        """Who called what."""
        return Uses(self.keys, {what: self._together(what) for what in self._called})

    def add(self, rows: pa.Table) -> None:
        """More buckets of it."""
        keys, places = agents_of(rows)
        own = placed(self._places, keys)
        self._grow(len(self._places) - len(self._slowest))
        for name in SUMS:
            self._sums[name] += np.bincount(own[places], rows[name].to_numpy(), len(self._places))
        self._look_for_slowest(rows, own[places])
        for what in self._called:
            pairs = pairs_of(rows, what, own[places])
            known = self._names[what]
            names = np.array([known.setdefault(name, len(known)) for name in pairs.named], np.intp)
            self._pairs[what].append((pairs.agents, names[pairs.names]))

    def rows(self) -> pa.Table:
        """What gives the same when it is added to nothing: a row for each agent, and one for each pair of it and what it calls, which counts nothing."""
        uses = self.uses()
        places = np.concatenate([np.arange(len(self._slowest)), *(pairs.agents for pairs in uses.pairs.values())])
        own, more = len(self._slowest), len(places) - len(self._slowest)
        keys = self.keys
        called = {what: [""] * own for what in self._called}
        for what, pairs in uses.pairs.items():
            for other, column in called.items():
                column += [pairs.named[at] if other == what else "" for at in pairs.names.tolist()]
        figures = {name: np.concatenate([total, np.zeros(more)]) for name, total in self._sums.items()}
        ids = np.concatenate([self._ids, np.zeros((more, 24), np.uint8)])
        return pa.table(
            {
                "project": [keys[at][0] for at in places.tolist()],
                "agent": [keys[at][1] for at in places.tolist()],
                **{what: pa.array(column, pa.string()) for what, column in called.items()},
                **figures,
                "slowest_ns": np.concatenate([self._slowest, np.full(more, -1)]),
                "slowest_trace": pa.array([row.tobytes() for row in ids[:, :16]], pa.binary(16)),
                "slowest_span": pa.array([row.tobytes() for row in ids[:, 16:]], pa.binary(8)),
            }
        )

    def _grow(self, more: int) -> None:
        if more > 0:
            self._sums = {name: np.concatenate([total, np.zeros(more)]) for name, total in self._sums.items()}
            self._slowest = np.concatenate([self._slowest, np.full(more, -1)])
            self._ids = np.concatenate([self._ids, np.zeros((more, 24), np.uint8)])

    def _look_for_slowest(self, rows: pa.Table, places: Whole) -> None:
        slow = rows["slowest_ns"].to_numpy()
        best = self._slowest.copy()
        np.maximum.at(best, places, slow)
        most = np.flatnonzero((slow == best[places]) & (slow > self._slowest[places]))[::-1]
        first = np.full(len(best), -1)
        first[places[most]] = most  # of equals the first one is written last
        which = np.flatnonzero(first >= 0)
        taken = rows.select(["slowest_trace", "slowest_span"]).take(pa.array(first[which]))
        self._ids[which] = np.concatenate([_bytes(column) for column in taken.columns], axis=1)
        self._slowest = best

    def _together(self, what: str) -> Pairs:
        named = list(self._names[what])
        size = max(len(named), 1)
        pairs = np.concatenate([agents * size + names for agents, names in self._pairs[what]] or [np.zeros(0, np.intp)])
        both, _ = distinct(pairs, len(self._places) * size)
        return Pairs(both // size, both % size, named)


class Gathering:
    """The steps that are not over, each by itself."""

    def __init__(self, length_ns: int, called: Sequence[str] = CALLED) -> None:
        self._length_ns, self._called = length_ns, called
        self._steps: dict[int, Gathered] = {}

    @property
    def first(self) -> int | None:
        """The earliest step of which anything came: it began so many lengths after 1970."""
        return min(self._steps, default=None)

    def add(self, rows: pa.Table) -> None:
        """Buckets: `bucket_ns`, project, agent, what is called, sums, and the slowest call."""
        numbers = rows["bucket_ns"].to_numpy() // self._length_ns
        for number in np.unique(numbers).tolist():
            step = rows if (numbers == number).all() else rows.filter(pa.array(numbers == number))
            self._steps.setdefault(number, Gathered(self._called)).add(step)

    def pop(self, number: int) -> Gathered:
        """What agents did in this step, which is over."""
        return self._steps.pop(number, None) or Gathered(self._called)

    def drop(self, until: int) -> None:
        """What is as old as this step, or older, is not asked for any more."""
        self._steps = {number: gathered for number, gathered in self._steps.items() if number > until}

    def save(self) -> dict[str, pa.Table]:
        """The table `waiting`, where anything waits."""
        kept = []
        for number, gathered in sorted(self._steps.items()):
            rows = gathered.rows()
            kept.append(rows.append_column("bucket_ns", pa.array(np.full(rows.num_rows, number * self._length_ns))))
        return {"waiting": pa.concat_tables(kept)} if kept else {}

    def restore(self, state: State) -> None:
        """Go on with what was saved."""
        self._steps = {}
        if "waiting" in state:
            self.add(state["waiting"])


def _bytes(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    array = column.combine_chunks()
    width = array.type.byte_width
    return np.frombuffer(array.buffers()[1], np.uint8)[array.offset * width : (array.offset + len(array)) * width].reshape(len(array), width)
