"""The promise of this package to its host, in one place: what goes wrong here is counted, said once, and never raised.

In: a function of ours and what to answer instead. Out: the same function, harmless.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar, cast

__all__ = ["harmless", "log", "tell", "told"]

P = ParamSpec("P")
R = TypeVar("R")

log: Final = logging.getLogger("spyglass_sdk")

_counts: Counter[tuple[str, str]] = Counter()
_lock = threading.Lock()


def tell(where: str, error: BaseException) -> None:
    """Count a fault; the first of its kind at this place becomes a warning."""
    key = (where, type(error).__name__)
    with _lock:
        _counts[key] += 1
        first = _counts[key] == 1
    if first:
        log.warning("spyglass_sdk.%s: %s: %s (said once, counted from now on)", where, key[1], error)


def told() -> dict[str, int]:
    """How many faults there were so far, by `place: type of error`."""
    with _lock:
        return {f"{where}: {kind}": count for (where, kind), count in _counts.items()}


def harmless(otherwise: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function answer `otherwise` where it would have raised an Exception. It must not run the host's code.

    `otherwise` is of the type that the function gives; it is shared, so nobody may change it.
    """

    def guard(call: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(call)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return call(*args, **kwargs)
            except Exception as error:  # the last stop before somebody else's program
                tell(call.__qualname__, error)
                return cast("R", otherwise)

        return guarded

    return guard


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread may have held it while the process forked
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
