"""Log files are followed through all that happens to them: every line is told, and none twice."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from pydantic import ValidationError

from spyglass.collect.following import Follower, Wanted
from spyglass.collect.lines import read_record
from spyglass.collect.moments import moment_in
from spyglass.collect.splitting import Splitter
from spyglass.collect.tail import TailRunner, TailSettings
from spyglass.testing.clock import ManualClock

LINE = Splitter(1_000)


class Reader:
    """A follower that can be started again, with a clock of its own; `lines()` is what is new."""

    def __init__(self, folder: Path, **wanted: Any) -> None:
        self.folder, self.clock = folder, ManualClock()
        (folder / "data").mkdir()
        self.wanted = Wanted(**{"paths": (str(folder / "*.log"),), "exclude": (), "splitter": LINE, "from_start": True, **wanted})
        self.follower = self.made()

    def made(self) -> Follower:
        return Follower(self.wanted, self.folder / "data", self.clock)

    def lines(self, after_s: float = 2.0) -> list[str]:
        """Everything that is new, some time later, and kept."""
        self.clock.now_s += after_s
        found: list[str] = []
        while chunk := self.follower.take():
            found += [piece.data.decode() for piece in chunk.pieces]
            self.follower.done()
        return found

    def restart(self) -> None:
        """As a server that is stopped and started."""
        self.follower.close()
        self.follower = self.made()

    def crash(self) -> None:
        """As a server that was killed: nothing is closed, and what is in the file stays as it is."""
        self.follower = self.made()


@pytest.fixture
def reader(tmp_path: Path) -> Callable[..., Reader]:
    return lambda **wanted: Reader(tmp_path, **wanted)


def add(path: Path, *lines: str, end: str = "\n") -> None:
    with path.open("a") as file:
        file.write("".join(f"{line}{end}" for line in lines))


def many(word: str, count: int = 30) -> list[str]:
    return [f"{word} {number} {'x' * 40}" for number in range(count)]


def test_lines_are_told_as_they_come_and_once(reader: Any, tmp_path: Path) -> None:
    """Also over a restart; a line without its end waits for it."""
    one, follow = tmp_path / "a.log", reader()
    add(one, "first", "second")
    assert follow.lines() == ["first", "second"]
    add(one, "third", "begun", end="\n")
    os.truncate(one, one.stat().st_size - 1)
    assert follow.lines() == ["third"]
    follow.restart()
    assert follow.lines() == []
    add(one, " and done", "last")
    assert follow.lines() == ["begun and done", "last"]


def test_what_was_there_before_the_first_start_is_history(reader: Any, tmp_path: Path) -> None:
    """Unless it is wanted; what comes later is told from its start, also what came while nobody looked."""
    add(tmp_path / "old.log", "long ago", "half")
    follow = reader(from_start=False)
    assert follow.lines() == []
    add(tmp_path / "old.log", "new")
    add(tmp_path / "young.log", "young")
    assert sorted(follow.lines()) == ["new", "young"]
    follow.restart()
    add(tmp_path / "later.log", "later")
    assert follow.lines() == ["later"]


@pytest.mark.parametrize("pattern", ["*.log", "*.log*"])
@pytest.mark.parametrize("stopped", [False, True])
def test_a_file_that_is_renamed_is_read_to_its_end(reader: Any, tmp_path: Path, pattern: str, stopped: bool) -> None:
    """Whether the new name matches or not, and whether it happened while nobody looked."""
    one, follow = tmp_path / "a.log", reader(paths=(str(tmp_path / pattern),))
    add(one, *many("before"))
    assert len(follow.lines()) == 30
    add(one, "not yet read")
    if stopped:
        follow.follower.close()
    one.rename(tmp_path / "a.log.1")
    add(one, "of the new one")
    if stopped:
        follow.follower = follow.made()
    found = follow.lines()
    add(tmp_path / "a.log.1", "a last word")
    assert sorted(found + follow.lines()) == ["a last word", "not yet read", "of the new one"]
    assert follow.lines(20) == follow.lines(20) == []


def test_a_file_that_is_deleted_is_read_to_its_end(reader: Any, tmp_path: Path) -> None:
    """Its last line may have no end; its inode may be used again."""
    one, follow = tmp_path / "a.log", reader()
    add(one, *many("before"))
    follow.lines()
    add(one, "after", "the end", end="\n")
    os.truncate(one, one.stat().st_size - 1)
    one.unlink()
    assert follow.lines() + follow.lines(10) == ["after", "the end"]
    follow.lines(10)
    add(one, "another")
    assert (follow.lines(), follow.follower.open_files) == (["another"], 1)


@pytest.mark.parametrize("after", [["short"], many("longer than before", 60)])
def test_a_file_that_is_truncated_begins_anew(reader: Any, tmp_path: Path, after: list[str]) -> None:
    """Also when it has grown beyond where it was before anybody looked."""
    one, follow = tmp_path / "a.log", reader()
    add(one, *many("before"))
    follow.lines()
    os.truncate(one, 0)
    add(one, *after)
    assert follow.lines() == after


@pytest.mark.parametrize("over", [False, True])
def test_a_copy_of_what_was_read_is_not_told_again(reader: Any, tmp_path: Path, over: bool) -> None:
    """As `copytruncate` makes it, into a new file or over an older copy; what the copy has beyond is told."""
    one, copy, follow = tmp_path / "a.log", tmp_path / "b.log", reader()
    if over:
        add(copy, *many("older"))
    add(one, *many("before"))
    assert len(follow.lines()) == (60 if over else 30)
    add(one, "between")
    shutil.copyfile(one, copy)
    os.truncate(one, 0)
    add(one, "after")
    assert sorted(follow.lines() + follow.lines()) == ["after", "between"]


def test_half_a_copy_is_not_told(reader: Any, tmp_path: Path) -> None:
    """It is looked at while it is made."""
    one, copy, follow = tmp_path / "a.log", tmp_path / "b.log", reader()
    add(one, *many("line", 100))
    follow.lines()
    whole = one.read_bytes()
    copy.write_bytes(whole[:2000])
    assert follow.lines() == []
    copy.write_bytes(whole)
    assert follow.lines() + follow.lines() == []


def test_after_a_crash_the_same_is_given_out_again(reader: Any, tmp_path: Path) -> None:
    """Byte for byte, with its time and name, so that the road keeps it once; and then what came after it."""
    one, follow = tmp_path / "a.log", reader()
    add(one, "one", "two")
    taken = follow.follower.take()
    follow.clock.now_s += 100
    add(one, "three")
    one.rename(tmp_path / "z.log")
    follow.crash()
    again = follow.follower.take()
    assert again == taken
    follow.follower.done()
    assert follow.lines() == ["three"]
    follow.crash()
    assert follow.lines() == []


def test_a_line_without_end_is_cut_once(reader: Any, tmp_path: Path) -> None:
    """And the memory for it is bounded; the next line is whole."""
    one, follow = tmp_path / "a.log", reader()
    for _ in range(3):
        add(one, "y" * 900_000, end="")
    assert [len(line) for line in follow.lines()] == [1_000]
    follow.restart()
    add(one, "z" * 10, "whole")
    assert follow.lines() == ["whole"]


def test_records_of_several_lines_are_one(reader: Any, tmp_path: Path) -> None:
    """The last one is told when the next begins, or nothing comes for a while."""
    one, follow = tmp_path / "a.log", reader(splitter=Splitter(1_000, re.compile(rb"^\d")))
    add(one, "1 error", "  at a", "  at b", "2 fine")
    assert follow.lines(0) == ["1 error\n  at a\n  at b"]
    add(one, "  more")
    assert follow.lines(0.1) == []
    assert follow.lines(2) == ["2 fine\n  more"]


def test_too_many_files_and_those_that_may_not_be_read_are_told(reader: Any, tmp_path: Path) -> None:
    """Compressed and excluded ones are nobody's fault."""
    follow = reader(paths=(str(tmp_path / "*"),), exclude=("*.skip",), most_files=2)
    for name in ("a.log", "b.log", "c.log", "d.gz", "e.skip"):
        add(tmp_path / name, name)
    assert sorted(follow.lines()) == ["a.log", "b.log"]
    assert "raise `max_files`" in follow.follower.problems[0]
    assert "no file matches" in reader_of(tmp_path / "nothing").follower.problems[0]


