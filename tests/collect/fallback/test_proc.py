"""What /proc says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from spyglass.collect.fallback import pidfd, proc


def test_we_are_as_we_are():
    """Pid, parent, start, program."""
    seen = proc.look(os.getpid())
    assert seen is not None
    assert (seen.ppid, seen.gone) == (os.getppid(), False)
    assert 0 < time.time_ns() - seen.started_ns < 86_400_000_000_000
    assert proc.program(os.getpid()).cwd == str(Path.cwd())
    assert proc.user(os.getpid()) == os.geteuid()


def test_a_name_that_looks_like_fields_is_a_name():
    """Programs choose their names."""
    code = "import ctypes;ctypes.CDLL(None).prctl(15, b') R 1 2\\n(', 0, 0, 0);print(flush=True);input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        seen = proc.look(program.pid)
        program.stdin.close()
    assert seen is not None
    assert seen.command == ") R 1 2\n("
    assert seen.ppid == os.getpid()


def test_two_megabytes_of_arguments_are_read_in_part():
    """And it is said."""
    with subprocess.Popen(["/bin/sh", "-c", "echo; read x", *["x" * 100_000] * 20], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        seen = proc.program(program.pid)
        program.stdin.close()
    assert seen.truncated
    assert sum(map(len, seen.argv)) <= 256 << 10


def test_who_is_not_there_is_none():
    """Nothing is raised."""
    assert proc.look(2**22 + 1) is None
    assert proc.program(2**22 + 1) == ("", (), "", False)
    assert proc.children(2**22 + 1, 1) is None


def test_a_child_says_how_it_ended():
    """Without being reaped."""
    with subprocess.Popen(["/bin/sh", "-c", "exit 9"]) as program:
        fd = pidfd.open_pidfd(program.pid)
        os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        assert pidfd.ended(fd) == (9, 0)
        os.close(fd)
    assert pidfd.open_pidfd(2**22 + 1) == -1


def test_a_new_process_is_noticed_by_one_small_file():
    """Nothing else has to be read while nothing is made."""
    before = proc.newest_pid()
    subprocess.run(["/bin/true"], check=True)
    assert proc.newest_pid() != before != ""
