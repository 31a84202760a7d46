"""When the log says no."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from spyglass.model.batch import Batch
from spyglass.model.errors import Refused, TooLarge
from spyglass.plugin.contracts import Receipt
from spyglass.publish.log import DiskLog

MakeBatch = Callable[..., Batch]
OpenLog = Callable[..., DiskLog]


@contextmanager
def _files_of_at_most(size_bytes: int) -> Iterator[None]:
    """The system lets nobody write further than this into a file: a real disk that is full in the middle of a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_log_refuses_until_the_store_catches_up(open_log: OpenLog, batch: MakeBatch) -> None:
    """Beyond the bound senders are told when to come back; what is consumed makes room."""
    with open_log(max_bytes=20_000, retry_after_s=2.5) as log:
        cursor = log.cursor("store")
        errors = [log.append([batch()]).exception(10) for _ in range(20)]
        refusals = [error for error in errors if isinstance(error, Refused)]
        assert "wait for the store" in refusals[0].message
        assert refusals[0].retry_after_s == 2.5
        kept = errors.count(None)
        assert (log.status().appended, log.status().refused) == (kept, 20 - kept)
        assert log.status().unconsumed_bytes <= 20_000
        claim = cursor.claim(100, 1 << 30)
        assert claim is not None
        assert len(claim.entries) == kept
        cursor.done(claim)
        assert log.append([batch()]).result(10) == Receipt(kept, kept)


def test_a_full_log_says_so(open_log: OpenLog, batch: MakeBatch) -> None:
    """Health tells why an append would be refused before one is."""
    with open_log(max_bytes=3_000) as log:
        assert log.status().refusing == ""
        log.append([batch()]).result(10)
    with open_log(max_bytes=1_000) as log:
        assert "wait for the store" in log.status().refusing


def test_an_append_larger_than_the_bound_is_the_senders_fault(open_log: OpenLog, batch: MakeBatch) -> None:
    """It could never be kept, so nobody should retry it."""
    with open_log(max_bytes=1_000) as log, pytest.raises(TooLarge):
        log.append([batch()]).result(10)


def test_too_little_free_space_refuses(open_log: OpenLog, batch: MakeBatch) -> None:
    """The disk is not filled to the last byte; health says so before an append has met it, and goes on saying so."""
    with open_log(min_free_bytes=1 << 62, retry_after_s=60.0) as log:
        assert "free some space" in log.status().refusing
        with pytest.raises(Refused, match="free some space"):
            log.append([batch()]).result(10)
        assert "free some space" in log.status().refusing


def test_a_disk_that_fills_up_keeps_nothing_of_the_append(open_log: OpenLog, batch: MakeBatch) -> None:
    """A write that stops in the middle is undone, its body is not known, and the same append succeeds when there is room."""
    with open_log() as log:
        log.append([batch(50)], [b"one"]).result(10)
        size_bytes = log.status().size_bytes
        with _files_of_at_most(size_bytes + 2_000), pytest.raises(Refused, match="the disk fails"):
            log.append([batch(50)], [b"two"]).result(10)
        assert (log.seen(b"one"), log.seen(b"two"), log.status().size_bytes) == (b"", None, size_bytes)
        assert log.append([batch(50)], [b"two"]).result(10) == Receipt(1, 1)
    with open_log() as log:
        claim = log.cursor("store").claim(1000, 1 << 30)
        assert claim is not None
        assert [(entry.offset, len(entry.batch)) for entry in claim.entries] == [(0, 50), (1, 50)]
        assert log.status().unreadable == 0


def test_a_disk_too_full_for_a_new_file_is_a_refusal(open_log: OpenLog, batch: MakeBatch) -> None:
    """Also when not even a file can be begun; nothing is left over."""
    with open_log(segment_bytes=1) as log:
        log.append([batch()]).result(10)
        with _files_of_at_most(10), pytest.raises(Refused):
            log.append([batch()]).result(10)
        assert log.append([batch()]).result(10) == Receipt(1, 1)
        assert log.status().segments == 2
