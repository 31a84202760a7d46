"""Before the heavy libraries load: what they read once, when they load. After the start: what only it needed is let go.

Nothing in here may import any of them.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import re
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Final

from spyglass.collect.thrift import give_back

__all__ = ["let_go", "load_light"]

# Under load the same pages are needed again a moment later; to give them back to the kernel at once costs a page fault each, a twentieth of all CPU.
_ALLOCATORS: Final = {
    "JE_MALLOC_CONF": "dirty_decay_ms:30000",  # the engine's (jemalloc): 5 s by default
    "MIMALLOC_PURGE_DELAY": "5000",  # ms; pyarrow's (mimalloc): 10 by default
}


_DONT_NEED: Final = 4  # MADV_DONTNEED of Linux
_MAPPED: Final = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d* .*\n((?:[A-Z].*\n)*)", re.MULTILINE
)  # addresses, rights, offset, device, inode, file


class _NoPandas(MetaPathFinder):
    """Says that pandas cannot be imported."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Nothing, for every other module."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def load_light() -> None:
    """Load pyarrow without pandas (0.7 s, 60 MB), which it imports at its first array only to ask whether that is one of pandas'; set the allocators.

    Until `let_go` no garbage is looked for: almost all that a start makes stays, and to look at it again and again takes a tenth of the time.
    """
    gc.disable()
    for name, value in _ALLOCATORS.items():
        os.environ.setdefault(name, value)
    blocker = _NoPandas()
    sys.meta_path.insert(0, blocker)
    try:
        importlib.import_module("pyarrow").array([0])  # from now on it believes that there is no pandas
    finally:
        sys.meta_path.remove(blocker)


def let_go() -> None:
    """After the start, some milliseconds: free memory, and what of libraries was only needed to get here: 100 of 500 MB, of which the kernel keeps a copy.

    What was loaded lives as long as the process, so that garbage need not be looked for in it.
    """
    gc.freeze()
    gc.enable()
    give_back()
    maps = Path("/proc/self/smaps")
    if maps.is_file():
        advise = ctypes.CDLL(None).madvise
        for begin, end in _untouched(maps.read_text(errors="replace")):
            advise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _DONT_NEED)


def _untouched(maps: str) -> Iterator[tuple[int, int]]:
    """Begin and end of what is mapped from files, cannot be written to and never was: nothing of it can be lost."""
    for begin, end, told in _MAPPED.findall(maps):
        if re.search(r"^Anonymous: +0 kB$", told, re.MULTILINE):
            yield int(begin, 16), int(end, 16)
