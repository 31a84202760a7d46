"""What is to be done at the end of a process in, the same done at the end of `multiprocessing` workers out: those end without `atexit`."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import parent_process, util

from spyglass_sdk.guard import harmless

__all__ = ["end_with_multiprocessing"]


class _Anchor:
    """`multiprocessing` forgets what it is to do for an object that is gone."""


_anchor: _Anchor | None = None


@harmless(None)
def end_with_multiprocessing(end: Callable[[], object]) -> None:
    """Have `end` called when a worker of this process ends well, and when this process is such a worker and ends."""
    global _anchor  # noqa: PLW0603 - once per process

    def remember(_: object = None) -> None:
        util.Finalize(None, end, exitpriority=10)

    if _anchor is None:
        _anchor = _Anchor()
        util.register_after_fork(_anchor, remember)
        if parent_process() is not None:
            remember()
