"""Blocking calls in, an answer within a time limit out: one daemon thread does the waiting, so that the host never has to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

__all__ = ["Background"]


class Background:
    """Runs calls one after another on its own daemon thread.

    The thread is started early, because a Python that is ending (`atexit`) allows no new ones.
    """

    def __init__(self) -> None:
        self._start()

    def run(self, call: Callable[[], bool], timeout_s: float) -> bool:
        """Give what `call` answers, or False when it takes longer; it then goes on by itself. Its exceptions are raised here."""
        if not self._thread.is_alive():  # after a fork, only the thread that forked lives on
            self._start()
        answer: Future[bool] = Future()
        self._calls.put((call, answer))
        try:
            return answer.result(timeout_s)
        except TimeoutError:
            return False

    def _start(self) -> None:
        # SimpleQueue has no bound of its own; each entry has a caller that waits for it, so there are no more than callers.
        self._calls: SimpleQueue[tuple[Callable[[], bool], Future[bool]]] = SimpleQueue()
        self._thread = threading.Thread(target=_serve, args=(self._calls,), name="spyglass-background", daemon=True)
        self._thread.start()


def _serve(calls: SimpleQueue[tuple[Callable[[], bool], Future[bool]]]) -> None:
    while True:
        call, answer = calls.get()
        try:
            answer.set_result(call())
        except Exception as error:  # handed to the caller
            answer.set_exception(error)
