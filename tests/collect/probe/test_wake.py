"""Whom the kernel's programs wake: nobody for each program that begins, as whoever is woken takes a processor from the watched program."""

from __future__ import annotations

import os
import select
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spyglass.collect.probe import requirements
from spyglass.collect.probe.attach import libraries_of_machine
from spyglass.collect.probe.kernel import Kernel
from spyglass.collect.probe.layout import WANTS, Kind
from spyglass.collect.probe.libbpf import Libbpf
from spyglass.collect.probe.ring import Ring, Wakes
from spyglass.collect.probe.spawn import hold
from spyglass.collect.probe.track import Tracker

RING = 4 << 20


class Watching:
    """A ring that nobody reads but the test."""

    def __init__(self) -> None:
        self.kernel = Kernel(Libbpf(), requirements.object_path(), RING)
        self.kernel.work()
        self.acted: list[bytes] = []
        self.ring = Ring(self.kernel.descriptor("ring"), RING, self.acted.append)
        self.tracker = Tracker(self.kernel)

    def wakes(self, argv: list[str], want: int) -> bool:
        """Whether somebody is woken by a program from its begin to its end."""
        wakes, held = Wakes(self.kernel.descriptor("ring")), hold(argv)
        try:
            self.tracker.follow_pid(held.process.pid, 0, want, 1)
            held.release()
            assert held.process.wait(60) == 0
            return bool(select.select([wakes], [], [], 0)[0])
        finally:
            held.abandon()
            wakes.close()
            self.ring.take(RING)
            self.ring.release()

    def kinds(self) -> set[int]:
        """Of the records that were for the loader."""
        return {int.from_bytes(record[8:10], "little") for record in self.acted}

    def know(self, path: Path) -> None:
        """As if the loader had looked at it."""
        status = path.stat()
        self.kernel.know(status.st_dev, status.st_ino, status.st_mtime_ns)

    def close(self) -> None:
        self.ring.close()
        self.kernel.close()


@pytest.fixture
def watching(kernel: None) -> Iterator[Watching]:
    every = Watching()
    yield every
    every.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A program that is large enough to have a TLS library inside."""
    path = tmp_path / "large"
    shutil.copy(shutil.which("true") or "/bin/true", path)
    os.truncate(path, 2 << 20)
    return path


def test_small_programs_wake_nobody(watching):
    """Their records wait for the next look; a shell command is made of many such programs."""
    assert not watching.wakes(["/bin/sh", "-c", "ls > /dev/null; true"], WANTS["tls"])
    assert watching.kinds() == {Kind.EXEC}


def test_a_large_program_wakes_until_it_was_looked_at(watching, large):
    """Only the loader's first look must come before the program's first call."""
    assert watching.wakes([str(large)], WANTS["tls"])
    watching.know(large)
    assert not watching.wakes([str(large)], WANTS["tls"])
    os.utime(large, ns=(0, 1_700_000_000_123_456_789))  # written anew
    assert watching.wakes([str(large)], WANTS["tls"])
    watching.know(large)
    assert not watching.wakes([str(large)], WANTS["tls"])
    watching.kernel.forget()
    assert watching.wakes([str(large)], WANTS["tls"])


def test_a_large_program_wakes_nobody_who_does_not_want_its_tls(watching, large):
    """There is nothing to attach to then."""
    assert not watching.wakes([str(large)], WANTS["files"])


def test_a_library_wakes_until_it_was_looked_at(watching):
    """It is opened by each program that uses it."""
    library = next((path for path in libraries_of_machine() if path.name.startswith("libssl")), None)
    if library is None:
        pytest.skip("no libssl here")
    argv = [sys.executable, "-c", f"open({str(library)!r}, 'rb')"]
    assert watching.wakes(argv, WANTS["tls"])
    assert Kind.LIBRARY in watching.kinds()
    watching.know(library)
    assert not watching.wakes(argv, WANTS["tls"])
