"""Programs that wait: started, but not yet the program that was asked for, so that it is watched from its first instruction on."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ["Held", "hold"]

# A shell that waits at a gate and then becomes the program. The gate brings no data, only its end, so that nothing of it is seen on standard input;
# the end comes too when we die first, so a file beside it says which it was.
SHELL: Final = ("/bin/sh", "-c", 'read -r _ <"$1"; [ -e "$1.open" ] || exit 125; shift; exec "$@"', "sh")
RELEASE_S: Final = 5.0


class Held:
    """A process that waits for `release`. `process.pid` is the program's pid before and after."""

    def __init__(self, process: subprocess.Popen[bytes], gate: int, folder: tempfile.TemporaryDirectory[str]) -> None:
        self.process = process
        self._gate, self._folder = gate, folder
        self._until(self._at_gate)  # or it would find neither gate nor keeper

    def release(self) -> None:
        """Let it become the program; returns when it has (some milliseconds)."""
        if self._gate < 0:
            return
        Path(self._folder.name, "gate.open").touch()
        os.close(self._gate)
        self._gate = -1
        self._until(lambda: not self._is_shell())
        self._folder.cleanup()

    def abandon(self) -> None:
        """End it without its ever becoming the program; nothing when it was released."""
        if self._gate < 0:
            return
        self.process.kill()
        self.process.wait(timeout=RELEASE_S)
        os.close(self._gate)
        self._gate = -1
        self._folder.cleanup()

    def _until(self, so: Callable[[], bool]) -> None:
        """Wait for something that takes a millisecond or two, unless the process ends first."""
        end = time.monotonic() + RELEASE_S
        while not so() and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.001)

    def _at_gate(self) -> bool:
        """Whether its standard input is the gate."""
        try:
            return os.readlink(f"/proc/{self.process.pid}/fd/0") == f"{self._folder.name}/gate"  # noqa: PTH115 - no more than the text
        except OSError:
            return False

    def _is_shell(self) -> bool:
        """Whether it is the waiting shell still."""
        try:
            return SHELL[2].encode() in Path(f"/proc/{self.process.pid}/cmdline").read_bytes()
        except OSError:
            return False


def hold(
    argv: Sequence[str], *, folder: Path | None = None, environment: Mapping[str, str] | None = None, user: int | None = None, groups: Sequence[int] = ()
) -> Held:
    """Start a program that waits; with our standard streams and terminal. `user` and `groups` (the first is its main one): as somebody else, where we may.

    Raises:
        FileNotFoundError: there is no such program.
    """
    search = (os.environ if environment is None else environment).get("PATH", os.defpath)
    if shutil.which(argv[0], path=search) is None:
        raise FileNotFoundError(errno.ENOENT, "no such program on the search path", argv[0])
    place = tempfile.TemporaryDirectory(prefix="spyglass-")
    fifo = Path(place.name, "gate")
    os.mkfifo(fifo, 0o600)
    gate = os.open(fifo, os.O_RDWR | os.O_CLOEXEC)  # a writer is there until we close it or die
    try:
        if user is not None:
            os.chown(fifo, user, -1)
            os.chown(place.name, user, -1)
        process = subprocess.Popen(  # noqa: S603 - the operator's own command
            [*SHELL, str(fifo), *argv],
            cwd=folder,
            env=environment,
            user=user,
            group=groups[0] if groups else None,
            extra_groups=groups[1:] if groups else None,
        )
    except BaseException:
        os.close(gate)
        place.cleanup()
        raise
    return Held(process, gate, place)
