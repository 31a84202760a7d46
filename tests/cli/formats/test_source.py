"""Files are read in one pass, uncompressed on the way."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from spyglass.cli.formats.source import HEAD_BYTES, Source

DATA = bytes(range(256)) * 2000


@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("size", [0, 3, HEAD_BYTES, len(DATA)])
def test_contents_come_whole_after_the_head_was_seen(tmp_path: Path, compress: Callable[[bytes], bytes], size: int) -> None:
    """Compressed or not, also when there are fewer bytes than a head has."""
    path = tmp_path / "file"
    path.write_bytes(compress(b"x" + DATA[:size]))
    with Source(path) as source:
        assert source.head == (b"x" + DATA[:size])[:HEAD_BYTES]
        assert source.stream.read() == b"x" + DATA[:size]
        assert source.position == source.size == path.stat().st_size


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_file_that_is_cut_off_does_not_look_whole(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """Its first part is read, then an error comes."""
    path = tmp_path / "file"
    path.write_bytes(compress(DATA)[:-9])
    with pytest.raises(OSError, match=r"[Tt]runcated"), Source(path) as source:
        source.stream.read()


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_files_that_were_appended_to_come_whole(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """Several compressed parts, one after the other, are one file."""
    path = tmp_path / "file"
    path.write_bytes(compress(DATA) + compress(b"more"))
    with Source(path) as source:
        assert source.stream.read() == DATA + b"more"
