"""Events in, handlers called out: what happens in a program, told to whoever listens in it, and to Spyglass as OpenTelemetry events.

Handlers that are coroutine functions run in the loop that emits; where none does, in one of ours, in a thread of its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from spyglass_sdk.content import said
from spyglass_sdk.events import emit
from spyglass_sdk.guard import tell

__all__ = ["Event", "EventEmitter", "Handler"]

_NAME_BYTES: Final = 512


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `time_ns`: wall clock, UTC."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    severity: str = "info"
    time_ns: int = 0


Handler = Callable[[Event], Awaitable[None] | None]


class EventEmitter:
    """Calls the handlers of an event in the order in which they came, in the thread that emits; a handler that raises is told and left behind."""

    def __init__(self, *, forward: bool = True) -> None:
        """`forward`: whether events go to Spyglass, too."""
        self._forward = forward
        self._handlers: dict[str, tuple[Handler, ...]] = {}
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def on(self, name: str, handler: Handler) -> Callable[[], None]:
        """Have the handler called for each event of that name (`*`: for all); gives what ends that. Coroutine functions run as tasks, soon after."""
        with self._lock:
            self._handlers[name] = (*self._handlers.get(name, ()), handler)

        def off() -> None:
            with self._lock:
                self._handlers[name] = tuple(one for one in self._handlers.get(name, ()) if one is not handler)

        return off

    def emit(self, name: str, data: Mapping[str, Any] | None = None, *, severity: str = "info") -> Event:
        """Tell that something happened."""
        if data is not None and not isinstance(data, Mapping):
            tell("emit", TypeError(f"expected a mapping of what there is to tell, got {type(data).__name__}"))
            data = None
        name = said(name, _NAME_BYTES)
        event = Event(name, dict(data or {}), severity, time.time_ns())
        handlers = (*self._handlers.get(name, ()), *(self._handlers.get("*", ()) if name != "*" else ()))
        for handler in handlers:
            try:
                found = handler(event)
                if found is not None:
                    self._run(found)
            except Exception as error:  # the host's own code, and the others are to be called, too
                tell(f"handler of {name}", error)
        if self._forward:
            emit(name, event.data, severity=severity)
        return event

    def _run(self, coroutine: Awaitable[None]) -> None:
        async def guarded() -> None:
            try:
                await coroutine
            except Exception as error:  # as above
                tell("handler", error)

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            asyncio.run_coroutine_threadsafe(guarded(), _LOOP.get())
            return
        task = loop.create_task(guarded())
        self._tasks.add(task)  # else it may be garbage before it is done
        task.add_done_callback(self._tasks.discard)


class _Loop:
    """A loop for programs that have none, made when it is first needed, and again in a process that was forked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: asyncio.AbstractEventLoop | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def get(self) -> asyncio.AbstractEventLoop:
        """The loop, which runs."""
        with self._lock:
            if self._made is None:
                self._made = asyncio.new_event_loop()
                threading.Thread(target=self._made.run_forever, name="spyglass-handlers", daemon=True).start()
            return self._made

    def _forget(self) -> None:
        self._lock, self._made = threading.Lock(), None


_LOOP: Final = _Loop()