def reader_of(folder: Path) -> Reader:
    folder.mkdir()
    found = Reader(folder)
    found.lines()
    return found


def test_a_damaged_memory_is_told(reader: Any, tmp_path: Path) -> None:
    """It is kept aside, and the files are followed on."""
    follow = reader(from_start=False)
    follow.follower.close()
    (tmp_path / "data" / "positions.db").write_bytes(b"this is no database, but it is long enough to look like one" * 20)
    follow.follower = follow.made()
    add(tmp_path / "a.log", "history")
    assert follow.lines() == []
    add(tmp_path / "a.log", "new")
    assert follow.lines() == ["new"]
    assert "positions.damaged" in follow.follower.problems[0]


@given(
    data=st.lists(st.sampled_from([b"a", b"\n", b"bb", b"\r\n", b"1x", b"ccccccccccc"]), max_size=30).map(b"".join),
    cut=st.integers(0, 80),
    grouped=st.booleans(),
)
@hypothesis(max_examples=150)
def test_where_reading_stops_makes_no_difference(data: bytes, cut: int, grouped: bool) -> None:
    """Bytes that come in two parts give the records of the whole, and the consumed part alone gives the same again."""
    splitter = Splitter(10, re.compile(rb"^1") if grouped else None)
    whole = [piece.data for piece in splitter.split(data, final=True).pieces]
    head = splitter.split(data[:cut], final=False)
    rest = splitter.split(data[head.consumed :], final=True, skipping=head.skipping)
    again = splitter.split(data[: head.consumed], final=True)
    if not grouped:
        assert [piece.data for piece in (*head.pieces, *rest.pieces)] == whole
    assert [piece.data for piece in again.pieces] == [piece.data for piece in head.pieces]


