"""States that are not whole any more are told as such, and never given as if they were."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tests.store.read.conftest import AT_NS, Tables

from spyglass.model.batch import Batch
from spyglass.model.schema import EVENT, PIECE, Kind
from spyglass.refine.snapshots import EVENT_NAME, Snapshots
from spyglass.store.engine import Engine
from spyglass.store.read import snapshots as read
from spyglass.store.read.states import with_states
from spyglass.testing.rows import events

STATE = "".join(f'"{number:06}",' for number in range(120_000))  # a list of lists of pieces


def taken(tables: Tables, *states: str) -> list[dict[str, Any]]:
    """Snapshots of execution `e`, cut as they are on the road; gives what is read of them."""
    rows = events(len(states), at_ns=AT_NS, project=tables.project, event_name=EVENT_NAME, execution_id="e", body=list(states), body_type="s")
    batch = Snapshots()(Batch(Kind.EVENT, rows))
    tables.keep_events(batch.rows)
    assert batch.pieces is not None
    tables.engine.insert("pieces", batch.pieces, token=f"pieces-{tables.project}")
    run = read.run_of(tables.engine.read, tables.project, "e")
    assert run is not None
    return read.snapshots(tables.engine.read, tables.project, run, [], 100, None)[0]


def without(engine: Engine, project: str, condition: str) -> None:
    """Drop pieces, as retention does."""
    engine.command(f"DELETE FROM pieces WHERE project = '{project}' AND {condition}", settings={"lightweight_deletes_sync": 2})


def test_a_large_state_comes_back(tables: Tables) -> None:
    """Through two levels of lists."""
    (row,) = taken(tables, STATE)
    found = read.state_of(tables.engine.read, tables.project, row)
    assert (found.problem, found.code, found.data) == ("", "s", STATE.encode())
    assert found.manifest["depth"] >= 1


@pytest.mark.parametrize(("condition", "missing"), [("length(data) > 1000 AND hash < unhex('40')", True), ("1 = 1", True), ("1 = 0", False)])
def test_missing_pieces_are_said(tables: Tables, condition: str, missing: bool) -> None:
    """However many; a part of a state is not a state."""
    (row,) = taken(tables, STATE)
    without(tables.engine, tables.project, condition)
    found = read.state_of(tables.engine.read, tables.project, row)
    assert (found.problem, found.data is None, found.missing > 0) == (("pieces_missing", True, True) if missing else ("", False, False))


def test_a_piece_that_is_not_what_it_was_is_said(tables: Tables) -> None:
    """The whole state has a hash of its own."""
    (row,) = taken(tables, "a" * 500)
    (piece,) = tables.engine.read("SELECT hash FROM pieces WHERE project = {project:String}", {"project": tables.project})["hash"].to_pylist()
    without(tables.engine, tables.project, "1 = 1")
    wrong = {"project": [tables.project], "hash": [piece], "received": [row["received_ns"]], "data": [b"b" * 500]}
    tables.engine.insert("pieces", pa.table(wrong, PIECE), token=f"wrong-{tables.project}")
    assert read.state_of(tables.engine.read, tables.project, row).problem == "hash_mismatch"


def test_pieces_of_other_projects_are_nobodys(tables: Tables) -> None:
    """The same state in another project has its own."""
    (row,) = taken(tables, "secret of a project " * 100)
    assert read.state_of(tables.engine.read, f"{tables.project}-other", row).problem == "pieces_missing"


def test_a_state_that_could_not_be_cut_is_there(tables: Tables) -> None:
    """It stands in its event as it came."""
    rows = events(1, at_ns=AT_NS, project=tables.project, event_name=EVENT_NAME, execution_id="e", body='{"a":1}', body_type="s", issues=[["snapshots_failed"]])
    tables.keep_events(rows)
    run = read.run_of(tables.engine.read, tables.project, "e")
    assert run is not None
    ((row,), _) = read.snapshots(tables.engine.read, tables.project, run, [], 100, None)
    assert read.state_of(tables.engine.read, tables.project, row).data == b'{"a":1}'
    assert read.run_of(tables.engine.read, tables.project, "nobody") is None


def test_an_export_says_which_states_are_gone(tables: Tables) -> None:
    """And keeps the others, in tables of a bounded size."""
    taken(tables, STATE, "b" * 90_000, "c" * 500)
    without(tables.engine, tables.project, "data LIKE '%ccc%'")
    names = ", ".join(EVENT.names)
    rows = tables.engine.read(f"SELECT {names} FROM events WHERE project = {{project:String}} ORDER BY time", {"project": tables.project})
    found = list(with_states(tables.engine.read, tables.project, rows, 100_000))
    assert [(table["body"][0].as_py()[:10], table.num_rows) for table in found] == [(STATE[:10], 1), ("b" * 10, 2)]
    assert found[1]["issues"][1].as_py()[-1] == "state_missing"
    assert found[0]["body"][0].as_py() == STATE
