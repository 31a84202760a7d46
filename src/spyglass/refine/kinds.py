"""What kind of span a row is: the first marker, by rank, that decides.

In: a frame and the plan's markers. Out: codes of kinds and dialects, one each per row, and the issues that markers raise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from spyglass.refine.frame import Frame
from spyglass.refine.patterns import Mask
from spyglass.refine.plan import MarkerPlan, Plan

__all__ = ["Kinds", "decide"]

Rows = npt.NDArray[np.int64]


@dataclass(slots=True)
class Kinds:
    """`kind` and `dialect` are codes (`vocabulary.KINDS`, `Plan.names`); 0: undecided."""

    kind: npt.NDArray[np.uint8]
    dialect: npt.NDArray[np.uint16]
    issues: list[tuple[Rows, str]] = field(default_factory=list)


def decide(frame: Frame, plan: Plan) -> Kinds:
    """Kinds of all rows. Most batches are decided by one or two markers; the others cost a look into a dictionary each."""
    found = Kinds(np.zeros(frame.n, dtype=np.uint8), np.zeros(frame.n, dtype=np.uint16))
    left = frame.n
    for marker in plan.markers[frame.kind]:
        if not left:
            break
        rows, codes = _hits(frame, plan, marker, found.kind)
        if len(rows):
            found.kind[rows] = codes
            found.dialect[rows] = marker.dialect
            left -= len(rows)
            if marker.issue:
                found.issues.append((rows, marker.issue))
    return found


def _hits(frame: Frame, plan: Plan, marker: MarkerPlan, kind: npt.NDArray[np.uint8]) -> tuple[Rows, npt.NDArray[np.uint8]]:
    """The undecided rows that the marker decides, and how."""
    none = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint8)
    if marker.key is not None and not frame.keys(marker.key.name, marker.key.number):
        return none
    conditions = _conditions(frame, plan, marker)
    if conditions is None:
        return none
    wanted = kind == 0
    for condition in conditions:
        wanted &= condition
    if marker.decide is not None and marker.key is not None:
        return _by_value(frame, marker, wanted)
    if marker.key is not None:
        wanted &= frame.mask(frame.having(marker.key.name, marker.key.number))
    rows = np.flatnonzero(wanted)
    return rows, np.full(len(rows), marker.code, dtype=np.uint8)


def _conditions(frame: Frame, plan: Plan, marker: MarkerPlan) -> list[Mask] | None:
    """The marker's conditions as masks; None when one of them holds for no row."""
    masks: list[Mask] = []
    for coded, number in ((frame.scopes, marker.scope), (frame.names, marker.name)):
        if number >= 0:
            mask = coded.matches(plan.patterns, number)
            if mask is None:
                return None
            masks.append(mask)
    for group in marker.has:
        rows = [frame.having(key.name, key.number) for key in group]
        mask = frame.mask(np.concatenate(rows))
        if not mask.any():
            return None
        masks.append(mask)
    return masks


def _by_value(frame: Frame, marker: MarkerPlan, wanted: Mask) -> tuple[Rows, npt.NDArray[np.uint8]]:
    assert marker.key is not None and marker.decide is not None  # noqa: S101, PT018  # for the type checker; the caller has looked
    rows_found, codes_found = [], []
    for key in frame.keys(marker.key.name, marker.key.number):
        entries = frame.attributes.entries(key)
        keep = wanted[entries.rows]
        rows, values = entries.rows, entries.values
        if not keep.all():
            rows, values = rows[keep], values.filter(keep)
        distinct, places = marker.decide.distinct(values)
        codes = np.array(distinct, dtype=np.uint8)[places]
        decided = codes > 0
        rows_found.append(rows[decided])
        codes_found.append(codes[decided])
        wanted[rows[decided]] = False
    if len(rows_found) == 1:
        return rows_found[0], codes_found[0]
    return np.concatenate(rows_found), np.concatenate(codes_found)
