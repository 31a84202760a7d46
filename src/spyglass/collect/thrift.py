"""Memory that a small process which lives long need not hold. Where the C library is not glibc, only Python's part of it is done."""

from __future__ import annotations

import ctypes
import gc
from typing import Final

__all__ = ["give_back", "one_arena", "settle"]

_ARENA_MAX: Final = -8  # M_ARENA_MAX of malloc.h


def one_arena() -> None:
    """Let all threads take memory from one place: each place of its own keeps what it once had. To be called before there are threads."""
    if tune := _of_glibc("mallopt"):
        tune(_ARENA_MAX, 1)


def give_back() -> None:
    """Return what is free to the system, after work that needed much for a moment."""
    if trim := _of_glibc("malloc_trim"):
        trim(0)


def settle() -> None:
    """After the start: what has been loaded stays for good, so that looking for garbage passes over it from now on."""
    gc.collect()
    gc.freeze()
    give_back()


def _of_glibc(name: str) -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), name, None)
