"""Whether a plugin can be loaded, tried in a process of its own: one that hangs, ends or allocates without end when it is imported does that there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

__all__ = ["tried"]

_LONGEST_S: Final = 30.0  # somewhat more than loading may take
_AT_ONCE: Final = 4
_NOTHING: Final = subprocess.DEVNULL


def tried(ats: Sequence[str]) -> Mapping[str, str]:
    """Those that cannot be loaded, and why. `ats`: what `plugin.loading.get` finds them by."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        problems = zip(ats, pool.map(_problem, ats), strict=True)
        return {at: problem for at, problem in problems if problem}


def _problem(at: str) -> str:
    command = [sys.executable, "-m", "spyglass.analyze.worker", "try", at]
    child = subprocess.Popen(command, stdin=_NOTHING, stdout=subprocess.PIPE, stderr=_NOTHING, start_new_session=True)  # noqa: S603 - our own interpreter
    try:
        said, _ = child.communicate(timeout=_LONGEST_S)
    except subprocess.TimeoutExpired:
        said = f"did not load within {_LONGEST_S:g} s".encode()
    finally:
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)  # and what it started
        child.wait()
        if child.stdout is not None:
            child.stdout.close()
    if said or child.returncode == 0:
        return said.decode(errors="replace")
    how = signal.Signals(-child.returncode).name if child.returncode < 0 else f"exit code {child.returncode}"
    return f"ends the process that loads it: {how}"
