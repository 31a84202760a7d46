"""Sums per window and group, in place of rows: the rows a viewer wants in, one frame per window out.

A row belongs to the window in which it arrived here, so that a window is final when its time is over. Windows start at multiples of their length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.model.times import iso
from spyglass.search.masks import mask
from spyglass.search.tree import Is
from spyglass.stream.filter import Rows
from spyglass.stream.frame import Frame, dump

__all__ = ["MAX_GROUPS", "Sums", "Windows", "add_up"]

MAX_GROUPS: Final = 1_000  # of one window; rows of further groups are counted together, as `other`
_FIGURES: Final = ("count", "errors", "input_tokens", "output_tokens", "cost_usd")
_TEXT: Final = 128  # characters of a group's value
_MAX_EMPTY: Final = 10  # windows without rows that are still told, one after the other

Key = tuple[str, ...]
Sums = dict[Key, list[float]]
"""Values of the group fields → count, errors, input_tokens, output_tokens, cost_usd."""


def add_up(batch: Batch, rows: Rows, columns: tuple[Mapping[Kind, str], ...], now_ns: int) -> Sums:
    """The sums of the rows by the columns; a row of a kind that has no such column belongs to the empty value."""
    if not len(rows):
        return {}
    keys = [by_kind[batch.kind] for by_kind in columns if batch.kind in by_kind]
    figures = [name for name in _FIGURES if name in batch.rows.column_names and name != "count"]
    wanted = {*keys, *figures, "status", "severity"} & set(batch.rows.column_names)
    picked = batch.rows.select(sorted(wanted)).take(pa.array(rows))
    failed = mask(Is("error"), picked, batch.kind, now_ns)
    data = {f"k{at}": pc.utf8_slice_codeunits(pc.fill_null(picked[key], ""), 0, _TEXT) for at, key in enumerate(keys)}
    data |= {name: pc.fill_null(picked[name].cast(pa.float64(), safe=False), 0.0) for name in figures}
    table = pa.table({**data, "count": pa.array(np.ones(len(rows))), "errors": failed.cast(pa.uint8()).cast(pa.float64())})
    names = [name for name in _FIGURES if name in table.column_names]
    grouped = table.group_by([name for name in data if name.startswith("k")], use_threads=False).aggregate([(name, "sum") for name in names])
    return {_key(row, columns, batch.kind): [row.get(f"{name}_sum", 0.0) for name in _FIGURES] for row in grouped.to_pylist()}


def _key(row: Mapping[str, Any], columns: tuple[Mapping[Kind, str], ...], kind: Kind) -> Key:
    values = iter([value for name, value in row.items() if not name.endswith("_sum")])
    return tuple(next(values) if kind in by_kind else "" for by_kind in columns)


class Windows:
    """The window of one viewer that is open now."""

    def __init__(self, window_s: float, names: tuple[str, ...], cursor: str, begin_ns: int | None) -> None:
        """`cursor`: what was seen before. `begin_ns`: where the first window begins, if that is not at a multiple of its length."""
        self._length_ns, self._names = max(1, round(window_s * 10**9)), names
        self._begin_ns = begin_ns
        self._end_ns = None if begin_ns is None else self._end_of(begin_ns)
        self._seen = cursor
        self._groups: Sums = {}
        self._other: list[float] | None = None
        self.cursor = cursor  # of the newest window that is over: where to resume

    @property
    def end_ns(self) -> int | None:
        """When the open window is over; None: none is open."""
        return self._end_ns

    def add(self, sums: Sums, arrived_ns: int, cursor: str) -> list[Frame]:
        """Count the rows of a batch. Gives the windows that were over when it arrived; `cursor` is the place after the batch."""
        closed = self.close(arrived_ns)
        for key, figures in sums.items():
            if key in self._groups:
                _add(self._groups[key], figures)
            elif len(self._groups) < MAX_GROUPS:
                self._groups[key] = list(figures)
            else:
                self._other = self._other or [0.0] * len(_FIGURES)
                _add(self._other, figures)
        self._seen = cursor
        return closed

    def close(self, now_ns: int) -> list[Frame]:
        """The windows that are over at `now_ns`, oldest first; opens the one in which it lies."""
        closed: list[Frame] = []
        while self._end_ns is not None and self._end_ns <= now_ns and len(closed) <= _MAX_EMPTY:
            closed.append(self._frame())
        if self._end_ns is None or self._end_ns <= now_ns:
            self._begin_ns, self._end_ns = None, self._end_of(now_ns)
        return closed

    def _frame(self) -> Frame:
        end_ns = self._end_ns or 0
        begin_ns = end_ns - self._length_ns if self._begin_ns is None else self._begin_ns
        totals = [sum(column) for column in zip(*self._groups.values(), *([self._other] if self._other else []), strict=True)] or [0.0] * len(_FIGURES)
        groups = [dict(zip(self._names, key, strict=True)) | _figures(figures) for key, figures in self._groups.items()]
        times = {"from": iso(begin_ns), "to": iso(end_ns)}
        other = {"other": _figures(self._other)} if self._other else {}
        frame = {"type": "window", "cursor": self._seen, **times, "total": _figures(totals), "groups": groups, **other}
        self._groups, self._other, self._begin_ns, self._end_ns, self.cursor = {}, None, None, end_ns + self._length_ns, self._seen
        return Frame(self.cursor, dump(frame))

    def _end_of(self, at_ns: int) -> int:
        return (at_ns // self._length_ns + 1) * self._length_ns


def _add(to: list[float], figures: list[float]) -> None:
    for at, figure in enumerate(figures):
        to[at] += figure


def _figures(sums: list[float]) -> dict[str, float]:
    """Counts are whole numbers again."""
    return {name: figure if name == "cost_usd" else int(figure) for name, figure in zip(_FIGURES, sums, strict=True)}
