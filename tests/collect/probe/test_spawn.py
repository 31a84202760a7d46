"""Programs that wait for their watchers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spyglass.collect.probe.spawn import hold


def test_nothing_runs_before_the_release(tmp_path):
    """And then the program itself, in the same process."""
    held = hold(["sh", "-c", "echo $$ > ran"], folder=tmp_path)
    assert not (tmp_path / "ran").exists()
    held.release()
    assert held.process.wait(timeout=30) == 0
    assert int((tmp_path / "ran").read_text()) == held.process.pid


def test_arguments_arrive_as_they_were_given(tmp_path):
    """Blanks, quotes, nothing at all, and what a shell would take as its own."""
    given = ["a b", "", "$HOME", "'\"", "-x", "*"]
    held = hold([sys.executable, "-c", "import sys; open('given', 'w').write(repr(sys.argv[1:]))", *given], folder=tmp_path)
    held.release()
    held.process.wait(timeout=30)
    assert (tmp_path / "given").read_text() == repr(given)


def test_one_that_is_abandoned_never_runs(tmp_path):
    """It ends, and leaves nothing."""
    held = hold(["touch", "ran"], folder=tmp_path)
    held.abandon()
    assert held.process.returncode is not None
    assert not (tmp_path / "ran").exists()


def test_one_whose_watcher_died_never_runs(tmp_path):
    """The waiting process sees the end of its gate, and gives up."""
    program = """
import os, sys
from pathlib import Path
from spyglass.collect.probe.spawn import hold
print(hold(["touch", "ran"], folder=Path(sys.argv[1])).process.pid, flush=True); os._exit(1)
"""
    told = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, timeout=60, check=False).stdout
    try:
        while Path(f"/proc/{int(told)}/cmdline").read_bytes():
            os.sched_yield()
    except OSError:
        pass  # gone, and taken note of by its new parent
    assert not (tmp_path / "ran").exists()


def test_a_program_that_is_not_there_is_said_at_once():
    """Before anything is started."""
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        hold(["no-such-program"])
