"""fanotify, for real."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spyglass.collect.fallback.sources import Sources
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import FileChange, FileIo, FileOpen, Lost

pytestmark = pytest.mark.usefixtures("as_root", "connectable")


@pytest.fixture
def seen(held, drained):
    """`seen(script)`: the file records of a program."""

    def watch(script):
        program = held(script)
        sources = Sources(Tracked([program.pid]), network=False)
        assert sources.level == "partial"
        try:
            records = drained(lambda: sources.read(0.05), program)
            records += sources.read(0.1)
        finally:
            sources.close()
        return [record for record in records if isinstance(record, FileOpen | FileIo | FileChange | Lost)]

    return watch


def changes(records, folder):
    return [
        (record.change, record.path.removeprefix(f"{folder}/"), record.target.removeprefix(f"{folder}/")) for record in records if type(record) is FileChange
    ]


def test_changes_of_names_are_told_in_order(seen, tmp_path):
    """Each with old and new path."""
    assert changes(seen("mkdir d; echo x > d/a; mv d/a d/b; ln -s b d/c; rm d/b; mkdir e; rmdir e; sleep 0.1"), tmp_path) == [
        ("mkdir", "d", ""),
        ("rename", "d/a", "d/b"),
        ("symlink", "d/c", "b"),
        ("delete", "d/b", ""),
        ("mkdir", "e", ""),
        ("rmdir", "e", ""),
    ]


def test_a_folder_that_was_renamed_has_its_new_name(seen, tmp_path):
    """From then on."""
    records = seen("mkdir d; echo > d/a; sleep 0.2; mv d e; sleep 0.2; echo > e/b; true")
    assert [record.path.removeprefix(f"{tmp_path}/") for record in records if type(record) is FileOpen and record.created] == ["d/a", "e/b"]


def test_creating_writing_and_reading_are_told(seen, tmp_path):
    """By whom, too."""
    records = seen("echo x > new; cat new >> log; true")
    mine = [record for record in records if type(record) is not Lost and record.path.startswith(str(tmp_path))]
    assert {Path(record.path).name for record in mine if type(record) is FileOpen and record.created} == {"new", "log"}
    assert {Path(record.path).name for record in mine if type(record) is FileIo and record.writes} == {"new", "log"}
    (read,) = [record for record in mine if type(record) is FileOpen and record.flags == os.O_RDONLY]
    assert (read.path, read.actor.command) == (f"{tmp_path}/new", "cat")


def test_names_of_any_bytes_are_told(seen, tmp_path):
    """Newlines, spaces and what is no UTF-8."""
    records = seen("echo > $'a\\nb c'; echo > $'\\xff'")
    assert {record.path.removeprefix(f"{tmp_path}/") for record in records if type(record) is FileOpen and record.created} == {"a\nb c", "\udcff"}


def test_strangers_files_are_not_told(seen, tmp_path):
    """Ours, for example."""
    program = subprocess.Popen([sys.executable, "-c", f"[open('{tmp_path}/stranger', 'w').close() for _ in range(2000)]"])
    records = seen("echo > mine; sleep 0.2")
    program.wait()
    assert {Path(record.path).name for record in records if type(record) is FileOpen and record.created} == {"mine"}


def test_three_thousand_files_are_each_told(seen, tmp_path):
    """Created and deleted in one go."""
    records = seen(f"""{sys.executable} -c 'import os
for i in range(3000): open(f"f{{i}}", "w").write("x")
for i in range(3000): os.unlink(f"f{{i}}")'; true""")
    lost = [record.counts for record in records if type(record) is Lost and "fanotify_queue_full" in record.counts]
    assert lost == []
    assert sum(type(record) is FileOpen and record.created and record.path.startswith(str(tmp_path)) for record in records) == 3000
    assert sum(type(record) is FileChange and record.change == "delete" and record.path.startswith(str(tmp_path)) for record in records) == 3000
