"""What a viewer wants, understood: `Wants` in; a filter over batches, with its canonical search text, out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.columns import flat
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind
from spyglass.search.fields import NAMES, Type, find, nearest
from spyglass.search.masks import mask
from spyglass.search.parse import parse
from spyglass.search.tree import Comparison, Everything, Has, Is, Match, Not, Over, Parent, Ref, Tree, Under, all_of, any_of, walk
from spyglass.search.values import Pattern, read_id, unescaped
from spyglass.stream.wants import Wants

__all__ = ["NOTHING", "Filter", "Rows", "Want", "understand"]

Rows = npt.NDArray[np.int64]
"""Row numbers of a batch, ascending."""

_FIELDS: Final = {  # parameter: the fields of the search language that it asks for
    "event_name": ("event_name",),
    "source": ("source", "scope_name", "service"),
    "agent": ("agent",),
    "session": ("session_id",),
    "execution": ("execution_id",),
    "trace": ("trace_id",),
}
_GROUPED: Final = frozenset({Type.TEXT, Type.CHOICE})
_MAX_GROUP_BY: Final = 4


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a viewer wants. Equal filters want the same rows."""

    project: str
    kinds: frozenset[Kind]
    tree: Tree

    @property
    def related(self) -> bool:
        """Whether it asks for relatives, so that a batch alone does not tell (`kin.py`)."""
        return any(isinstance(node, Under | Over | Parent) for node, _ in walk(self.tree))

    def rows(self, batch: Batch, now_ns: int) -> Rows:
        """The rows of a batch that it matches; `now_ns` is what `-1h` counts from."""
        if batch.kind not in self.kinds:
            return np.empty(0, np.int64)
        wanted = pc.fill_null(flat(pc.equal(batch.rows["project"], self.project)), False)
        if not isinstance(self.tree, Everything) and wanted.true_count:
            wanted = pc.and_(wanted, mask(self.tree, batch.rows, batch.kind, now_ns, batch.messages))
        return np.flatnonzero(wanted.to_numpy(zero_copy_only=False)).astype(np.int64, copy=False)


@dataclass(frozen=True, slots=True)
class Want:
    """Everything a viewer wants. `group_by`: canonical field name → column by kind (a kind that is missing has no such column)."""

    wants: Wants
    filter: Filter
    burst: int
    group_by: tuple[tuple[str, dict[Kind, str]], ...]

    @property
    def query(self) -> str:
        """All conditions as one text of the search language."""
        return str(self.filter.tree)


NOTHING: Final = Want(Wants(), Filter("", frozenset(), Everything()), 1, ())
"""What a viewer gets that was not understood: no row, until it says what it wants."""


def understand(wants: Wants) -> Want:
    """What the fields mean together. May take some ms: the search text is parsed.

    Raises:
        QueryError: the search text is wrong; its place is told.
        InputError: another field is, or its condition can never hold for the kinds that are asked for.
    """
    kinds = frozenset(wants.kind or Kind)
    conditions = [_condition(name, getattr(wants, name), kinds) for name in _FIELDS if getattr(wants, name)]
    severity = [] if wants.severity is None else [_severity(wants.severity)]
    tree = all_of(*conditions, *severity, parse(wants.query, *sorted(kinds)))
    burst = wants.burst or max(1, math.ceil(2 * wants.rate))
    return Want(wants, Filter(wants.project, kinds, tree), burst, tuple(_group_by(wants)))


def _condition(parameter: str, texts: list[str], kinds: frozenset[Kind]) -> Tree:
    fields = _FIELDS[parameter]
    if not any(kind in NAMES[field].columns for field in fields for kind in kinds):
        raise InputError(f"{parameter}: no {' or '.join(sorted(kinds))} has it; leave out `kind` or `{parameter}`", parameter=parameter)
    if "*" in texts:
        return any_of(*(Has(Ref(field)) for field in fields))
    values = tuple(_trace_id(text) if parameter == "trace" else unescaped(text) for text in texts)
    return any_of(*(Match(Ref(field), values) for field in fields))


def _trace_id(text: str) -> Pattern:
    try:
        return Pattern((read_id(text, 16),))
    except ValueError as error:
        raise InputError(f"trace: expected {error}, got {text[:80]!r}", parameter="trace") from None


def _severity(text: str) -> Tree:
    """The lowest severity wanted. What has none counts as info, what failed as error."""
    field = NAMES["severity"]
    level = field.spellings.get(text.lower(), text.lower())
    if level not in field.values:
        raise InputError(f"severity: expected one of {', '.join(field.values)}, got {text!r}", parameter="severity")
    at_least: Tree = Comparison(Ref("severity"), ">=", Pattern((level,)))
    if field.values.index(level) <= field.values.index("info"):
        return any_of(at_least, Not(Has(Ref("severity"))))
    return at_least if level == "critical" else any_of(at_least, Is("error"))


def _group_by(wants: Wants) -> Iterable[tuple[str, dict[Kind, str]]]:
    if wants.group_by and wants.window_s is None:
        raise InputError("group_by: needs `window_s`, the length of the windows", parameter="group_by")
    if len(wants.group_by) > _MAX_GROUP_BY:
        raise InputError(f"group_by: expected at most {_MAX_GROUP_BY} fields, got {len(wants.group_by)}", parameter="group_by")
    for name in wants.group_by:
        field = find(name)
        if field is None or field.type not in _GROUPED:
            groupable = tuple(known for known, one in NAMES.items() if one.type in _GROUPED)
            near = nearest(name, groupable)
            hint = f"; did you mean {near}?" if near else ""
            raise InputError(f"group_by: expected a field of text such as agent, model or status, got {name!r}{hint}", parameter="group_by")
        yield field.name, {kind: columns[-1] if field.name == "model" else columns[0] for kind, columns in field.columns.items()}
