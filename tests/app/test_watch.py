"""Promises about the threads that everything hangs on."""

from __future__ import annotations

import threading

from spyglass.app.watch import Watch


def test_a_thread_that_ends_is_told() -> None:
    """By its name; before the watch has begun nothing is told."""
    watch, stop = Watch(["works", "never-started"]), threading.Event()
    thread = threading.Thread(target=stop.wait, name="works")
    thread.start()
    assert watch.ended() == []
    watch.begin()
    assert watch.ended() == ["never-started"]
    stop.set()
    thread.join()
    assert watch.ended() == ["works", "never-started"]
