"""ONNX files for tests, written byte by byte: what makes them otherwise is larger than what runs them."""

from __future__ import annotations

import struct


def varint(value: int) -> bytes:
    """As protobuf has it."""
    return bytes([value & 127 | 128]) + varint(value >> 7) if value > 127 else bytes([value])


def number(field: int, value: int) -> bytes:
    """A whole number."""
    return varint(field << 3) + varint(value)


def data(field: int, value: bytes | str) -> bytes:
    """Bytes, text or a message."""
    told = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(told)) + told


def tensor_of(name: str, columns: int) -> bytes:
    """Floats, any number of rows."""
    shape = data(1, data(2, "rows")) + data(1, number(1, columns))
    return data(1, name) + data(2, data(1, number(1, 1) + data(2, shape)))


def scaled(columns: int, features: str, by: float = 0.0) -> bytes:
    """A model that gives its rows times a number; nought says that all is as usual where all figures are."""
    node = data(1, "x") + data(1, "w") + data(2, "y") + data(4, "Mul")
    weight = number(1, 1) + number(2, 1) + data(8, "w") + data(9, struct.pack("<f", by))
    graph = data(1, node) + data(2, "scaled") + data(5, weight) + data(11, tensor_of("x", columns)) + data(12, tensor_of("y", columns))
    meta = data(1, "spyglass.features") + data(2, features)
    return number(1, 8) + data(7, graph) + data(8, data(1, "") + number(2, 13)) + data(14, meta)