NOW_NS = 1_767_323_045 * 10**9  # 2026-01-02T03:04:05Z


@pytest.mark.parametrize(
    ("line", "time_ns", "severity"),
    [
        ("2026-01-02T03:04:05Z INFO all is well", NOW_NS, 9),
        ("2026-01-02 03:04:05,123 +0000 ERROR no", NOW_NS + 123_000_000, 17),
        ("[2026-01-02T05:04:05.000000001+02:00] WARN x", NOW_NS + 1, 13),
        ('1.2.3.4 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200', NOW_NS, 9),
        ("1767323045.5 level=debug x", NOW_NS + 500_000_000, 5),
        ("just words with no errors", NOW_NS + 7, 9),
        ("2026-99-02T03:04:05Z FATAL", NOW_NS + 7, 21),
    ],
)
def test_times_and_severities_are_found(line: str, time_ns: int, severity: int) -> None:
    """Of the usual forms; else it is now, and info."""
    event = read_record(line, NOW_NS + 7, {}, json=True)
    assert (event.time_ns, event.severity, event.body) == (time_ns, severity, line)


def test_a_time_without_a_year_is_the_last_one() -> None:
    """At new year, December was last year."""
    december = moment_in("<30>Dec 31 23:59:59 host x", NOW_NS)
    assert december is not None
    assert 0 < NOW_NS - december < 4 * 86_400 * 10**9


def test_json_lines_are_understood() -> None:
    """Time, level, message and trace are told as such, the rest as attributes; what is no object stays text."""
    line = '{"ts": 1767323045123, "level": "warn", "msg": "slow", "trace_id": "' + "ab" * 16 + '", "span_id": "bad", "took": {"ms": 5}}'
    event = read_record(line, 0, {"log.file.name": "x"}, json=True)
    assert (event.time_ns, event.severity, event.body, event.trace_id) == (NOW_NS + 123_000_000, 13, "slow", b"\xab" * 16)
    assert event.attributes == {"span_id": "bad", "took": {"ms": 5}, "log.file.name": "x"}
    assert read_record("{not json", 5, {}, json=True).body == "{not json"
    assert read_record('{"a": 1}', 5, {}, json=False).body == '{"a": 1}'
    docker = read_record('{"log":"ERROR no\\n","stream":"stderr","time":"2026-01-02T03:04:05.5Z"}', 0, {}, json=True)
    assert (docker.body, docker.severity, docker.attributes) == ("ERROR no", 17, {"stream": "stderr"})


async def test_the_runner_tells_what_it_reads(context: Any, first: Any, tmp_path: Path) -> None:
    """With the file and the place in it, so that two equal lines are two; empty ones are counted; anew after a restart, as it was not asked for more."""
    add(tmp_path / "a.log", "same", "", "same", "x" * 300)
    settings = TailSettings(paths=(str(tmp_path / "*.log"),), from_start=True, max_line_bytes=256, service="agent")
    (told,) = await first(TailRunner(settings, context), 1)
    assert [(event.body, event.attributes["log.file.record_offset"]) for event in told.events][:2] == [("same", 0), ("same", 6)]
    assert (told.events[2].attributes["spyglass.truncated"], len(str(told.events[2].body)), told.resource["service.name"]) == (True, 256, "agent")
    assert (context.tally.now().seen, context.tally.now().dropped) == (4, {"empty": 1})
    assert (await first(TailRunner(settings, context), 1)) == [told]
    add(tmp_path / "a.log", "more")
    again, more = await first(TailRunner(settings, context), 2)
    assert (again, [event.body for event in more.events]) == (told, ["more"])


@pytest.mark.parametrize("wrong", [{"paths": ()}, {"multiline": "("}, {"multiline": "x*"}, {"max_line_bytes": 2**30}, {"nosuch": 1}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    """Before anything is read."""
    with pytest.raises(ValidationError):
        TailSettings.model_validate({"paths": ("x",), **wrong})


async def test_records_can_be_chosen(context: Any, first: Any, tmp_path: Path) -> None:
    """What is left out is counted."""
    add(tmp_path / "a.log", "ERROR disk", "INFO fine", "ERROR known")
    settings = TailSettings(paths=(str(tmp_path / "*.log"),), from_start=True, only="ERROR", skip="known")
    (told,) = await first(TailRunner(settings, context), 1)
    assert ([event.body for event in told.events], context.tally.now().dropped) == (["ERROR disk"], {"filtered": 2})
