"""Cursors: claims, replays, positions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from spyglass.model.batch import Batch
from spyglass.model.errors import ConfigError, StoreError
from spyglass.plugin.contracts import Claim, Cursor, Receipt
from spyglass.publish.log import DiskLog

MakeBatch = Callable[..., Batch]
OpenLog = Callable[..., DiskLog]


def _claim(log: DiskLog, max_rows: int = 1 << 30, max_bytes: int = 1 << 40, name: str = "store") -> Claim:
    claim = log.cursor(name).claim(max_rows, max_bytes)
    assert claim is not None
    return claim


def test_a_claim_that_is_not_done_comes_again_exactly(open_log: OpenLog, batch: MakeBatch) -> None:
    """Same token and rows, whatever came since, whatever is asked for, and after a restart."""
    with open_log() as log:
        for at in range(3):
            log.append([batch(2, first=at)]).result(10)
        first = _claim(log, max_rows=4)
        assert (first.first, first.last, first.rows) == (0, 1, 4)
        log.append([batch()]).result(10)
        assert _claim(log) == first
    with open_log() as log:
        assert _claim(log, max_rows=1) == first
        log.cursor("store").done(first)
        assert _claim(log).first == 2


def test_a_claim_keeps_to_its_limits_but_takes_whole_appends(open_log: OpenLog, batch: MakeBatch) -> None:
    """At least one append is handed out, and never a part of one."""
    with open_log() as log:
        log.append([batch(5), batch(5)]).result(10)
        log.append([batch(1)]).result(10)
        cursor = log.cursor("store")
        sizes = []
        while claim := cursor.claim(1, 1):
            sizes.append(claim.rows)
            cursor.done(claim)
        assert sizes == [10, 1]
        log.append([batch(1)]).result(10)
        log.append([batch(1)]).result(10)
        assert len(_claim(log, max_rows=100, max_bytes=100_000).entries) == 1


def test_many_tiny_appends_do_not_make_a_claim_that_eats_the_memory(open_log: OpenLog, batch: MakeBatch) -> None:
    """A batch of one row is counted with what Arrow takes for its columns, which is far more than its row."""
    with open_log() as log:
        for at in range(20):
            log.append([batch(1, first=at)]).result(10)
        assert 10 <= len(_claim(log, max_bytes=1_000_000).entries) <= 15


def test_tokens_name_the_log_and_the_entries(open_log: OpenLog, batch: MakeBatch, tmp_path: Path) -> None:
    """Two logs never share a token, so that a store never takes one's rows for the other's."""
    with open_log() as log, DiskLog(tmp_path / "other") as other:
        for each in (log, other):
            each.append([batch()]).result(10)
        assert _claim(log).token.endswith("-0-0")
        assert _claim(log).token != _claim(other).token


def test_a_segment_stays_until_every_cursor_has_passed(open_log: OpenLog, batch: MakeBatch) -> None:
    """The slowest one decides."""
    with open_log(segment_bytes=1) as log:
        slow = log.cursor("slow")
        for at in range(4):
            log.append([batch(1, first=at)]).result(10)
            log.cursor("store").done(_claim(log))
        assert (log.status().segments, slow.lag().entries) == (4, 4)
        slow.done(_claim(log, name="slow"))
        assert (log.status().segments, log.status().first) == (1, 3)


def test_lag_counts_entries_and_bytes(open_log: OpenLog, batch: MakeBatch) -> None:
    """A claim that is out still counts."""
    with open_log() as log:
        cursor: Cursor = log.cursor("store")
        assert cursor.lag() == (0, 0)
        log.append([batch(), batch()]).result(10)
        _claim(log)
        assert cursor.lag() == (2, log.status().unconsumed_bytes)


def test_waiting_ends_with_an_entry_the_timeout_or_the_log(open_log: OpenLog, batch: MakeBatch) -> None:
    """A consumer's thread blocks until there is something to do, or no more."""
    answers: list[bool] = []
    with open_log() as log:
        cursor = log.cursor("store")
        assert not cursor.wait(0)
        waiter = threading.Thread(target=lambda: answers.append(cursor.wait(10)))
        waiter.start()
        log.append([batch()]).result(10)
        waiter.join()
        assert cursor.wait(0)
        cursor.done(_claim(log))
        waiter = threading.Thread(target=lambda: answers.append(cursor.wait(10)))
        waiter.start()
    waiter.join()
    assert answers == [True, False]


def test_done_takes_only_the_claim_that_is_out(open_log: OpenLog, batch: MakeBatch) -> None:
    """A claim done twice, or made up, is a mistake and moves nothing."""
    with open_log() as log:
        log.append([batch()]).result(10)
        claim = _claim(log)
        log.cursor("store").done(claim)
        with pytest.raises(StoreError, match="claim that is out"):
            log.cursor("store").done(claim)
        assert log.cursor("store").lag().entries == 0


def test_a_damaged_cursor_file_loses_no_entry(open_log: OpenLog, batch: MakeBatch, folder: Path) -> None:
    """It starts at the oldest entry then: twice is better than never."""
    with open_log() as log:
        log.append([batch()]).result(10)
        log.cursor("store").done(_claim(log))
    for damage in (b"", b"\xff{", (folder / "cursors" / "store.json").read_bytes().replace(b":1", b":0")):
        (folder / "cursors" / "store.json").write_bytes(damage)
        with open_log() as log:
            assert log.cursor("store").claim(1, 1) is not None


def test_an_offset_that_was_passed_is_never_given_out_again(open_log: OpenLog, batch: MakeBatch, folder: Path) -> None:
    """When the file of consumed entries is lost, new ones get new offsets, as the store has seen the old tokens."""
    with open_log() as log:
        log.append([batch(), batch()]).result(10)
        log.cursor("store").done(_claim(log))
    file = folder / f"{0:020d}.log"
    file.write_bytes(file.read_bytes()[:100])
    with open_log() as log:
        assert log.append([batch()]).result(10) == Receipt(2, 2)
        assert [entry.offset for entry in _claim(log).entries] == [2]


def test_a_cursor_of_another_log_starts_anew(open_log: OpenLog, batch: MakeBatch, folder: Path) -> None:
    """When all segments were taken away, the log is a new one, and so are its offsets."""
    with open_log() as log:
        log.append([batch()]).result(10)
        token = _claim(log).token
    for file in folder.glob("*.log"):
        file.unlink()
    with open_log() as log:
        log.append([batch()]).result(10)
        assert _claim(log).first == 0
        assert _claim(log).token != token


@pytest.mark.parametrize("name", ["", "a/b", "..", "Store", "x" * 65])
def test_names_of_cursors_are_checked(open_log: OpenLog, name: str) -> None:
    """A name becomes the name of a file."""
    with open_log() as log, pytest.raises(ConfigError, match="cursor name"):
        log.cursor(name)
