"""Numbers as protobuf writes them: seven bits a byte, the lowest first, the top bit says that more follow."""

from __future__ import annotations

__all__ = ["varint"]


def varint(number: int) -> bytes:
    """The bytes of a number that is not negative."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
