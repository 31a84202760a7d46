"""Attributes and any-values as columns: the raw protobuf bytes of many KeyValue or AnyValue messages in, texts and type codes out.

Parsing these small messages one by one, each into seven nullable columns, costs two thirds of a whole decode. But nearly all look alike:
`0a size key 12 size value`, and a value is one tag and one payload. So they are read as arrays of positions over one buffer: a step
(say, the length of every key) is one numpy operation over all messages. A message that is not exactly of this shape (fields in another
order, twice, unknown, overlong numbers) is given to upb, one by one; so are the bytes of arrays and key-value lists, once for each
distinct value. No byte is interpreted here that upb would read differently; tests compare the two.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from spyglass.decode.anyvalue import array_text, kvlist_text, value_text
from spyglass.decode.columns import flat
from spyglass.decode.limits import check_count
from spyglass.model.schema import ATTRIBUTES

__all__ = ["Attributes", "attributes", "code_texts", "values"]

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]
Codes = NDArray[np.uint8]
Pairs = tuple[pa.Array, pa.Array, Codes]  # keys, texts, codes

_ODD: Final = 0  # the code of a message that is not of the usual shape
_STRING, _BOOL, _INT, _DOUBLE, _BINARY, _ARRAY, _KVLIST, _NONE = b"sbidyake"
_CODE_OF_TAG: Final = np.zeros(256, np.uint8)
for _tag, _code in ((0x0A, _STRING), (0x10, _BOOL), (0x18, _INT), (0x21, _DOUBLE), (0x2A, _ARRAY), (0x32, _KVLIST), (0x3A, _BINARY)):
    _CODE_OF_TAG[_tag] = _code
_HAS_SIZE: Final = np.isin(np.arange(256), np.frombuffer(b"syak", np.uint8))
_KEY_TAG, _VALUE_TAG = 0x0A, 0x12
_SIZE_BYTES: Final = 5  # a longer size is never needed, and upb refuses it
_AT_ONCE: Final = 500_000  # messages; their positions take a hundred bytes each
_FEW: Final = 100  # messages; measured: from here on columns are faster
_NO_TEXTS: Final = pa.array([], pa.string())
_NO_CODES: Final = np.zeros(0, np.uint8)
_BOOL_TEXTS: Final = pa.array(["false", "true"])


@dataclass(frozen=True, slots=True)
class Attributes:
    """n rows: `maps` is a map<string, string>, `types` one string with a code per entry, in the order sent."""

    maps: pa.Array
    types: pa.Array


def attributes(lists: pa.Array) -> Attributes:
    """What n lists of KeyValue bytes say.

    Raises:
        pyarrow.ArrowInvalid: a string is not UTF-8.
        google.protobuf.message.DecodeError: upb refuses one of them.
        LimitError: a value is nested too deep, or too large, or too many have to be read one by one.
    """
    raw, offsets = flat(lists)
    keys, texts, codes = _pairs(raw) if len(raw) > _FEW else _pairs_one_by_one(raw)
    ends = pa.py_buffer(offsets.astype(np.int32))
    entries = pa.StructArray.from_arrays([keys, texts], fields=[ATTRIBUTES.key_field, ATTRIBUTES.item_field])
    maps = pa.Array.from_buffers(ATTRIBUTES, len(lists), [None, ends], children=[entries])
    return Attributes(maps, pa.Array.from_buffers(pa.string(), len(lists), [None, ends, pa.py_buffer(codes)]))


def values(raw: pa.Array) -> tuple[pa.Array, Codes]:
    """Texts and codes of n AnyValues, given as their bytes; errors as in `attributes`."""
    if len(raw) <= _FEW:
        return _values_one_by_one(raw)
    data, start, stop = _regions(raw)
    found = _read_values(data, start, stop)
    texts = _texts(data, found, start[0])
    odd = np.flatnonzero(found.codes == _ODD)
    if len(odd):
        distinct, places = _distinct(raw.take(pa.array(odd)))
        odd_texts, odd_codes = _values_one_by_one(distinct)
        texts = _replaced(texts, odd, odd_texts.take(pa.array(places)))
        found.codes[odd] = odd_codes[places]
    return _checked(texts), found.codes


def _regions(raw: Any) -> tuple[Bytes, Positions, Positions]:
    """The bytes under a binary array without nulls, and where each value starts and stops in them."""
    _, ends, data = raw.buffers()
    positions = np.frombuffer(ends, np.int32, len(raw) + 1, raw.offset * 4).astype(np.int64)
    return np.frombuffer(data, np.uint8) if data and data.size else np.zeros(1, np.uint8), positions[:-1], positions[1:]


# ---- pairs


def _pairs(raw: pa.Array) -> Pairs:
    """Keys, texts and codes of n KeyValues."""
    if len(raw) <= _AT_ONCE:
        return _pairs_at_once(raw)
    parts = [_pairs_at_once(raw.slice(start, _AT_ONCE)) for start in range(0, len(raw), _AT_ONCE)]
    keys, texts, codes = zip(*parts, strict=True)
    return pa.concat_arrays(keys), pa.concat_arrays(texts), np.concatenate(codes)


def _pairs_at_once(raw: pa.Array) -> Pairs:
    data, start, stop = _regions(raw)
    size, key_start = _varint(data, start + 1)
    key_stop = key_start + np.minimum(size, stop - key_start)  # a size beyond the end is found by the next check
    value_size, value_start = _varint(data, key_stop + 1)
    usual = (_at(data, start) == _KEY_TAG) & (_at(data, key_stop) == _VALUE_TAG) & (key_stop < stop) & (value_start + value_size == stop)
    usual &= (key_start + size == key_stop) & (key_start - start <= 1 + _SIZE_BYTES) & (value_start - key_stop <= 1 + _SIZE_BYTES)
    odd = np.flatnonzero(~usual)
    if len(odd):  # positions must stay in order, whatever such a message says
        key_start[odd] = key_stop[odd] = start[odd]
        value_start[odd] = stop[odd]
    found = _read_values(data, value_start, stop)
    found.codes[odd] = _ODD
    keys = _slices(data, key_start, key_stop, int(start[0]))
    texts = _texts(data, found, int(start[0]))
    odd = np.flatnonzero(found.codes == _ODD)
    if len(odd):
        distinct, places = _distinct(raw.take(pa.array(odd)))
        odd_keys, odd_texts, odd_codes = _pairs_one_by_one(distinct)
        keys, texts = _replaced(keys, odd, odd_keys.take(pa.array(places))), _replaced(texts, odd, odd_texts.take(pa.array(places)))
        found.codes[odd] = odd_codes[places]
    return _checked(keys), _checked(texts), found.codes


def _distinct(raw: pa.Array) -> tuple[pa.Array, NDArray[np.int32]]:
    """The distinct messages, and the place of each message among them.

    Raises:
        ManyError: they are more than we read one by one.
    """
    found = raw.dictionary_encode()
    check_count(len(found.dictionary))
    return found.dictionary, found.indices.to_numpy()


def _replaced(column: pa.Array, rows: NDArray[np.intp], texts: pa.Array) -> pa.Array:
    mask = np.zeros(len(column), bool)
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), texts)


def code_texts(codes: Codes) -> pa.Array:
    """The codes as a column of one-character texts."""
    return pa.Array.from_buffers(pa.string(), len(codes), [None, pa.py_buffer(np.arange(len(codes) + 1, dtype=np.int32)), pa.py_buffer(codes)])


# ---- one by one, by upb: the odd ones, and so few that setting up columns would cost more


def _pairs_one_by_one(raw: pa.Array) -> Pairs:
    if not len(raw):
        return _NO_TEXTS, _NO_TEXTS, _NO_CODES
    told = []
    for message in raw:  # not all at once: upb's objects are large
        pair = KeyValue.FromString(message.as_py())
        told.append((pair.key, *value_text(pair.value)))
    keys, codes, texts = zip(*told, strict=True)
    return pa.array(keys, pa.string()), pa.array(texts, pa.string()), _code_bytes(codes)


def _values_one_by_one(raw: pa.Array) -> tuple[pa.Array, Codes]:
    told = [value_text(AnyValue.FromString(message.as_py())) for message in raw]
    return pa.array([text for _, text in told], pa.string()), _code_bytes([code for code, _ in told])


def _code_bytes(codes: Iterable[str]) -> Codes:
    return np.frombuffer("".join(codes).encode(), np.uint8)


# ---- values


@dataclass(frozen=True, slots=True)
class _Values:
    codes: Codes
    numbers: NDArray[np.int64]  # of ints and bools
    start: Positions  # of the payload
    stop: Positions


def _read_values(data: Bytes, start: Positions, stop: Positions) -> _Values:
    """The oneof of each AnyValue, where it holds one field that fills it exactly; else the code is `_ODD`."""
    codes = _CODE_OF_TAG.take(_at(data, start))
    numbers, payload = _varint(data, start + 1)
    whole = payload == stop
    good = _HAS_SIZE.take(codes) & (payload + numbers == stop) & (payload - start <= 1 + _SIZE_BYTES)
    good |= (codes == _INT) & whole
    good |= (codes == _BOOL) & whole & (numbers >> 1 == 0)
    double = (codes == _DOUBLE) & (stop - start == 9)
    np.copyto(codes, _ODD, where=~(good | double))
    np.copyto(codes, _NONE, where=start == stop)
    np.copyto(payload, stop, where=codes == _ODD)
    np.copyto(payload, start + 1, where=double)
    np.copyto(payload, start, where=codes == _NONE)
    return _Values(codes, numbers, payload, stop)


def _texts(data: Bytes, found: _Values, first: int) -> pa.Array:
    """The text of each value (not yet known to be UTF-8): strings are cut from the buffer, the others are made and put into their places."""
    sources = [_interleaved(data, found.start, found.stop, first)]
    index = np.arange(1, 2 * len(found.codes), 2)
    base = len(sources[0])

    def put(rows: NDArray[np.intp], texts: pa.Array, order: NDArray[Any] | None = None) -> None:
        nonlocal base
        index[rows] = base + (np.arange(len(rows)) if order is None else order)
        sources.append(texts)
        base += len(texts)

    present = np.bincount(found.codes, minlength=128)
    if present[_BOOL]:
        rows = np.flatnonzero(found.codes == _BOOL)
        put(rows, _BOOL_TEXTS, found.numbers[rows])
    if present[_INT]:
        rows = np.flatnonzero(found.codes == _INT)
        put(rows, pa.array(found.numbers[rows]).cast(pa.string()))
    if present[_DOUBLE]:
        rows = np.flatnonzero(found.codes == _DOUBLE)
        put(rows, _doubles(data, found.start[rows]).cast(pa.string()))
    for code, finish in _FINISH:
        if present[code]:
            rows = np.flatnonzero(found.codes == code)
            distinct, order = _distinct(_cut(sources[0].view(pa.binary()), index[rows]))
            told = [finish(raw) for raw in distinct.to_pylist()]
            found.codes[rows] = np.array([ord(code) for code, _ in told], np.uint8)[order]
            put(rows, pa.array([text for _, text in told], pa.string()), order)
    return _cut(pa.concat_arrays(sources) if len(sources) > 1 else sources[0], index)


def _base64_text(raw: bytes) -> tuple[str, str]:
    return "y", base64.b64encode(raw).decode()


_FINISH: Final[tuple[tuple[int, Callable[[bytes], tuple[str, str]]], ...]] = (
    (_ARRAY, array_text),
    (_KVLIST, kvlist_text),
    (_BINARY, _base64_text),
)


def _doubles(data: Bytes, start: Positions) -> pa.Array:
    raw = data[start[:, None] + np.arange(8)]
    return pa.array(raw.view("<f8").reshape(-1))


# ---- positions


def _at(data: Bytes, positions: Positions) -> NDArray[np.uint8]:
    """The byte at each position; beyond the end any byte, which a later check of lengths refuses."""
    return data.take(positions, mode="clip")


def _varint(data: Bytes, positions: Positions) -> tuple[NDArray[np.int64], Positions]:
    """The number at each position and where the next field starts. A number that does not end in ten bytes ends nowhere."""
    first = _at(data, positions)
    number, following = (first & 127).astype(np.int64), positions + 1
    more = np.flatnonzero(first > 127)
    for shift in range(7, 70, 7):
        if not len(more):
            return number, following
        byte = _at(data, following[more])
        number[more] |= (byte & 127).astype(np.int64) << shift
        following[more] += 1
        if shift == 63:
            byte = np.where(byte > 1, np.uint8(255), byte)  # bits beyond the 64th
        more = more[byte > 127]
    following[more] = np.iinfo(np.int64).max // 4
    return number, following


def _interleaved(data: Bytes, start: Positions, stop: Positions, first: int) -> pa.Array:
    """Values 1, 3, 5 … are `data[start[i]:stop[i]]`, and those between are what lies between; no copy."""
    ends = np.empty(2 * len(start) + 1, np.int32)
    ends[0], ends[1::2], ends[2::2] = first, start, stop
    return pa.Array.from_buffers(pa.string(), 2 * len(start), [None, pa.py_buffer(ends), pa.py_buffer(data)])


def _cut(pieces: pa.Array, index: NDArray[np.int64]) -> pa.Array:
    return pc.take(pieces, pa.array(index), boundscheck=False)


def _slices(data: Bytes, start: Positions, stop: Positions, first: int) -> pa.Array:
    return _cut(_interleaved(data, start, stop, first), np.arange(1, 2 * len(start), 2))


def _checked(texts: pa.Array) -> pa.Array:
    texts.validate(full=True)  # UTF-8
    return texts
