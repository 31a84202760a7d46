"""The stage that stores states once: snapshots in, the same with a manifest instead of their state out, and `Batch.pieces`.

The state (the body of an event `execution.snapshot`) is cut where its content says so (`cutting.py`); each part is a piece, kept under the hash of its bytes.
The hashes of the parts are a list which is cut likewise, again and again until what is left fits the manifest: a tree whose inner nodes are pieces, too, so
that a state which changes a little costs the changed part and one short list for each level. A manifest is JSON:

    {"size_bytes": 1048576, "hash": "<of the whole state>", "type": "s", "depth": 1, "parts": 341, "pieces": "<hashes, 32 hex digits each>"}

`type` is the type code that the body had; with `depth` 0 the pieces are parts of the state, else lists of hashes (16 bytes each) of the level below.

A piece is told again each day (of arrival, UTC) on which a snapshot needs it, because days are what the store drops: no manifest outlives its pieces.
It counts as told once its batch was kept (`kept`); what is told twice is stored once.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.columns import flat
from spyglass.model.schema import PIECE, Kind
from spyglass.refine.cutting import ends
from spyglass.refine.messages.memory import Recent
from spyglass.telemetry.metrics import PIECES

__all__ = ["EVENT_NAME", "HASH_BYTES", "Snapshots", "digest"]

EVENT_NAME: Final = "execution.snapshot"
HASH_BYTES: Final = 16
_MOST_IN_MANIFEST: Final = 24
_LEAST_IN_LIST, _MOST_IN_LIST, _CUTS_LIST = 4, 96, 0x0F  # a list ends after a hash whose last four bits are zero: mostly 16 to 24 of them
_DAY_NS: Final = 86_400 * 10**9


def digest(data: bytes) -> bytes:
    """The address of a piece, or of a whole state."""
    return blake2b(data, digest_size=HASH_BYTES).digest()


class Snapshots:
    """The stage. Safe to share between threads: at worst a piece is told twice, and the store keeps it once."""

    def __init__(self, remembered: int = 400_000) -> None:
        """`remembered`: how many pieces are known to have been told; each takes some 120 bytes, so that this many stand for about 1 GB of states."""
        self._told: Recent[bool] = Recent(remembered)

    def __call__(self, batch: Batch) -> Batch:
        """`batch` with manifests; the same object when it holds no snapshot."""
        if batch.kind is not Kind.EVENT:
            return batch
        mine = pc.equal(batch.rows["event_name"], EVENT_NAME)
        if not pc.any(mine).as_py():
            return batch
        at = np.flatnonzero(flat(mine).to_numpy(zero_copy_only=False)).tolist()
        return self._cut(batch, at)

    def kept(self, batch: Batch) -> None:
        """The pieces of `batch` are safe: they need not be told again today."""
        if batch.pieces is None:
            return
        columns = (flat(batch.pieces[name]).cast(kind).to_pylist() for name, kind in (("project", "string"), ("hash", pa.binary()), ("received", pa.int64())))
        for project, name, received_ns in zip(*columns, strict=True):
            self._told.put(_key(project, received_ns) + name, True)

    def _cut(self, batch: Batch, at: list[int]) -> Batch:
        bodies, types = flat(batch.rows["body"]), flat(batch.rows["body_type"]).to_pylist()
        projects, received = flat(batch.rows["project"]), flat(batch.rows["received"]).cast(pa.int64())
        manifests: dict[int, str] = {}
        told: dict[bytes, tuple[str, bytes, int, bytes]] = {}  # several snapshots of a batch mostly share their pieces
        for row in at:
            if types[row] in ("e", "", None):
                continue
            project, received_ns = projects[row].as_py(), received[row].as_py()
            state = bodies[row].as_buffer().to_pybytes()
            manifests[row], pieces = _manifest(state, types[row])
            seen, key = 0, _key(project, received_ns)
            for name, data in pieces.items():
                if self._told.get(key + name):
                    seen += 1
                else:
                    told.setdefault(key + name, (project, name, received_ns, data))
            PIECES.labels(outcome="seen").inc(seen)
            PIECES.labels(outcome="told").inc(len(pieces) - seen)
        if not manifests:
            return batch
        return replace(batch, rows=_with_bodies(batch.rows, manifests), pieces=_table(list(told.values())) if told else None)


def _manifest(state: bytes, code: str) -> tuple[str, dict[bytes, bytes]]:
    """What stands for a state, and all pieces of it, by hash."""
    view, start = memoryview(state), 0
    pieces: dict[bytes, bytes] = {}
    level: list[bytes] = []
    for end in ends(state):
        level.append(_add(pieces, bytes(view[start:end])))
        start = end
    parts, depth = len(level), 0
    while len(level) > _MOST_IN_MANIFEST:
        level = [_add(pieces, b"".join(part)) for part in _lists(level)]
        depth += 1
    manifest = {"size_bytes": len(state), "hash": digest(state).hex(), "type": code, "depth": depth, "parts": parts, "pieces": b"".join(level).hex()}
    return orjson.dumps(manifest).decode(), pieces


def _add(pieces: dict[bytes, bytes], data: bytes) -> bytes:
    name = digest(data)
    pieces[name] = data
    return name


def _lists(hashes: list[bytes]) -> list[list[bytes]]:
    """Hashes cut into lists, by their own content."""
    found: list[list[bytes]] = [[]]
    for each in hashes:
        if len(found[-1]) >= _MOST_IN_LIST or (len(found[-1]) >= _LEAST_IN_LIST and not found[-1][-1][-1] & _CUTS_LIST):
            found.append([])
        found[-1].append(each)
    return found


def _key(project: str, received_ns: int) -> bytes:
    return digest(f"{project}\0{received_ns // _DAY_NS}".encode())[:8]


def _with_bodies(rows: pa.Table, manifests: dict[int, str]) -> pa.Table:
    mask = np.zeros(rows.num_rows, bool)
    places = sorted(manifests)
    mask[places] = True
    for name, values in (("body", [manifests[row] for row in places]), ("body_type", ["k"] * len(places))):
        at = rows.schema.get_field_index(name)
        column = pc.replace_with_mask(flat(rows[name]), pa.array(mask), pa.array(values, pa.string()))
        rows = rows.set_column(at, rows.schema.field(at), column)
    return rows


def _table(told: list[tuple[str, bytes, int, bytes]]) -> pa.Table:
    columns = zip(*told, strict=True)
    return pa.Table.from_arrays([pa.array(column, field.type) for column, field in zip(columns, PIECE, strict=True)], schema=PIECE)
