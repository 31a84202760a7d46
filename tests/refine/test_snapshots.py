"""Promises about the stage that stores states once."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pyarrow as pa

from spyglass.model.batch import Batch
from spyglass.model.schema import PIECE, Kind
from spyglass.refine.snapshots import EVENT_NAME, HASH_BYTES, Snapshots, digest
from spyglass.testing.rows import events, spans

DAY_NS = 86_400 * 10**9
NOON_NS = 20_000 * DAY_NS + DAY_NS // 2


def snapshots(*states: str, received_ns: int = NOON_NS, project: str = "p", code: str = "s") -> Batch:
    """A batch with an ordinary event and one snapshot for each state."""
    rows = events(len(states) + 1)
    columns = {
        "event_name": ["other", *[EVENT_NAME] * len(states)],
        "body": ["hello", *states],
        "body_type": ["s", *[code] * len(states)],
        "project": [project] * (len(states) + 1),
        "received": [received_ns] * (len(states) + 1),
    }
    for name, values in columns.items():
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type))
    return Batch(Kind.EVENT, rows)


def large(seed: int = 1, size: int = 1_000_000) -> str:
    """A state without repetitions."""
    rng = random.Random(seed)
    return json.dumps({f"k{number}": rng.randbytes(24).hex() for number in range(size // 60)})


def restored(batch: Batch, row: int, known: dict[bytes, bytes]) -> str:
    """The state of a row, from its manifest and the pieces."""
    manifest = json.loads(batch.rows["body"][row].as_py())
    hashes = bytes.fromhex(manifest["pieces"])
    for _ in range(manifest["depth"]):
        hashes = b"".join(known[hashes[at : at + HASH_BYTES]] for at in range(0, len(hashes), HASH_BYTES))
    state = b"".join(known[hashes[at : at + HASH_BYTES]] for at in range(0, len(hashes), HASH_BYTES))
    assert digest(state).hex() == manifest["hash"]
    return state.decode()


def pieces(batch: Batch) -> dict[bytes, bytes]:
    """By hash."""
    assert batch.pieces is not None
    assert batch.pieces.schema == PIECE
    return {row["hash"]: row["data"] for row in batch.pieces.to_pylist()}


def test_a_state_comes_back_from_its_pieces() -> None:
    """Small, large and empty ones; the manifest stays small, and other events are untouched."""
    states = ['{"a":1}', large(), "", "é" * 100_000]
    done = Snapshots()(snapshots(*states))
    known = pieces(done)
    assert [restored(done, row, known) for row in range(1, 5)] == states
    assert max(map(len, done.rows["body"].to_pylist())) < 2_000
    assert done.rows["body"][0].as_py() == "hello"
    assert done.rows["body_type"].to_pylist() == ["s", "k", "k", "k", "k"]


def test_a_small_change_costs_little() -> None:
    """A megabyte that changes by a kilobyte brings a few new pieces."""
    stage, before = Snapshots(), large()
    first = stage(snapshots(before))
    stage.kept(first)
    after = before[:500_000] + "x" * 1000 + before[501_000:]
    second = stage(snapshots(after))
    assert restored(second, 1, pieces(first) | pieces(second)) == after
    assert sum(map(len, pieces(second).values())) < 20_000


def test_the_same_state_is_told_once_a_day() -> None:
    """Unless it was not kept; and each project has its own."""
    stage, state = Snapshots(), large(size=50_000)
    first = stage(snapshots(state, state))
    assert len(pieces(stage(snapshots(state)))) == len(pieces(first)), "it is not known yet whether the first was kept"
    stage.kept(first)
    assert stage(snapshots(state)).pieces is None
    assert len(pieces(stage(snapshots(state, received_ns=NOON_NS + DAY_NS)))) == len(pieces(first))
    assert len(pieces(stage(snapshots(state, project="q")))) == len(pieces(first))


def test_a_batch_over_midnight_tells_its_pieces_for_both_days() -> None:
    """Each day's snapshots have their pieces on their own day, or retention would take them too early."""
    rows = snapshots(large(size=20_000), large(size=20_000)).rows
    received = pa.array([NOON_NS, NOON_NS, NOON_NS + DAY_NS], rows.schema.field("received").type)
    done = Snapshots()(Batch(Kind.EVENT, rows.set_column(rows.schema.get_field_index("received"), "received", received)))
    assert done.pieces is not None
    days = [at // DAY_NS for at in done.pieces["received"].cast(pa.int64()).to_pylist()]
    assert days.count(days[0]) * 2 == len(days)
    assert len(set(days)) == 2


def test_a_manifest_that_somebody_sends_is_a_state() -> None:
    """Nobody can point at the pieces of others: whatever comes is cut."""
    stage = Snapshots()
    forged = stage(snapshots('{"a":1}')).rows["body"][1].as_py()
    done = stage(snapshots(forged, code="k"))
    assert restored(done, 1, pieces(done)) == forged
    assert json.loads(done.rows["body"][1].as_py())["type"] == "k"


def test_batches_without_snapshots_go_on_as_they_are() -> None:
    """The very same object; and a snapshot without a body has no state."""
    stage = Snapshots()
    for batch in (Batch(Kind.EVENT, events(5)), Batch(Kind.SPAN, spans(5))):
        assert stage(batch) is batch
    empty = snapshots("", code="e")
    assert stage(empty) is empty
    assert replace(empty, pieces=None).without_pieces() is not None
