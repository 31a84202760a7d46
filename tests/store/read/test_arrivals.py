"""What arrived is read again whole, in the order in which it arrived."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.store.conftest import EMBEDDED

from spyglass.model.clock import SystemClock
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.read import arrivals
from spyglass.store.rows import message_rows, span_rows
from spyglass.testing.rows import events, messages, spans

AT_NS = SystemClock().now_ns() - 3_600 * 10**9


@pytest.fixture(scope="module")
def store(shared_engine: Engine) -> Engine:
    """A store with its tables, and 120 spans and 80 events of two projects that arrived in another order than they began, some at one moment."""
    migrate(shared_engine, SystemClock())
    received = [AT_NS + (at * 37 % 60) * 1_000 for at in range(120)]
    long = [[("long", "x" * 900)] if at % 7 == 0 else [("short", "y")] for at in range(120)]
    told = spans(120, at_ns=AT_NS, received=received, project=["a", "b"] * 60, attributes=long, attribute_types=["s"] * 120)
    lean, payloads = span_rows(told)
    shared_engine.insert("spans", lean, token="arrivals")
    shared_engine.insert("payloads", payloads, token="arrivals")
    shared_engine.insert("events", events(80, at_ns=AT_NS, received=[AT_NS + at * 500 for at in range(80)], project="a"), token="arrivals-events")
    shared_engine.insert("messages", message_rows(messages(30, at_ns=AT_NS, received=[AT_NS + at * 1_000 for at in range(60)])), token="arrivals-messages")
    return shared_engine


def read(store: Engine, after_ns: int, until_ns: int) -> list[list[tuple[Kind, pa.Table]]]:
    """Each stretch of it."""
    found = arrivals.arrivals(store.read, [Kind.SPAN, Kind.EVENT], after_ns, until_ns)
    return [[(batch.kind, batch.rows) for batch in stretch] for stretch in found]


def times(rows: pa.Table) -> list[int]:
    """When they arrived."""
    told: list[int] = rows["received"].cast(pa.int64()).to_pylist()
    return told


@EMBEDDED
@pytest.mark.parametrize("page", [7, 50, 5_000])
def test_all_of_it_comes_in_order(store: Engine, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """However many rows a page has; nothing of a stretch arrived after anything of the next, and long values are whole."""
    monkeypatch.setattr(arrivals, "_PAGE", page)
    stretches = read(store, AT_NS - 1, AT_NS + 10**9)
    ends = [(min(min(times(rows)) for _, rows in stretch), max(max(times(rows)) for _, rows in stretch)) for stretch in stretches]
    assert all(before[1] < after[0] for before, after in itertools.pairwise(ends))
    whole = pa.concat_tables([rows for stretch in stretches for kind, rows in stretch if kind is Kind.SPAN])
    assert (whole.num_rows, whole.schema, times(whole)) == (120, SCHEMAS[Kind.SPAN], sorted(times(whole)))
    assert sum(dict(told).get("long") == "x" * 900 for told in whole["attributes"].to_pylist()) == 18
    assert sum(rows.num_rows for stretch in stretches for kind, rows in stretch if kind is Kind.EVENT) == 80


@EMBEDDED
@pytest.mark.parametrize("page", [7, 5_000])
def test_messages_come_with_the_spans_in_which_they_were_new(store: Engine, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """Each once, in the stretch in which it arrived: who listens to conversations hears the same again."""
    monkeypatch.setattr(arrivals, "_PAGE", page)
    heard: list[int] = []
    for stretch in arrivals.arrivals(store.read, [Kind.SPAN, Kind.EVENT], AT_NS - 1, AT_NS + 10**9):
        for batch in stretch:
            if batch.messages is not None and batch.messages.num_rows:
                assert batch.kind is Kind.SPAN
                assert max(times(batch.messages)) <= max(times(batch.rows))
                heard += times(batch.messages)
    assert heard == [AT_NS + at * 1_000 for at in range(60)]


def test_both_ends_are_left_out(store: Engine) -> None:
    """What arrived at them was seen, or comes by another way."""
    inner = [rows for stretch in read(store, AT_NS, AT_NS + 10_000) for kind, rows in stretch if kind is Kind.SPAN]
    assert {at - AT_NS for rows in inner for at in times(rows)} == set(range(1_000, 10_000, 1_000))


def test_rows_are_the_same_however_they_are_paged(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one moment stand in the order of their ids."""

    def spans_of(page: int) -> pa.Table:
        monkeypatch.setattr(arrivals, "_PAGE", page)
        return pa.concat_tables([rows for stretch in read(store, 0, AT_NS + 10**9) for kind, rows in stretch if kind is Kind.SPAN])

    one: Callable[[pa.Table], pa.Table] = pa.Table.combine_chunks
    assert one(spans_of(11)).equals(one(spans_of(5_000)))
    assert pc.count_distinct(spans_of(11)["span_id"]).as_py() == 120
