import threading

import pytest

from spyglass_sdk.background import Background


def test_answer_in_time_is_given():
    """What the call says is what the caller hears."""
    assert Background().run(lambda: True, 10)


def test_late_call_is_left_alone():
    """The caller goes on; the call ends later, and the next one is served."""
    background, go = Background(), threading.Event()
    assert not background.run(go.wait, 0.01)
    go.set()
    assert background.run(lambda: True, 10)


def test_error_reaches_the_caller():
    """An exception does not end the thread."""
    background = Background()
    with pytest.raises(ZeroDivisionError):
        background.run(lambda: bool(1 / 0), 10)
    assert background.run(lambda: True, 10)
