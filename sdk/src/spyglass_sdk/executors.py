"""Thread pools in, thread pools that run each task in the context of who submitted it out.

Patches `ThreadPoolExecutor.submit`, once and for the whole process, unless OpenTelemetry's own instrumentation of threads does it. asyncio's
`run_in_executor` goes the same way; tasks and `asyncio.to_thread` carry their context by themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, cast

from opentelemetry.context import attach, detach, get_current

from spyglass_sdk.guard import harmless

__all__ = ["carry_into_executors"]

_MARK: Final = "_spyglass_original"


@harmless(None)
def carry_into_executors() -> None:
    """From now on, what is submitted to a thread pool continues the trace, session and user of who submits it."""
    original = ThreadPoolExecutor.submit
    if hasattr(original, _MARK) or hasattr(original, "__wrapped__"):  # ours, or that of another instrumentation
        return

    @functools.wraps(cast("Callable[..., Any]", original))
    def submit(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        context = get_current()
        return original(self, _run, context, fn, args, kwargs) if context else original(self, fn, *args, **kwargs)

    setattr(submit, _MARK, original)
    ThreadPoolExecutor.submit = submit  # type: ignore[method-assign, assignment]


def _run(context: Any, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    token = attach(context)
    try:
        return fn(*args, **kwargs)
    finally:
        detach(token)
