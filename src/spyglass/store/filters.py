"""Tree -> one WHERE condition for the table of a kind, every value bound.

In: a tree of the search language, the kind of record, now, and the time range that is read. Out: SQL text made of a closed set of columns,
functions and placeholders (`{p0:String}`), and the values of the placeholders. The caller's query reads one of `spans`, `events`, `points`
without an alias and itself bounds project and time:

    SELECT … FROM spans WHERE project = {project:String} AND start >= … AND start < … AND (<filter>) …

Sub-selects (full text, topology) carry the project and the range by themselves, as `{project:String}`, which the caller binds, and
`{from_ns:Int64}` and `{to_ns:Int64}`, which are among the parameters here. On Distributed tables set `distributed_product_mode = 'global'`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from spyglass.model.schema import SCHEMAS, Kind
from spyglass.search import predicates as p
from spyglass.search.lower import check, lower
from spyglass.search.tree import Tree
from spyglass.search.values import EARLIEST_NS, LATEST_NS, Pattern

__all__ = ["Filter", "compile"]

_DAY_NS: Final = 86_400 * 10**9
_REACH_NS: Final = _DAY_NS  # a relative of a span, or a message, is looked for this far outside the time range: sessions last hours
_EARLY_NS: Final = _DAY_NS  # how far a record's time may lie after its arrival (decode replaces later ones)
_DOUBLINGS: Final = 10  # topology looks at up to 2^10 levels: each step of the recursion doubles the distance
_TABLES: Final = {Kind.SPAN: "spans", Kind.EVENT: "events", Kind.POINT: "points"}
_TIMES: Final = {Kind.SPAN: "start", Kind.EVENT: "time", Kind.POINT: "time"}
_KEYS: Final = {Kind.SPAN: "start, trace_id, span_id", Kind.EVENT: "time, event_id"}  # what the sorting key has after the project
_TEXT_INDEXED: Final = {Kind.SPAN: {"input", "output"}, Kind.EVENT: {"body"}, Kind.POINT: set[str]()}
_NO_SPAN: Final = "toFixedString('', 8)"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition, and what to bind for it (besides `project`)."""

    sql: str
    parameters: dict[str, Any]
