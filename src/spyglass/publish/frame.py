"""One append as bytes: batches and keys in, a frame out, and back.

A frame is kept or lost as a whole, and so an append is too:

    head     magic, size of meta, size of payload, first offset, time, checksum of payload      40 bytes
    meta     msgpack: per batch its kind, rows and parts; the keys
    checksum of head and meta                                                                    8 bytes
    payload  the parts: Arrow IPC record batch messages without their schema, each an LZ4 block

Numbers are little endian; checksums are XXH3-64, seeded with the identity of the log, so that bytes inside a payload never pass for a frame.
Measured with 512 spans of 1.3 kB: an IPC stream with its schema costs 0.1 ms and 5 kB more per entry than the bare message. LZ4 makes 245 kB of
660 kB, and an append costs the same CPU with and without it (2.3 to 2.8 ms, flush included): compressing costs what writing the rest would.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pyarrow as pa
import xxhash

from spyglass.model.batch import Batch
from spyglass.model.errors import StoreError
from spyglass.model.schema import MESSAGE, PIECE, SCHEMAS, Kind
from spyglass.publish.schemas import Schemas, conform, fingerprint

__all__ = ["MAGIC", "Encoded", "Head", "decode", "encode", "read_head", "seal", "whole"]

MAGIC: Final = b"SPY\x01"

_HEAD: Final = struct.Struct("<4sIQQQQ")
_SUM: Final = struct.Struct("<Q")
_CODEC: Final = "lz4_raw"
_LONGEST_KEY: Final = 255
_TABLE_BYTES: Final = 64 << 10  # what Arrow takes for a table of 73 columns, however few its rows (measured)
_FINGERPRINTS: Final = {id(schema): fingerprint(schema) for schema in (*SCHEMAS.values(), MESSAGE, PIECE)}
_ROWS, _MESSAGES, _PIECES = 0, 1, 2  # what a part is of


class _Part(msgspec.Struct, array_like=True, frozen=True):
    of: bool | int  # _ROWS, _MESSAGES (false and true before there were pieces), _PIECES
    schema: int
    raw_bytes: int
    size_bytes: int


class _Item(msgspec.Struct, array_like=True, frozen=True):
    kind: Kind
    rows: int
    parts: list[_Part]


class _Meta(msgspec.Struct, array_like=True, frozen=True):
    items: list[_Item]
    keys: list[bytes]


_DECODER: Final = msgspec.msgpack.Decoder(_Meta)


@dataclass(frozen=True, slots=True)
class Encoded:
    """An append ready to be written, but for its offset and time."""

    meta: bytes
    payload: tuple[Any, ...]  # buffers
    payload_bytes: int
    payload_sum: int
    memory_bytes: int  # once read
    rows: dict[Kind, int]
    count: int  # of batches
    keys: tuple[bytes, ...]
    batches: tuple[Batch, ...]  # what was encoded

    @property
    def size_bytes(self) -> int:
        """Of the whole frame."""
        return _HEAD.size + len(self.meta) + _SUM.size + self.payload_bytes


@dataclass(frozen=True, slots=True)
class Head:
    """All of a frame but its payload."""

    first: int
    appended_ns: int
    head_bytes: int  # where the payload starts
    payload_bytes: int
    payload_sum: int
    items: tuple[_Item, ...]
    keys: tuple[bytes, ...]

    @property
    def size_bytes(self) -> int:
        """Of the whole frame."""
        return self.head_bytes + self.payload_bytes

    @property
    def last(self) -> int:
        """Offset of its last batch."""
        return self.first + len(self.items) - 1

    @property
    def rows(self) -> int:
        """Rows of all its batches."""
        return sum(item.rows for item in self.items)

    @property
    def memory_bytes(self) -> int:
        """What its batches take in memory."""
        return _memory_bytes(self.items)


def encode(batches: Sequence[Batch], keys: Sequence[bytes], seed: int) -> Encoded:
    """Serialise and compress; about 1 ms of CPU for 512 spans, most of it without the interpreter's lock.

    Raises:
        StoreError: a batch has not the columns of its kind, or a key is longer than 255 bytes.
    """
    if any(len(key) > _LONGEST_KEY for key in keys):
        raise StoreError(f"log: expected keys of at most {_LONGEST_KEY} bytes, got {max(map(len, keys))}")
    payload: list[Any] = []
    items, rows = [], dict.fromkeys((batch.kind for batch in batches), 0)
    for batch in batches:
        parts = _pack(batch.rows, SCHEMAS[batch.kind], _ROWS, payload)
        if batch.messages is not None:
            parts += _pack(batch.messages, MESSAGE, _MESSAGES, payload)
        if batch.pieces is not None:
            parts += _pack(batch.pieces, PIECE, _PIECES, payload)
        items.append(_Item(batch.kind, len(batch), parts))
        rows[batch.kind] += len(batch)
    digest = xxhash.xxh3_64(seed=seed)
    for buffer in payload:
        digest.update(buffer)
    meta = msgspec.msgpack.encode(_Meta(items, list(keys)))
    return Encoded(meta, tuple(payload), sum(map(len, payload)), digest.intdigest(), _memory_bytes(items), rows, len(items), tuple(keys), tuple(batches))


def seal(encoded: Encoded, first: int, now_ns: int, seed: int) -> list[Any]:
    """The buffers of the frame whose first batch has this offset."""
    head = _HEAD.pack(MAGIC, len(encoded.meta), encoded.payload_bytes, first, now_ns, encoded.payload_sum) + encoded.meta
    return [head + _SUM.pack(xxhash.xxh3_64_intdigest(head, seed=seed)), *encoded.payload]


def read_head(data: memoryview, position: int, seed: int) -> Head | None:
    """The head of the frame that starts at `position`; None when none does. Its payload may be cut off or wrong (see `whole`)."""
    start = position + _HEAD.size
    if start > len(data):
        return None
    magic, meta_bytes, payload_bytes, first, appended_ns, payload_sum = _HEAD.unpack_from(data, position)
    end = start + meta_bytes
    if magic != MAGIC or end + _SUM.size > len(data) or _SUM.unpack_from(data, end)[0] != xxhash.xxh3_64_intdigest(data[position:end], seed=seed):
        return None
    try:
        meta = _DECODER.decode(data[start:end])
    except msgspec.MsgspecError:
        return None
    return Head(first, appended_ns, end + _SUM.size - position, payload_bytes, payload_sum, tuple(meta.items), tuple(meta.keys))


def whole(head: Head, payload: memoryview, seed: int) -> bool:
    """Whether the payload is all there, as written."""
    return len(payload) == head.payload_bytes and xxhash.xxh3_64_intdigest(payload, seed=seed) == head.payload_sum


def decode(head: Head, payload: memoryview, schemas: Schemas) -> list[Batch] | None:
    """The batches of a payload that is whole, in their current schemas; None when a schema of then is not known or cannot become today's."""
    start = 0
    batches = []
    for item in head.items:
        schema_of = {_ROWS: SCHEMAS[item.kind], _MESSAGES: MESSAGE, _PIECES: PIECE}
        tables: dict[int, list[pa.Table]] = {of: [] for of in schema_of}
        for part in item.parts:
            table = _unpack(part, payload[start : start + part.size_bytes], schema_of[part.of], schemas)
            if table is None:
                return None
            tables[part.of].append(table)
            start += part.size_bytes
        rows, messages, pieces = (pa.concat_tables(found) if found else None for found in tables.values())
        batches.append(Batch(item.kind, SCHEMAS[item.kind].empty_table() if rows is None else rows, messages, pieces))
    return batches


