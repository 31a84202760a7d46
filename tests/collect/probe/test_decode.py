"""Records of the kernel, made by hand here, as tuples."""

from __future__ import annotations

import struct

from spyglass.collect.probe.decode import Decoder, endpoint, socket_address
from spyglass.collect.probe.layout import CHUNK, RECORD, Kind
from spyglass.collect.records import Chunk, Exit

OFFSET = 1_700_000_000 * 10**9


def record(kind: int, body: bytes, time: int = 5) -> bytes:
    """As it lies in the ring."""
    head = struct.pack("<HHIQ5I4xQQ16s", kind, 1, 0, time, 10, 11, 9, 1000, 10, 3, 7, b"name")
    raw = struct.pack("<II", len(head + body), 0) + head + body
    return raw.ljust(len(raw) + 7 & ~7, b"\0")


def piece(operation: int, offset: int, total: int, data: bytes, generation: int = 1) -> bytes:
    return record(Kind.TLS, CHUNK.pack(0xABC, generation, total, offset, len(data), operation, 2, 1, 2, 1, 0, bytes(16), bytes(16)) + data)


def missing(*pieces: bytes) -> list[bool]:
    return [told.missing for told in Decoder(OFFSET).records(b"".join(pieces)) if isinstance(told, Chunk)]


def test_times_become_wall_times_and_actors_are_shared():
    """Two records of one process carry the same tuple."""
    one, two = Decoder(OFFSET).records(record(Kind.EXIT, RECORD.pack(0x300, *[0] * 13), 1) + record(Kind.EXIT, RECORD.pack(9, *[0] * 13), 2))
    assert (one.time_ns, two.time_ns) == (OFFSET + 1, OFFSET + 2)
    assert one.actor is two.actor
    assert one.actor == (10, OFFSET + 3, 9, 1000, 10, 11, "name", 7)
    assert [(told.code, told.signal) for told in (one, two) if isinstance(told, Exit)] == [(3, 0), (0, 9)]


def test_a_step_of_the_clock_changes_times_but_no_identity():
    """A process stays the one that it was."""
    decoder = Decoder(OFFSET)
    (before,) = decoder.records(record(Kind.EXIT, RECORD.pack(*[0] * 14)))
    decoder.offset_ns += 10**9
    (after,) = decoder.records(record(Kind.EXIT, RECORD.pack(*[0] * 14)))
    assert after.time_ns - before.time_ns == 10**9
    assert after.actor == before.actor


def change(kind: int, name: bytes, target: bytes = b"") -> bytes:
    lengths = (len(name), 0, len(target), 0)
    return record(Kind.CHANGE, RECORD.pack(0, kind, *[0] * 8, *lengths) + name + target)


def test_names_are_told_without_what_means_nothing():
    """As a program may write them: with slashes at the end or doubled, and with dots; what a symbolic link says stays as it is."""
    made, renamed, linked = Decoder(OFFSET).records(change(3, b"/a/b/\0") + change(2, b"//a/./b\0", b"/a/c/../d\0") + change(9, b"/a/e\0", b"./b/\0"))
    assert made.path == "/a/b"
    assert (renamed.path, renamed.target) == ("/a/b", "/a/d")
    assert (linked.path, linked.target) == ("/a/e", "./b/")


def test_consecutive_pieces_are_not_marked():
    """Within an operation and from one to the next."""
    assert missing(piece(0, 0, 6, b"abc"), piece(0, 3, 6, b"def"), piece(1, 0, 2, b"gh")) == [False] * 3


def test_gaps_are_marked_where_they_are():
    """A lost piece, a lost operation, the rest of one that was cut, and a begin that was not seen."""
    assert missing(piece(0, 0, 9, b"abc"), piece(0, 6, 9, b"ghi")) == [False, True]
    assert missing(piece(0, 0, 3, b"abc"), piece(2, 0, 3, b"abc")) == [False, True]
    assert missing(piece(0, 0, 9, b"abc"), piece(1, 0, 3, b"abc")) == [False, True]
    assert missing(piece(3, 0, 3, b"abc")) == [True]


def test_an_address_that_is_used_again_is_another_stream():
    """The generation tells them apart, and no gap is seen."""
    told = Decoder(OFFSET).records(piece(4, 0, 1, b"a", 1) + piece(0, 0, 1, b"b", 2))
    assert len({chunk.stream for chunk in told}) == 2
    assert not told[1].missing


def test_unknown_kinds_are_passed_over():
    """A record that this version does not know is no reason to stop."""
    assert len(Decoder(OFFSET).records(record(200, b"?") + record(Kind.EXIT, RECORD.pack(*[0] * 14)))) == 1


def test_memory_of_actors_is_bounded():
    """Many processes come and go."""
    decoder = Decoder(OFFSET)
    for pid in range(20_000):
        raw = bytearray(record(Kind.EXIT, RECORD.pack(*[0] * 14)))
        struct.pack_into("<I", raw, 24, pid)
        decoder.records(bytes(raw))
    assert len(decoder._actors) <= 8192


def test_socket_addresses_of_every_kind():
    """IPv4, IPv6, Unix by path and by abstract name; others are nothing."""
    assert socket_address(struct.pack("<H", 2) + b"\x01\xbb" + bytes([10, 0, 0, 1]) + bytes(8)) == ("10.0.0.1", 443)
    assert socket_address(struct.pack("<H", 10) + b"\x00\x35" + bytes(4) + bytes(15) + b"\1" + bytes(4)) == ("::1", 53)
    assert socket_address(struct.pack("<H", 1) + b"/run/x\0junk") == ("/run/x", 0)
    assert socket_address(struct.pack("<H", 1) + b"\0name") == ("@name", 0)
    assert socket_address(struct.pack("<H", 16) + bytes(10)) is None
    assert endpoint(10, b"\0" * 10 + b"\xff\xff" + bytes([1, 2, 3, 4]), 5) == ("1.2.3.4", 5)
