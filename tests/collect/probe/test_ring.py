"""The ring's reader, on a file that is laid out as the kernel lays out its ring."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.collect.probe.layout import BUSY, Kind
from spyglass.collect.probe.ring import Ring

SIZE = 1 << 16
WINDOW = 1 << 14


class Writer:
    """Writes records as the kernel would."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(b"\0" * (2 * mmap.PAGESIZE + SIZE))
        self.file = path.open("r+b")
        self.memory = mmap.mmap(self.file.fileno(), 0)
        self.at = 0
        self.raw = b""

    def write(self, peer: int, size: int, kind: int = Kind.FORK, flags: int = 0) -> None:
        body = struct.pack("<HHIQ", kind, peer, 0, self.at).ljust(size, b"x")
        raw = (struct.pack("<II", len(body) | flags, 0) + body).ljust(len(body) + 8 + 7 & ~7, b"\0")
        for index, octet in enumerate(raw):
            self.memory[2 * mmap.PAGESIZE + (self.at + index) % SIZE] = octet
        self.at += len(raw)
        self.raw += raw
        struct.pack_into("<Q", self.memory, mmap.PAGESIZE, self.at)

    def close(self) -> None:
        self.memory.close()
        self.file.close()


def mapped(path: Path, size: int) -> int:
    """How many pieces of a file of this size this process has mapped to read."""
    spans = [line.split()[0].split("-") for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith(f" {path}") and " r--s " in line]
    return sum(int(end, 16) - int(begin, 16) == size for begin, end in spans)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return (tmp_path_factory.mktemp("ring") / "ring",)[0]


@given(rounds=st.lists(st.lists(st.tuples(st.integers(1, 2), st.integers(16, 9000)), max_size=6), max_size=6))
def test_every_record_comes_once_in_order_and_to_its_peer(place, rounds):
    """Over the end of a window and of the ring too, where a record lies in pieces; what was left is not mapped any more."""
    writer = Writer(place)
    ring = Ring(writer.file.fileno(), SIZE, lambda _record: None, WINDOW)
    for records in rounds:
        for peer, size in records:
            writer.write(peer, size)
        runs = ring.take(SIZE)
        assert b"".join(piece for run in runs for piece in run.pieces) == writer.raw
        writer.raw = b""
        found = [(run.peer, run.records, run.size) for run in runs]
        del runs
        assert sum(count for _, count, _ in found) == len(records)
        assert sum(size for _, _, size in found) == sum(size + 8 + 7 & ~7 for _, size in records)
        assert [peer for peer, _, _ in found] == [peer for index, (peer, _) in enumerate(records) if index == 0 or records[index - 1][0] != peer]
        ring.release()
        assert mapped(place, WINDOW) <= 1
    assert ring.waiting() == 0
    ring.close()
    writer.close()


def test_a_record_that_is_being_written_is_waited_for(tmp_path):
    """What comes after it waits too."""
    writer = Writer(tmp_path / "ring")
    ring = Ring(writer.file.fileno(), SIZE, lambda _record: None)
    writer.write(1, 100)
    writer.write(1, 100, flags=BUSY)
    writer.write(1, 100)
    assert [run.records for run in ring.take(SIZE)] == [1]
    assert ring.waiting() == 2 * 112
    ring.close()
    writer.close()


def test_the_probe_is_shown_what_it_acts_on(tmp_path):
    """Programs that started and libraries that were opened; nothing else."""
    writer = Writer(tmp_path / "ring")
    shown: list[bytes] = []
    ring = Ring(writer.file.fileno(), SIZE, shown.append)
    for kind in (Kind.FORK, Kind.EXEC, Kind.LIBRARY, Kind.TLS):
        writer.write(1, 64, kind)
    ring.take(SIZE)
    ring.release()
    assert [struct.unpack_from("<H", record, 8)[0] for record in shown] == [Kind.EXEC, Kind.LIBRARY]
    ring.close()
    writer.close()
