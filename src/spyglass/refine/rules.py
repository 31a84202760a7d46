"""Conditions on rows and what follows from them: helper spans, plumbing, pending spans, failures that the status hides.

In: a frame, the kinds and (for most rules) the filled fields. Out: changed kinds, flags, statuses and issues.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.model.schema import Kind
from spyglass.refine.fill import Filled
from spyglass.refine.frame import Frame
from spyglass.refine.patterns import Mask
from spyglass.refine.picks import Rows
from spyglass.refine.plan import KIND_CODES, Key, Plan, RulePlan, WhenPlan
from spyglass.refine.vocabulary import KINDS

__all__ = ["STATUSES", "State", "apply", "holds", "set_status"]

STATUSES: Final = ("unset", "ok", "error")


@dataclass(slots=True)
class State:
    """What rules change; n rows each. `status` holds places in STATUSES."""

    kind: npt.NDArray[np.uint8]
    status: npt.NDArray[np.uint8]
    plumbing: Mask
    pending: Mask
    issues: list[tuple[Rows, str]] = field(default_factory=list)
    pairs: list[tuple[Rows, str, tuple[str, ...]]] = field(default_factory=list)  # rows, request or result, keys that make them equal
    _present: Mask | None = None

    def present(self) -> Mask:
        """Which kinds the batch has; one truth value per kind code."""
        if self._present is None:
            self._present = np.bincount(self.kind, minlength=len(KINDS)) > 0
        return self._present

    def set_kind(self, mask: Mask, kind: int) -> None:
        """Give rows another kind."""
        self.kind[mask] = kind
        self._present = None


def apply(frame: Frame, state: State, plan: Plan, filled: Filled | None) -> None:
    """Apply the rules in order: with `filled`, those about fields, else those that need none."""
    for rule in plan.rules:
        if frame.kind.value in rule.on and rule.when.early is (filled is None):
            mask = holds(frame, state, plan, filled, rule.when)
            if mask is not None and mask.any():
                _change(state, mask, rule)


def _change(state: State, mask: Mask, rule: RulePlan) -> None:
    then = rule.then
    if then.kind is not None:
        state.set_kind(mask, KIND_CODES[then.kind])
    if then.plumbing is not None:
        state.plumbing[mask] = then.plumbing
    if then.pending is not None:
        state.pending[mask] = then.pending
    if then.status is not None:
        set_status(state, mask, STATUSES.index(then.status))
    if then.issue:
        state.issues.append((np.flatnonzero(mask), then.issue))
    if then.pair:
        state.pairs.append((np.flatnonzero(mask), then.pair, rule.pair))


def set_status(state: State, mask: Mask, status: int) -> None:
    """A changed status is told as an issue with what the sender wrote."""
    for code, told in enumerate(STATUSES):
        rows = np.flatnonzero(mask & (state.status == code))
        if code != status and len(rows):
            state.issues.append((rows, f"status_corrected:{told}"))
    state.status[mask] = status


def holds(frame: Frame, state: State, plan: Plan, filled: Filled | None, when: WhenPlan) -> Mask | None:
    """The rows for which all conditions hold; None: none, found out cheaply."""
    for key, wanted, _ in when.keys:
        if wanted and not frame.keys(key.name, key.number):
            return None
    mask = _by_words(frame, state, plan, when)
    if mask is None:
        return None
    for key, wanted, values in when.keys:
        mask &= _has(frame, key, wanted, values, mask)
        if not mask.any():
            return None
    for condition in _wire_masks(frame, state, plan, when):
        mask &= condition
    if filled is not None:
        for name, wanted, values in when.fields:
            mask &= _field(frame, filled, name, wanted, values)
        if when.name_is:
            mask &= _named_as(frame, filled, when.name_is)
    return mask


def _by_words(frame: Frame, state: State, plan: Plan, when: WhenPlan) -> Mask | None:
    """The rows of the right scope, name, service and kind; None: none."""
    if when.kinds is not None and not (when.kinds & state.present()).any():
        return None
    mask = None
    for name, number in (("scope_name", when.scope), ("", when.name), ("service", when.service)):
        if number >= 0:
            found = (frame.coded(name) if name else frame.names).matches(plan.patterns, number)
            if found is None:
                return None
            mask = found.copy() if mask is None else mask & found
    if when.kinds is not None:
        mask = when.kinds[state.kind] if mask is None else mask & when.kinds[state.kind]
        return mask if mask.any() else None
    return np.ones(frame.n, dtype=bool) if mask is None else mask


def _wire_masks(frame: Frame, state: State, plan: Plan, when: WhenPlan) -> list[Mask]:
    masks: list[Mask] = []
    none = np.zeros(frame.n, dtype=bool)
    if when.status:
        masks.append(np.isin(state.status, [STATUSES.index(status) for status in when.status]))
    if when.status_message >= 0 and frame.kind is Kind.SPAN:
        found = frame.coded("status_message").matches(plan.patterns, when.status_message)
        masks.append(none if found is None else found)
    if when.span_kind and frame.kind is Kind.SPAN:
        found = frame.coded("span_kind").among(when.span_kind)
        masks.append(none if found is None else found)
    if when.events:
        wanted = None if frame.events is None else frame.events.names.among(when.events)
        masks.append(none if frame.events is None or wanted is None else frame.mask(frame.events.row_of[wanted]))
    return masks


def _has(frame: Frame, key: Key, wanted: bool, values: re.Pattern[str] | None, among: Mask) -> Mask:
    """Rows, of those in question, that have the attribute (with one of the values), or have it not (with none of them)."""
    if values is None:
        there = frame.mask(frame.having(key.name, key.number))
        return there if wanted else ~there
    mask = np.zeros(frame.n, dtype=bool)
    for name in frame.keys(key.name, key.number):
        entries = frame.attributes.entries(name)
        keep = among[entries.rows]
        mask[entries.rows[keep][_matching(entries.values.filter(pa.array(keep)), values)]] = True
    return mask if wanted else ~mask


def _matching(values: pa.StringArray, pattern: re.Pattern[str]) -> Mask:
    encoded = values.dictionary_encode()
    hit = np.array([pattern.match(text.strip().strip('"').lower()) is not None for text in encoded.dictionary.to_pylist()], dtype=bool)
    found: Mask = hit[encoded.indices.to_numpy(zero_copy_only=False)] if len(hit) else np.zeros(0, dtype=bool)
    return found


def _field(frame: Frame, filled: Filled, name: str, wanted: bool, values: re.Pattern[str] | None) -> Mask:
    """Rows whose field has a value, has none, or has one of the values."""
    has = _has_field(frame, filled, name)
    if values is None:
        return has if wanted else ~has
    if name in filled.lists:
        column = filled.lists[name]
        found = [column.has(word) for word in column.words() if values.match(word)]
        return _any(frame.n, found)
    return _matching(filled.texts[name].done(), values) if name in filled.texts else np.zeros(frame.n, dtype=bool)


def _has_field(frame: Frame, filled: Filled, name: str) -> Mask:
    if name == "has_usage":
        told = [filled.numbers[part].values > 0 for part in ("input_tokens", "output_tokens") if part in filled.numbers]
        return _any(frame.n, told)
    column = filled.texts.get(name) or filled.numbers.get(name) or filled.flags.get(name) or filled.lists.get(name)
    found: Mask = np.zeros(frame.n, dtype=bool) if column is None else ~column.free
    return found


def _any(n: int, masks: list[Mask]) -> Mask:
    found = np.zeros(n, dtype=bool)
    for mask in masks:
        found |= mask
    return found


def _named_as(frame: Frame, filled: Filled, name: str) -> Mask:
    """Rows whose name is the value of the field."""
    if name not in filled.texts:
        return np.zeros(frame.n, dtype=bool)
    values = filled.texts[name].done().dictionary_encode()
    texts = values.dictionary.to_pylist()
    places = {text: place for place, text in enumerate(texts) if text}
    wanted = np.array([places.get(text, -1) for text in frame.names.texts], dtype=np.int64)[frame.names.codes]
    found: Mask = (wanted >= 0) & (wanted == values.indices.to_numpy(zero_copy_only=False))
    return found
