"""Records come out of the store as they went in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from spyglass.model.clock import SystemClock
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.read import export
from spyglass.store.read.asking import Scope
from spyglass.store.rows import span_rows
from spyglass.testing.rows import events, points, spans

HOUR_NS = 3_600 * 10**9
AT_NS = SystemClock().now_ns() - 2 * HOUR_NS  # what is older than the retention would be gone at once
LONG = [("long", "x" * 2000 + "é"), ("short", "y"), ("list", '["' + "z" * 900 + '"]')]


@pytest.fixture(scope="module")
def store(shared_engine: Engine) -> Engine:
    """A store with its tables."""
    migrate(shared_engine, SystemClock())
    return shared_engine


def fill(engine: Engine, kind: Kind, rows: pa.Table, token: str) -> None:
    """Write rows as the writer does."""
    if kind is not Kind.SPAN:
        engine.insert(f"{kind}s", rows, token=token)
        return
    lean, payloads = span_rows(rows)
    engine.insert("spans", lean, token=token)
    engine.insert("payloads", payloads, token=token)


def exported(engine: Engine, kind: Kind, project: str, **more: object) -> pa.Table:
    """Everything of a project."""
    scope = Scope(project, 0, AT_NS + 1000 * HOUR_NS, **more)  # type: ignore[arg-type]
    return pa.concat_tables([SCHEMAS[kind].empty_table(), *export.pages(engine.read, kind, scope)])


def with_long(rows: pa.Table, every: int) -> pa.Table:
    """Some rows get attribute values that are stored apart."""
    pairs = [LONG if at % every == 0 else told for at, told in enumerate(rows["attributes"].to_pylist())]
    types = ["ssa" if at % every == 0 else told for at, told in enumerate(rows["attribute_types"].to_pylist())]
    rows = rows.set_column(rows.schema.get_field_index("attributes"), rows.schema.field("attributes"), pa.array(pairs, rows.schema.field("attributes").type))
    return rows.set_column(rows.schema.get_field_index("attribute_types"), "attribute_types", pa.array(types))


@pytest.mark.parametrize(("kind", "make", "order"), [(Kind.SPAN, spans, "span_id"), (Kind.EVENT, events, "event_id"), (Kind.POINT, points, "value")])
def test_rows_come_back_as_they_were(store: Engine, kind: Kind, make: Callable[..., pa.Table], order: str) -> None:
    """All columns, over several pages, whatever was stored between."""
    rows = make(1500, at_ns=AT_NS, project=f"same-{kind}")
    fill(store, kind, rows, "all")
    fill(store, kind, make(50, at_ns=AT_NS, project="another"), f"another-{kind}")
    keys = [(order, "ascending"), ("time" if "time" in rows.schema.names else "start", "ascending"), ("attributes", "ascending")][:2]
    assert exported(store, kind, f"same-{kind}").sort_by(keys).equals(rows.cast(SCHEMAS[kind]).sort_by(keys))


def test_long_values_stand_in_their_places(store: Engine) -> None:
    """Spans with and without values that are stored apart, mixed."""
    rows = with_long(spans(600, at_ns=AT_NS, project="long"), every=7)
    fill(store, Kind.SPAN, rows, "long")
    told = exported(store, Kind.SPAN, "long").sort_by("span_id")
    wanted = rows.sort_by("span_id")
    assert told["attributes"].to_pylist() == wanted["attributes"].to_pylist()
    assert told["attribute_types"].to_pylist() == wanted["attribute_types"].to_pylist()
    assert told["issues"].to_pylist() == [[]] * 600


def test_a_long_value_that_is_lost_is_told(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of it comes, marked: an export must not look better than it is."""
    monkeypatch.setattr(export, "_PAYLOAD_WAITS_S", ())
    lean, _ = span_rows(with_long(spans(8, at_ns=AT_NS, project="lost"), every=4))
    store.insert("spans", lean, token="lost")
    told = exported(store, Kind.SPAN, "lost")
    assert [issues == ["long_value_missing"] for issues in told["issues"].to_pylist()].count(True) == 2
    assert not any(">" in types for types in told["attribute_types"].to_pylist())


def test_only_the_best_copy_of_a_span_is_told(store: Engine) -> None:
    """Also where the copies have different starts, and where only the worse one matches."""
    first = spans(4, at_ns=AT_NS, project="copies", pending=True, status="unset")
    later = spans(
        4, at_ns=AT_NS, project="copies", start=pa.array([AT_NS + 60 * 10**9 + at for at in range(4)]).cast(first.schema.field("start").type), status="ok"
    )
    fill(store, Kind.SPAN, first, "first")
    fill(store, Kind.SPAN, later, "later")
    assert exported(store, Kind.SPAN, "copies")["status"].to_pylist() == ["ok"] * 4
    assert exported(store, Kind.SPAN, "copies", filter_sql="status = 'unset'").num_rows == 0


def test_points_of_one_moment_come_together(store: Engine) -> None:
    """However many there are, and over a page's end."""
    moment = pa.array([AT_NS] * 1000).cast(SCHEMAS[Kind.POINT].field("time").type)
    fill(store, Kind.POINT, points(1000, at_ns=AT_NS, project="moment", metric="m", time=moment), "moment")
    assert sorted(exported(store, Kind.POINT, "moment")["value"].to_pylist()) == sorted(points(1000, at_ns=AT_NS)["value"].to_pylist())


def test_a_filter_and_a_range_choose(store: Engine, data_dir: Path) -> None:
    """Half-open in time, and by any condition."""
    rows = events(100, at_ns=AT_NS, project="chosen")
    fill(store, Kind.EVENT, rows, "chosen")
    times = rows["time"].cast(pa.int64()).to_pylist()
    scope = Scope("chosen", times[10], times[20], "severity_number > {least:UInt8}", {"least": 0})
    assert sum(page.num_rows for page in export.pages(store.read, Kind.EVENT, scope)) == 10
