"""One batch as the stages of normalise see it: its attributes by key, its names and scopes as codes, its span events.

In: a batch of wire columns. Out: `Frame`; everything on it is made when first asked for, and once.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.columns import flat
from spyglass.model.schema import Kind
from spyglass.refine.attributes import Attributes
from spyglass.refine.patterns import Coded, Mask, Patterns

__all__ = ["Frame", "SpanEvents"]

_NAME: Final = {Kind.SPAN: "name", Kind.EVENT: "event_name", Kind.POINT: "metric"}
_GLOB_KEYS: Final = 64  # distinct keys that one `*` may stand for in a batch
_NONE: Final = np.empty(0, dtype=np.int64)


class SpanEvents:
    """All span events of a batch, one after the other; `row_of` says whose they are."""

    def __init__(self, column: pa.ListArray, inner: pa.StructArray) -> None:
        self._fields = {field.name: values for field, values in zip(inner.type, inner.flatten(), strict=True)}
        self._column = column
        self.names = Coded(self._fields["name"])
        self.distinct = frozenset(self.names.texts)

    @cached_property
    def row_of(self) -> npt.NDArray[np.int64]:
        """Whose each event is."""
        found: npt.NDArray[np.int64] = pc.list_parent_indices(self._column).to_numpy(zero_copy_only=False).astype(np.int64)
        return found

    @cached_property
    def time_ns(self) -> npt.NDArray[np.int64]:
        """When each event was."""
        found: npt.NDArray[np.int64] = self._fields["time"].cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        return found

    @cached_property
    def attributes(self) -> Attributes:
        """What the events have; its rows are events."""
        return Attributes(self._fields["attributes"])

    def first(self, wanted: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows that have a wanted event, and the number of their first one."""
        at = np.flatnonzero(wanted)
        rows, places = np.unique(self.row_of[at], return_index=True)
        return rows, at[places]


class Frame:
    """A batch of n rows, opened."""

    def __init__(self, batch: Batch, keys: Patterns, resource_keys: pa.Array) -> None:
        """`keys` are the `*` patterns over attribute keys that anybody will ask for, `resource_keys` the resource attributes."""
        self.kind = batch.kind
        self.rows = batch.rows
        self.n = batch.rows.num_rows
        self._key_patterns = keys
        self._resource_keys = resource_keys
        self._texts: dict[str, Coded] = {}

    def column(self, name: str) -> pa.Array:
        """A wire column as one array."""
        return flat(self.rows[name])

    def coded(self, name: str) -> Coded:
        """A column of few distinct texts, as codes."""
        found = self._texts.get(name)
        if found is None:
            found = self._texts[name] = Coded(self.column(name))
        return found

    @property
    def names(self) -> Coded:
        """Names of spans, event names of log records, metrics of points."""
        return self.coded(_NAME[self.kind])

    @property
    def scopes(self) -> Coded:
        """Instrumentation scopes."""
        return self.coded("scope_name")

    @cached_property
    def attributes(self) -> Attributes:
        """The rows' own attributes."""
        return Attributes(self.column("attributes"))

    @cached_property
    def resource(self) -> Attributes | None:
        """The resource attributes that somebody asks for; None: no row has one."""
        column = self.column("resource_attributes")
        wanted = pc.is_in(column.keys, value_set=self._resource_keys)
        return Attributes(column) if pc.any(wanted).as_py() else None

    @cached_property
    def events(self) -> SpanEvents | None:
        """The span events; None: there are none."""
        if self.kind is not Kind.SPAN:
            return None
        column = self.column("events")
        inner = column.flatten()
        return SpanEvents(column, inner) if len(inner) else None

    @cached_property
    def start_ns(self) -> npt.NDArray[np.int64]:
        """When the rows started (spans) or happened."""
        name = "start" if self.kind is Kind.SPAN else "time"
        found: npt.NDArray[np.int64] = self.column(name).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        return found

    @cached_property
    def _globbed(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for key in self._key_patterns.candidates(self.attributes.keys, self.attributes.dictionary):
            for number in self._key_patterns.which(key):
                keys = found.setdefault(number, [])
                if len(keys) < _GLOB_KEYS:
                    keys.append(key)
        return {number: sorted(keys, key=lambda key: (len(key), key)) for number, keys in found.items()}

    def keys(self, key: str, number: int) -> list[str]:
        """The keys of the batch that `key` stands for: itself, or for a pattern (`number` >= 0) those which match, `…2` before `…10`."""
        if number >= 0:
            return self._globbed.get(number, [])
        return [key] if key in self.attributes else []

    def having(self, key: str, number: int) -> npt.NDArray[np.int64]:
        """The rows that have `key`, or a key that the pattern stands for; perhaps not in order."""
        keys = self.keys(key, number)
        if len(keys) <= 1:
            return self.attributes.rows(keys[0]) if keys else _NONE
        return np.unique(np.concatenate([self.attributes.rows(found) for found in keys]))

    def mask(self, rows: npt.NDArray[np.int64]) -> Mask:
        """Row numbers as one truth value per row."""
        found = np.zeros(self.n, dtype=bool)
        found[rows] = True
        return found
