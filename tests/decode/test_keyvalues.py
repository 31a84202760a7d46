"""Reading messages as arrays of positions gives what upb gives, for every way to write them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from google.protobuf.message import DecodeError as ProtobufError
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from spyglass.decode.anyvalue import value_text
from spyglass.decode.keyvalues import attributes, values

MANY = 150  # so many that they are read as columns

USUAL = KeyValue(key="key", value=AnyValue(string_value="value")).SerializeToString()

numbers = st.sampled_from([0, 1, 2, 127, 128, 300, 2**31, 2**35, 2**63, 2**64 - 1])
short_bytes = st.binary(max_size=4) | st.sampled_from([b"x" * 127, b"x" * 128, b"x" * 20_000])


def varint(number: int, padding: int = 0) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    for _ in range(padding):  # overlong: legal, and nobody writes it
        out[-1] |= 128
        out.append(0)
    return bytes(out)


@st.composite
def fields(draw: st.DrawFn, tags: list[int]) -> bytes:
    """A protobuf field: number and wire type from `tags`, an overlong size now and then."""
    tag = draw(st.sampled_from(tags))
    padding = draw(st.sampled_from([0, 0, 0, 0, 1, 3, 5]))
    match tag & 7:
        case 0:
            return varint(tag) + varint(draw(numbers), padding)
        case 1:
            return varint(tag) + draw(st.binary(min_size=8, max_size=8))
        case _:
            payload = draw(short_bytes)
            return varint(tag) + varint(len(payload), padding) + payload


any_values = st.lists(fields([0x0A, 0x10, 0x18, 0x21, 0x2A, 0x32, 0x3A, 0x40, 0x48]), max_size=2).map(b"".join)


@st.composite
def key_values(draw: st.DrawFn) -> bytes:
    """KeyValues of any shape: the usual, reversed, with fields missing, twice or unknown."""
    parts = []
    for part in draw(st.sampled_from(["kv", "kv", "kv", "vk", "k", "v", "", "kvv", "kkv", "ku v", "kvx"])):
        if part == "k":
            key = draw(st.sampled_from([b"", b"a", b"k" * 127, b"k" * 200, "é".encode()]))
            parts.append(b"\x0a" + varint(len(key)) + key)
        elif part == "v":
            value = draw(any_values)
            parts.append(b"\x12" + varint(len(value)) + value)
        elif part in "ux":
            parts.append(draw(fields([0x18, 0x22])))
    return b"".join(parts)


def by_upb(messages: list[bytes]) -> list[tuple[str, str, str]] | None:
    try:
        pairs = [KeyValue.FromString(message) for message in messages]
        return [(pair.key, *value_text(pair.value)) for pair in pairs]
    except ProtobufError:
        return None


def as_columns(messages: list[bytes]) -> list[tuple[str, str, str]] | None:
    try:
        found = attributes(pa.array([messages], pa.list_(pa.binary())))
    except (ProtobufError, pa.ArrowInvalid):
        return None
    found.maps.validate(full=True)
    found.types.validate(full=True)
    ((pairs, codes),) = zip(found.maps.to_pylist(), found.types.to_pylist(), strict=True)
    return [(key, code, text) for (key, text), code in zip(pairs, codes, strict=True)]


@settings(max_examples=300, deadline=None)
@given(st.lists(key_values(), max_size=4))
def test_pairs_of_any_shape_read_as_upb_reads_them(odd: list[bytes]) -> None:
    """Also the last message, behind which there are no bytes."""
    messages = [USUAL] * MANY + odd
    assert as_columns(messages) == by_upb(messages)


@settings(max_examples=200, deadline=None)
@given(any_values)
def test_values_of_any_shape_read_as_upb_reads_them(odd: bytes) -> None:
    """A log body is an AnyValue without a key."""
    try:
        expected = value_text(AnyValue.FromString(odd))
    except ProtobufError:
        with pytest.raises((ProtobufError, pa.ArrowInvalid)):
            values(pa.array([odd] * MANY, pa.binary()))
        return
    texts, codes = values(pa.array([odd] * MANY, pa.binary()))
    assert (chr(codes[-1]), texts[-1].as_py()) == expected


def test_halves_of_a_character_are_not_one() -> None:
    """Two values that are UTF-8 only side by side are both refused."""
    first, second = (KeyValue(key="k").SerializeToString() + b"\x12\x03\x0a\x01" + half for half in (b"\xc3", b"\xa9"))
    assert as_columns([USUAL] * MANY + [first, second]) is None


def test_very_many_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts together are the whole."""
    messages = [KeyValue(key=str(number), value=AnyValue(int_value=number)).SerializeToString() for number in range(2 * MANY)] + [b"", b"\x0a\x01k"]
    whole = as_columns(messages)
    monkeypatch.setattr("spyglass.decode.keyvalues._AT_ONCE", 7)
    assert as_columns(messages) == whole == by_upb(messages)


def test_slices_of_lists_are_read_as_they_are() -> None:
    """Arrow may hand over a part of a column."""
    column = pa.array([[USUAL] * 2, [USUAL], [], [USUAL] * 3] * MANY, pa.list_(pa.binary()))
    assert attributes(column.slice(1, 3)).types.to_pylist() == ["s", "", "sss"]
    assert attributes(column.slice(1)).types.to_pylist() == (["ss", "s", "", "sss"] * MANY)[1:]


def test_equal_lists_are_finished_once_and_differ_in_code() -> None:
    """Plain and not plain lists stand side by side in one column."""
    plain, other = AnyValue(), AnyValue()
    plain.array_value.values.add(string_value="a")
    other.array_value.values.add()
    texts, codes = values(pa.array([plain.SerializeToString(), other.SerializeToString()] * MANY, pa.binary()))
    assert (bytes(codes[:2]), texts.to_pylist()[:2]) == (b"aA", ['["a"]', '{"arrayValue":{"values":[{}]}}'])
