"""The loss ledger: what each source sent, and what became of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.schema import Kind
from spyglass.telemetry.ledger import OTHER, LossLedger, counts_of
from spyglass.testing.clock import ManualClock

NAMES = st.sampled_from(["a", "b", "c", ""])


def table(pairs: list[tuple[str, str]]) -> pa.Table:
    columns = {"project": [project for project, _ in pairs], "service": [service for _, service in pairs]}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(NAMES, NAMES), max_size=40), cut=st.integers(0, 40))
def test_rows_are_counted_by_project_and_service(pairs: list[tuple[str, str]], cut: int) -> None:
    """However they are mixed, and in however many pieces the table is."""
    rows = pa.concat_tables([table(pairs[:cut]), table(pairs[cut:])])
    assert counts_of(rows) == {pair: pairs.count(pair) for pair in set(pairs)}


def test_many_short_runs_are_grouped() -> None:
    """Rows of two services that take turns."""
    assert counts_of(table([("p", "a"), ("p", "b")] * 4_000)) == {("p", "a"): 4_000, ("p", "b"): 4_000}


def test_a_line_adds_up() -> None:
    """What was received was accepted or rejected."""
    clock = ManualClock()
    ledger = LossLedger(clock)
    ledger.accept(Kind.SPAN, {("p", "shop"): 10})
    ledger.reject("p", "shop", "traces", {"no_id": 2})
    clock.now_s += 5
    ledger.drop(Kind.SPAN, {("p", "shop"): 3}, "sample")
    ledger.store(Kind.SPAN, {("p", "shop"): 7})
    ledger.refuse("p", "shop", "traces", "malformed")
    [line] = ledger.lines("p")
    assert (line.received, line.accepted, line.rejected, line.dropped, line.stored, line.refused) == (12, 10, {"no_id": 2}, {"sample": 3}, 7, {"malformed": 1})
    assert line.last_ns - line.first_ns == 5 * 10**9


def test_a_project_sees_its_own_lines() -> None:
    """And no other's."""
    ledger = LossLedger(ManualClock())
    ledger.accept(Kind.EVENT, {("p", "shop"): 1, ("q", "shop"): 1})
    assert [(line.project, line.signal) for line in ledger.lines("p")] == [("p", "logs")]
    assert len(ledger.lines(None)) == 2


def test_counts_survive_a_restart(tmp_path: Path) -> None:
    """And are counted on."""
    path = tmp_path / "ledger.json"
    for _ in range(2):
        ledger = LossLedger(ManualClock(), path)
        ledger.start()
        ledger.accept(Kind.POINT, {("p", "shop"): 4})
        ledger.reject("p", "shop", "metrics", {"no_value": 1})
        ledger.stop()
    [line] = LossLedger(ManualClock(), path).lines(None)
    assert (line.signal, line.accepted, line.rejected) == ("metrics", 8, {"no_value": 2})
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"{", b'[{"project": 1}]'])
def test_a_damaged_file_does_not_keep_the_server_from_starting(tmp_path: Path, content: bytes) -> None:
    """The ledger begins anew."""
    path = tmp_path / "ledger.json"
    path.write_bytes(content)
    assert LossLedger(ManualClock(), path).lines(None) == []


def test_sources_beyond_the_bound_share_a_line() -> None:
    """Whoever invents names fills no memory, and still counts."""
    ledger = LossLedger(ManualClock(), max_lines=3)
    for number in range(10):
        ledger.accept(Kind.SPAN, {("p", f"s{number}"): 1})
        ledger.accept(Kind.SPAN, {(f"p{number}", "s"): 1})
    lines = ledger.lines(None)
    assert len(lines) <= 7
    assert sum(line.accepted for line in lines) == 20
    assert OTHER in {line.source for line in ledger.lines("p")}
