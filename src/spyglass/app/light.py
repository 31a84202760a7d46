"""What must be said before the heavy libraries load: they read it once, when they load.

Nothing in here may import any of them.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.abc import MetaPathFinder
from typing import Final

__all__ = ["load_light"]

# Under load the same pages are needed again a moment later; to give them back to the kernel at once costs a page fault each, a twentieth of all CPU.
_ALLOCATORS: Final = {
    "JE_MALLOC_CONF": "dirty_decay_ms:30000",  # the engine's (jemalloc): 5 s by default
    "MIMALLOC_PURGE_DELAY": "5000",  # ms; pyarrow's (mimalloc): 10 by default
}


class _NoPandas(MetaPathFinder):
    """Says that pandas cannot be imported."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Nothing, for every other module."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def load_light() -> None:
    """Load pyarrow without pandas (0.7 s, 60 MB), which it imports at its first array only to ask whether that is one of pandas'; set the allocators."""
    for name, value in _ALLOCATORS.items():
        os.environ.setdefault(name, value)
    blocker = _NoPandas()
    sys.meta_path.insert(0, blocker)
    try:
        importlib.import_module("pyarrow").array([0])  # from now on it believes that there is no pandas
    finally:
        sys.meta_path.remove(blocker)
