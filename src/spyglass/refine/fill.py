"""The fields of rows from their sources, in order of rank; a source is only read for the rows that still have nothing.

In: a frame, its kinds, the plan. Out: `Filled`, one column in the making per field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.refine.fields import FIELDS
from spyglass.refine.frame import Frame
from spyglass.refine.patterns import Mask
from spyglass.refine.picks import Flags, Lists, Numbers, Rows, Texts
from spyglass.refine.plan import Plan, SourcePlan

__all__ = ["Filled", "fill"]


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields that any source had something for."""

    texts: dict[str, Texts]
    numbers: dict[str, Numbers]
    flags: dict[str, Flags]
    lists: dict[str, Lists]


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one source says: one value for each of `rows`; of span events without an attribute only their time."""

    rows: Rows
    values: pa.StringArray | None
    time_ns: npt.NDArray[np.int64] | None = None

    def only(self, keep: Mask) -> _Offer:
        if keep.all():
            return self
        values = None if self.values is None else self.values.filter(pa.array(keep))
        return _Offer(self.rows[keep], values, None if self.time_ns is None else self.time_ns[keep])


def fill(frame: Frame, kind: npt.NDArray[np.uint8], plan: Plan) -> Filled:
    """Read every source that has anything to say about the batch."""
    filled = Filled({}, {}, {}, {})
    for name, sources in plan.active(frame.kind, frame.attributes.keys):
        shape = FIELDS[name].shape
        present = [source for source in sources if _present(frame, source)]
        if not present:
            continue
        if shape == "number":
            filled.numbers[name] = _numbers(frame, kind, plan, name, present)
        elif shape == "flag":
            filled.flags[name] = _flags(frame, kind, plan, present)
        elif shape == "list":
            filled.lists[name] = _lists(frame, kind, plan, present)
        else:
            filled.texts[name] = _texts(frame, kind, plan, present)
    return filled


def _present(frame: Frame, plan: SourcePlan) -> bool:
    """Whether the source can have anything for this batch."""
    if plan.key is not None:
        return plan.key.number < 0 or bool(frame.keys(plan.key.name, plan.key.number))
    if plan.source.event:
        return frame.events is not None and plan.source.event in frame.events.distinct
    if plan.source.resource:
        return frame.resource is not None and plan.source.resource in frame.resource
    return True


def _texts(frame: Frame, kind: npt.NDArray[np.uint8], plan: Plan, sources: list[SourcePlan]) -> Texts:
    column = Texts(frame.n, plan.doubtful, plan.unquote)
    for source in sources:
        for offer in _offers(frame, kind, plan, source, column.free):
            if offer.values is not None:
                column.offer(offer.rows, offer.values, source.convert)
        if not column.free.any():
            break
    return column


def _numbers(frame: Frame, kind: npt.NDArray[np.uint8], plan: Plan, name: str, sources: list[SourcePlan]) -> Numbers:
    column = Numbers(frame.n, zero=FIELDS[name].zero)
    for source in sources:
        for offer in _offers(frame, kind, plan, source, column.free):
            column.offer(offer.rows, _amounts(frame, source, offer))
        if not column.free.any():
            break
    return column


def _amounts(frame: Frame, source: SourcePlan, offer: _Offer) -> npt.NDArray[np.float64]:
    """The numbers of an offer; NaN where there is none."""
    if offer.values is None:
        times = np.zeros(0, dtype=np.int64) if offer.time_ns is None else offer.time_ns
        return (times - frame.start_ns[offer.rows]) / 1e9
    plain = source.source.transform == "" and not source.source.path and not source.source.sum
    found = _cast(offer.values) if plain else None
    if found is None and source.numbers is not None:
        encoded = offer.values.dictionary_encode()
        distinct = [source.numbers(text) for text in encoded.dictionary.to_pylist()]
        found = np.array([np.nan if value is None else value for value in distinct], dtype=np.float64)[encoded.indices.to_numpy(zero_copy_only=False)]
    assert found is not None  # noqa: S101  # a number field's source always has a function
    if source.source.transform == "iso_time":
        return (found - frame.start_ns[offer.rows]) / 1e9
    return found


def _cast(values: pa.StringArray) -> npt.NDArray[np.float64] | None:
    """All values at once, where they are plain whole numbers of a believable size; else None."""
    try:
        found: npt.NDArray[np.int64] = values.cast(pa.int64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return found.astype(np.float64) if len(found) == 0 or found.max() < 10**12 else None


def _flags(frame: Frame, kind: npt.NDArray[np.uint8], plan: Plan, sources: list[SourcePlan]) -> Flags:
    column = Flags(frame.n)
    for source in sources:
        for offer in _offers(frame, kind, plan, source, column.free):
            values = offer.values if offer.values is not None else pa.repeat(pa.scalar("true"), len(offer.rows))
            column.offer(offer.rows, values, source.convert or plan.flag)
        if not column.free.any():
            break
    return column


def _lists(frame: Frame, kind: npt.NDArray[np.uint8], plan: Plan, sources: list[SourcePlan]) -> Lists:
    column = Lists(frame.n)
    for source in sources:
        for offer in _offers(frame, kind, plan, source, column.free):
            if offer.values is not None and source.convert is not None:
                column.offer(offer.rows, offer.values, source.convert)
        if not column.free.any():
            break
    return column


def _offers(frame: Frame, kind: npt.NDArray[np.uint8], plan: Plan, source: SourcePlan, free: Mask) -> Iterator[_Offer]:
    """What a source has for the rows that are free and that it is for."""
    wanted = _wanted(frame, kind, plan, source)
    if wanted is not None and not wanted.any():
        return
    for offer in _told(frame, plan, source):
        keep = free[offer.rows] if wanted is None else free[offer.rows] & wanted[offer.rows]
        kept = offer.only(keep)
        if len(kept.rows):
            yield kept


def _wanted(frame: Frame, kind: npt.NDArray[np.uint8], plan: Plan, source: SourcePlan) -> Mask | None:
    """The rows that a source is for; None: all of them."""
    wanted: Mask | None = None if source.kinds is None else source.kinds[kind]
    for coded, number in ((frame.scopes, source.scope), (frame.names, source.name)):
        if number >= 0:
            mask = coded.matches(plan.patterns, number)
            if mask is None:
                return np.zeros(frame.n, dtype=bool)
            wanted = mask if wanted is None else wanted & mask
    return wanted


def _told(frame: Frame, plan: Plan, source: SourcePlan) -> Iterator[_Offer]:
    told = source.source
    if source.key is not None:
        for key in frame.keys(source.key.name, source.key.number):
            entries = frame.attributes.entries(key)
            yield _Offer(entries.rows, entries.values)
    elif told.event:
        yield from _told_by_events(frame, source)
    elif told.resource and frame.resource is not None:
        entries = frame.resource.entries(told.resource)
        yield _Offer(entries.rows, entries.values)
    elif told.constant:
        yield _Offer(np.arange(frame.n), pa.repeat(pa.scalar(told.constant), frame.n))
    elif source.pattern >= 0:
        yield from _told_by_name(frame, plan, source)


def _told_by_events(frame: Frame, source: SourcePlan) -> Iterator[_Offer]:
    events = frame.events
    wanted = None if events is None else events.names.among([source.source.event])
    if events is None or wanted is None:
        return
    if not source.source.attribute:
        rows, places = events.first(wanted)
        yield _Offer(rows, None, events.time_ns[places])
        return
    entries = events.attributes.entries(source.source.attribute)
    keep = wanted[entries.rows]
    rows, first = np.unique(events.row_of[entries.rows[keep]], return_index=True)
    yield _Offer(rows, entries.values.filter(pa.array(keep)).take(pa.array(first)))


def _told_by_name(frame: Frame, plan: Plan, source: SourcePlan) -> Iterator[_Offer]:
    """The first group of the pattern in each distinct name."""
    mask = frame.names.matches(plan.patterns, source.pattern)
    if mask is None:
        return
    groups = [plan.patterns.group(source.pattern, text) for text in frame.names.texts]
    rows = np.flatnonzero(mask)
    yield _Offer(rows, pc.take(pa.array(groups, pa.string()), pa.array(frame.names.codes[rows])).fill_null(""))
