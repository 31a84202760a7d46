"""One file of the log, whole and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.publish import frame
from spyglass.publish.segment import Appender, identity_of, recover
from spyglass.testing.rows import spans

IDENTITY = 11
START = 24  # bytes before the first frame


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the entries 0, 1 and 2 of one row each."""
    path = tmp_path / f"{0:020d}.log"
    appender = Appender(path, IDENTITY)
    for offset in range(3):
        encoded = frame.encode([Batch(Kind.SPAN, spans(1, first=offset))], [bytes([offset])], IDENTITY)
        appender.write(frame.seal(encoded, offset, 1, IDENTITY))
    appender.close()
    return path


def _kept(path: Path, end: int | None = None) -> list[int]:
    return [place.first for place in recover(path, IDENTITY, end).since(0)]


def test_a_tail_torn_at_any_byte_costs_only_its_entry(file: Path) -> None:
    """Wherever a crash cuts the last entry, the ones before stay, and the rest of it is cut off."""
    data = file.read_bytes()
    last = recover(file, IDENTITY, None).places[2].position
    for cut in range(last, len(data)):
        file.write_bytes(data[:cut])
        assert _kept(file) == [0, 1], cut
        assert file.stat().st_size == last


def test_a_byte_damaged_anywhere_costs_only_its_entry(file: Path) -> None:
    """Wherever a byte of the middle entry turns, its neighbours are found."""
    data = file.read_bytes()
    middle = recover(file, IDENTITY, None).places[1]
    for at in range(middle.position, middle.position + middle.size_bytes):
        file.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        assert _kept(file) == [0, 2], at


def test_keys_of_a_lost_entry_are_not_known(file: Path) -> None:
    """A body whose rows were not kept must be taken when it is sent again."""
    file.write_bytes(file.read_bytes()[:-1])
    assert recover(file, IDENTITY, None).keys == [b"\x00", b"\x01"]


def test_an_unwritten_page_before_good_entries_is_jumped(file: Path) -> None:
    """After a power cut pages may be missing in the middle of what was written last."""
    data = file.read_bytes()
    middle = recover(file, IDENTITY, None).places[1]
    file.write_bytes(data[: middle.position] + bytes(middle.size_bytes) + data[middle.position + middle.size_bytes :])
    assert _kept(file) == [0, 2]


def test_a_file_ends_where_the_next_one_starts(file: Path) -> None:
    """What a failed write left behind, and the next file has again, is not read twice."""
    assert _kept(file, end=2) == [0, 1]


def test_a_file_without_its_start_still_gives_its_entries(file: Path) -> None:
    """The identity comes from elsewhere then."""
    data = file.read_bytes()
    file.write_bytes(bytes(START) + data[START:])
    assert identity_of(file) is None
    assert _kept(file) == [0, 1, 2]


@pytest.mark.parametrize("size", [0, 1, START])
def test_a_file_with_nothing_in_it_is_no_error(file: Path, size: int) -> None:
    """A crash may leave a file that was only begun."""
    file.write_bytes(file.read_bytes()[:size])
    assert _kept(file) == []
