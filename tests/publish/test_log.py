"""The durable log as a whole."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from spyglass.model.batch import Batch
from spyglass.model.errors import ConfigError, Refused, StoreError
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Log, Receipt
from spyglass.publish.log import DiskLog, Limits
from spyglass.testing.clock import ManualClock
from spyglass.testing.rows import events, spans

MakeBatch = Callable[..., Batch]
OpenLog = Callable[..., DiskLog]


def _left(log: DiskLog) -> list[int]:
    """The offsets the store has still to do."""
    claim = log.cursor("store").claim(1 << 30, 1 << 40)
    return [entry.offset for entry in claim.entries] if claim else []


def test_offsets_are_consecutive_and_go_on_after_a_restart(open_log: OpenLog, batch: MakeBatch) -> None:
    """Each batch has the next number, whoever opened the log."""
    with open_log() as opened:
        log: Log = opened
        assert log.append([batch(2), batch(3)]).result(10) == Receipt(0, 1)
        assert log.append([batch()]).result(10) == Receipt(2, 2)
    with open_log() as log:
        assert log.append([batch()]).result(10) == Receipt(3, 3)


def test_what_is_kept_is_read_as_it_was(open_log: OpenLog) -> None:
    """Kinds, rows and order survive a restart."""
    batches = [Batch(Kind.SPAN, spans(7)), Batch(Kind.EVENT, events(2))]
    with open_log() as log:
        log.append(batches).result(10)
    with open_log() as log:
        claim = log.cursor("store").claim(100, 1 << 30)
        assert claim is not None
        assert [entry.batch for entry in claim.entries] == batches


def test_concurrent_appends_are_all_kept_once(open_log: OpenLog, batch: MakeBatch) -> None:
    """Eight threads share writes, files roll, and each offset is given out once."""
    receipts: list[Receipt] = []

    def appender(which: int) -> None:
        receipts.extend(log.append([batch(1, first=which * 10 + at)], [bytes([which, at])]).result(10) for at in range(10))

    with open_log(segment_bytes=10_000) as log:
        threads = [threading.Thread(target=appender, args=(which,)) for which in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(receipt.first for receipt in receipts) == list(range(80)) == _left(log)
        assert log.status().segments > 5


def test_a_known_body_is_not_written_again(open_log: OpenLog, batch: MakeBatch) -> None:
    """The second append is answered as a duplicate with no offsets of its own; a batch without keys is never one."""
    with open_log() as log:
        log.append([batch()], [b"key"]).result(10)
        again = log.append([batch()], [b"key"]).result(10)
        assert (again.duplicate, again.last - again.first) == (True, -1)
        assert not log.append([batch()]).result(10).duplicate
        assert log.status().duplicates == 1
        assert _left(log) == [0, 1]


def test_seen_survives_a_restart_and_the_removal_of_the_segment(open_log: OpenLog, batch: MakeBatch, folder: Path) -> None:
    """A body is recognised from the segments that are kept, and from the journal when its segment is gone."""
    with open_log(segment_bytes=1) as log:
        for name in (b"a", b"b", b"c"):
            log.append([batch()], [name]).result(10)
        cursor = log.cursor("store")
        while claim := cursor.claim(1, 1):
            cursor.done(claim)
        assert log.status().first == 2
    assert not (folder / f"{0:020d}.log").exists()
    with open_log() as log:
        assert [log.seen(name) for name in (b"a", b"b", b"c", b"d")] == [b"", b"", b"", None]


def test_a_torn_tail_loses_only_what_was_not_acknowledged(open_log: OpenLog, batch: MakeBatch, folder: Path) -> None:
    """After the cut the log opens, has the entries before, and goes on with the offset of the torn one."""
    with open_log() as log:
        for at in range(3):
            log.append([batch(1, first=at)], [bytes([at])]).result(10)
    file = folder / f"{0:020d}.log"
    file.write_bytes(file.read_bytes()[:-10])
    with open_log() as log:
        assert (log.seen(b"\x01"), log.seen(b"\x02")) == (b"", None)
        assert log.append([batch()], [b"\x02"]).result(10) == Receipt(2, 2)
        assert _left(log) == [0, 1, 2]


def test_a_damaged_entry_is_skipped_and_counted(open_log: OpenLog, batch: MakeBatch, folder: Path) -> None:
    """Damage in the last file is found when the log opens, in others when the entry is read; the rest is untouched."""
    with open_log() as log:
        ends = []
        for at in range(4):
            log.append([batch(1, first=at)]).result(10)
            ends.append(log.status().size_bytes)
    file = folder / f"{0:020d}.log"
    for at, offset in ((ends[0] + 500, 1), (ends[1] + 500, 2)):
        data = bytearray(file.read_bytes())
        data[at] ^= 1
        file.write_bytes(data)
        with open_log() as log:
            assert offset not in _left(log)
            assert log.status().unreadable == offset
            log.append([batch()]).result(10)
    with open_log() as log:
        claim = log.cursor("store").claim(1, 1)
        assert claim is not None
        assert [entry.offset for entry in claim.entries] == [0, 3]


def test_a_second_process_gets_a_clear_error(open_log: OpenLog, folder: Path) -> None:
    """Only one process may use the folder; the error names the folder and what to do."""
    with open_log(), pytest.raises(ConfigError, match="only process"):
        open_log()
    program = "import sys, pathlib; from spyglass.publish.log import DiskLog; DiskLog(pathlib.Path(sys.argv[1]))"
    with open_log():
        answer = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 1
    assert "choose another data directory" in answer.stderr


def test_a_folder_that_cannot_be_used_is_a_config_error(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="expected a folder"):
        DiskLog(tmp_path / "file" / "log")


def test_closing_keeps_what_was_queued_and_refuses_what_comes(open_log: OpenLog, batch: MakeBatch) -> None:
    """Every append before the end is answered; one after it is told to come back."""
    with open_log() as log:
        cursor = log.cursor("store")
        futures = [log.append([batch()]) for _ in range(20)]
    assert [future.result(0).first for future in futures] == list(range(20))
    with pytest.raises(Refused, match="closing"):
        log.append([batch()]).result(0)
    with pytest.raises(StoreError, match="closed"):
        cursor.claim(1, 1)


def test_nothing_to_keep_is_kept_at_once(open_log: OpenLog) -> None:
    """A body whose rows were all dropped before has no offsets."""
    with open_log() as log:
        assert log.append([], [b"key"]).result(0) == Receipt(0, -1)
        assert log.seen(b"key") is None


def test_status_tells_how_far_behind_the_cursors_are(folder: Path, batch: MakeBatch) -> None:
    """Offsets, sizes, lag and age are those of the entries."""
    clock = ManualClock()
    with DiskLog(folder, Limits(min_free_bytes=0), clock) as log:
        fast, _ = log.cursor("fast"), log.cursor("slow")
        log.append([batch(), batch()]).result(10)
        claim = fast.claim(1, 1)
        assert claim is not None
        fast.done(claim)
        clock.now_s += 5
        status = log.status()
    assert (status.first, status.last, status.segments, status.appended, status.oldest_unconsumed_s) == (0, 1, 1, 2, 5.0)
    assert {each.name: (each.position, each.lag.entries) for each in status.cursors} == {"fast": (2, 0), "slow": (0, 2)}
    assert status.unconsumed_bytes == status.cursors[1].lag.size_bytes == status.size_bytes - 24
    assert status.refusing == ""


def test_a_log_of_another_version_is_left_alone(open_log: OpenLog, batch: MakeBatch, folder: Path) -> None:
    """Going back to an older Spyglass is refused with a clear error, and deletes nothing."""
    with open_log() as log:
        log.append([batch()]).result(10)
    file = folder / f"{0:020d}.log"
    data = file.read_bytes()
    file.write_bytes(data[:7] + b"\x02" + data[8:])
    with pytest.raises(ConfigError, match="version 2"):
        open_log()
    file.write_bytes(data)
    with open_log() as log:
        assert _left(log) == [0]


def test_a_file_that_nobody_can_read_is_put_aside(open_log: OpenLog, batch: MakeBatch, folder: Path) -> None:
    """Its entries are counted as lost, the log opens, and the file is still there for who wants to look."""
    with open_log(segment_bytes=1) as log:
        for at in range(3):
            log.append([batch(1, first=at)]).result(10)
    file = folder / f"{1:020d}.log"
    file.write_bytes(b"\x00" * file.stat().st_size)
    with open_log() as log:
        assert _left(log) == [0, 2]
        assert log.status().unreadable == 1
    assert file.with_suffix(".damaged").exists()
