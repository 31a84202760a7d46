"""File events, sums, and noise."""

from __future__ import annotations

import os

import pytest

from spyglass.collect.records import Exit, FileChange, FileIo, FileOpen

S = 1_000_000_000
NOW = 1_000 * S


@pytest.fixture
def io(actor):
    def make(path="/w/a.txt", read=0, written=0, **who):
        return FileIo(NOW, actor(**who), path, read, written, int(read > 0), int(written != 0), NOW)

    return make


@pytest.fixture
def opened(actor):
    def make(path="/w/a.txt", flags=os.O_WRONLY | os.O_CREAT, result=3, created=False, **who):
        return FileOpen(NOW, actor(**who), path, flags, result, created)

    return make


def test_writes_are_summed_by_file_and_process(bench, io):
    """One event each for a window."""
    told = bench().named("file.write", io(written=10), io(written=5), io("/w/b", written=1), io(written=2, pid=101))
    assert sorted((event["process.pid"], event["file.path"], event["file.written_bytes"]) for event in told) == [
        (100, "/w/a.txt", 15),
        (100, "/w/b", 1),
        (101, "/w/a.txt", 2),
    ]


def test_unknown_sizes_are_left_out(bench, io):
    """A source that sees that, but not how much was written, says -1."""
    (told,) = bench().named("file.write", io(written=-1))
    assert "file.written_bytes" not in told


def test_an_open_to_write_is_told_once_a_window(bench, opened):
    """The others are counted."""
    it = bench()
    (told,) = it.named("file.open", opened(), opened(), opened())
    assert (told["file.name"], told["file.extension"], told["file.access"]) == ("a.txt", "txt", "write")
    assert it.tally.reasons["folded"] == 2


def test_a_failed_open_names_the_error(bench, opened):
    """Also of a read that was refused."""
    told = bench().named("file.open", opened(flags=os.O_RDONLY, result=-13))
    assert [event["error.type"] for event in told] == ["EACCES"]


def test_noise_is_counted_by_rule(bench, opened, io):
    """And the counts are told."""
    (told,) = bench().named("evidence.folded", *[opened("/lib/libc.so.6", os.O_RDONLY)] * 3, io("/proc/1/stat", read=5), opened("/w/x", os.O_RDONLY))
    assert told["spyglass.folded.shared_libraries"] == 3
    assert told["spyglass.folded.kernel"] == 1
    assert told["spyglass.folded.plain_read"] == 1
    assert told["spyglass.folded_total"] == 5


def test_reading_a_secret_is_told_although_it_is_absent(bench, opened):
    """Looking for a key is evidence."""
    told = bench().named("file.open", opened("/h/a/.ssh/id_rsa", os.O_RDONLY, -2), opened("/w/.env", os.O_RDONLY))
    assert [(event["file.path"], event.get("error.type")) for event in told] == [("/h/a/.ssh/id_rsa", "ENOENT"), ("/w/.env", None)]


@pytest.mark.parametrize(
    ("change", "more", "attribute"),
    [
        ("delete", {}, ("file.path", "/w/a")),
        ("rename", {"target": "/w/b"}, ("file.target_path", "/w/b")),
        ("chmod", {"mode": 0o100755}, ("file.mode", "0755")),
        ("mkdir", {"mode": 0o700}, ("file.mode", "0700")),
        ("symlink", {"target": "/etc/passwd"}, ("file.target_path", "/etc/passwd")),
    ],
)
def test_changes_are_told(bench, actor, change, more, attribute):
    """Each under its name."""
    (told,) = bench().named(f"file.{change}", FileChange(NOW, actor(), change, "/w/a", 0, **more))
    assert told[attribute[0]] == attribute[1]


def test_a_failed_change_names_the_error(bench, actor):
    """It was tried."""
    (told,) = bench().named("file.delete", FileChange(NOW, actor(), "delete", "/etc/passwd", -13))
    assert told["error.type"] == "EACCES"


def test_sums_are_told_when_the_process_ends(bench, io, actor):
    """They do not wait for the window."""
    it = bench(flush_s=0.1)
    list(it.evidence.take([io(written=9), Exit(NOW, actor(), 0, 0)]))
    it.clock.now_s += 0.2
    assert [event.name for told in it.evidence.flush() for event in told.events] == ["file.write", "process.exit"]


def test_very_many_files_are_told_within_bounds(bench, io):
    """None is lost, and no more wait than is allowed."""
    it, written, most = bench(bounds={"files": 1000, "events": 500}), 0, 0
    for told in it.evidence.take(io(f"/w/{index}", written=1) for index in range(30_000)):
        written += sum(event.name == "file.write" for event in told.events)
        most = max(most, len(told))
    written += sum(event.name == "file.write" for told in it.evidence.finish() for event in told.events)
    assert written == 30_000
    assert most <= 1500


def test_small_sums_can_be_left_out(bench, io):
    """And are counted."""
    it = bench(min_file_bytes=100)
    assert [event["file.path"] for event in it.named("file.write", io(written=5), io("/w/b", written=500))] == ["/w/b"]
    assert it.tally.reasons["filtered"] == 1


def test_paths_can_be_left_out(bench, io, opened):
    """Or be the only ones."""
    it = bench(paths={"only": ["/w/*"], "skip": ["*.log"]})
    assert len(it.named("file.write", io(written=1), io("/x/a", written=1), io("/w/a.log", written=1))) == 1
    assert it.tally.reasons["filtered"] == 2
