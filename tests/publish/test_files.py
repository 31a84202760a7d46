"""Bytes to the disk."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.publish.files import replace, write_all


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 3000), max_size=20))
def test_every_buffer_is_written_though_the_system_takes_a_part(sizes: list[int]) -> None:
    """A pipe takes what it has room for; here all buffers arrive, in order."""
    buffers = [bytes([at]) * size for at, size in enumerate(sizes)]
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source:
        write_all(writing, buffers)
        os.close(writing)
        assert source.read() == b"".join(buffers)


def test_more_buffers_than_one_call_takes_are_written(tmp_path: Path) -> None:
    """The system takes 1024 at once."""
    fd = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    write_all(fd, [b"ab"] * 3000)
    os.close(fd)
    assert (tmp_path / "file").read_bytes() == b"ab" * 3000


def test_a_replaced_file_has_the_new_content_and_nothing_is_left_over(tmp_path: Path) -> None:
    """Old or new, never both."""
    replace(tmp_path / "file", b"old and long")
    replace(tmp_path / "file", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"new"}