def _memory_bytes(items: Sequence[_Item]) -> int:
    return sum(part.raw_bytes + _TABLE_BYTES for item in items for part in item.parts)


def _pack(table: pa.Table, schema: pa.Schema, of: int, payload: list[Any]) -> list[_Part]:
    if not table.schema.equals(schema):
        wrong = sorted(set(table.schema) ^ set(schema), key=lambda field: field.name)
        raise StoreError(f"log: expected the columns of the schema, in order; these differ: {', '.join(field.name for field in wrong) or 'order'}")
    parts = []
    for piece in table.combine_chunks().to_batches():
        message = piece.serialize()
        compressed = pa.compress(message, codec=_CODEC).slice(0)  # a view of the unsliced buffer still has the size from before compressing
        payload.append(memoryview(compressed))
        parts.append(_Part(of, _FINGERPRINTS[id(schema)], message.size, len(payload[-1])))
    return parts


def _unpack(part: _Part, data: memoryview, wanted: pa.Schema, schemas: Schemas) -> pa.Table | None:
    schema = schemas.get(part.schema)
    if schema is None:
        return None
    try:
        message = pa.decompress(pa.py_buffer(data), part.raw_bytes, codec=_CODEC)
        return conform(pa.Table.from_batches([pa.ipc.read_record_batch(message, schema)]), wanted)
    except (pa.ArrowException, OSError):  # Arrow says OSError when the codec fails
        return None
