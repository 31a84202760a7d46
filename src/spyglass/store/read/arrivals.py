"""Records whole, in the order in which they arrived: what analyzers are shown again after a restart.

Spans come with every copy that the store still has, and with the messages that were new in them; merges leave the best one of each. Those that arrived at one
moment are in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.schema import MESSAGE, SCHEMAS, Kind
from spyglass.store.read.asking import Ask, ask
from spyglass.store.read.export import with_long_values

__all__ = ["arrivals"]

_PAGE: Final = 5_000  # rows: some 10 MB
_MOST_MESSAGES: Final = 50_000  # new ones among so many spans
_BY: Final = {Kind.SPAN: ("trace_id", "span_id", "version"), Kind.EVENT: ("event_id",), Kind.POINT: ("project", "metric", "time")}


def arrivals(engine: Ask, kinds: Iterable[Kind], after_ns: int, until_ns: int) -> Iterator[list[Batch]]:
    """All that arrived between two times (ns, both not included), as batches of one stretch of time each.

    Raises:
        StoreError, QueryError, Refused: as `engine.read`; after some of them too.
    """
    roads = {kind: _pages(engine, kind, after_ns, until_ns) for kind in kinds}
    waiting = {kind: page for kind, road in roads.items() if (page := next(road, None)) is not None}
    while waiting:
        bound_ns = min(_last_ns(page) for page in waiting.values())
        stretch: list[Batch] = []
        for kind, page in list(waiting.items()):
            seen = pc.less_equal(page["received"].cast(pa.int64()), bound_ns)
            if (rows := page.filter(seen)).num_rows:
                stretch.append(Batch(kind, rows, _messages(engine, after_ns, bound_ns) if kind is Kind.SPAN else None))
            rest = page.filter(pc.invert(seen))
            following = rest if rest.num_rows else next(roads[kind], None)
            waiting = {each: at for each, at in waiting.items() if each is not kind} | ({kind: following} if following is not None else {})
        yield stretch
        after_ns = bound_ns


def _pages(engine: Ask, kind: Kind, after_ns: int, until_ns: int) -> Iterator[pa.Table]:
    names = [*SCHEMAS[kind].names, *(["version"] if kind is Kind.SPAN else [])]
    while True:
        bounds = {"after_ns": after_ns, "until_ns": until_ns, "limit": _PAGE}
        found = ask(engine, "arrivals/rows", bounds, columns=", ".join(names), table=f"{kind}s")
        if found.num_rows:
            after_ns = _last_ns(found)
            yield _whole(engine, kind, found)
        if found.num_rows < _PAGE:
            return


def _messages(engine: Ask, after_ns: int, last_ns: int) -> pa.Table:
    bounds = {"after_ns": after_ns, "until_ns": last_ns + 1, "limit": _MOST_MESSAGES}
    found = ask(engine, "arrivals/rows", bounds, columns=", ".join(MESSAGE.names), table="messages")
    return found.sort_by([(name, "ascending") for name in ("received", "project", "scope", "hash")]).cast(MESSAGE)


def _whole(engine: Ask, kind: Kind, found: pa.Table) -> pa.Table:
    found = found.sort_by([("received", "ascending"), *((name, "ascending") for name in _BY[kind])])
    if kind is Kind.SPAN:
        projects = pc.unique(found["project"].cast(pa.string())).to_pylist()
        parts = [with_long_values(engine, project, found.filter(pc.equal(found["project"], project))) for project in projects]
        found = pa.concat_tables(parts, promote_options="default")
        found = found.sort_by([("received", "ascending"), *((name, "ascending") for name in _BY[kind])]) if len(parts) > 1 else found
    return found.select(SCHEMAS[kind].names).cast(SCHEMAS[kind])


def _last_ns(page: pa.Table) -> int:
    return int(pc.max(page["received"].cast(pa.int64())).as_py())
