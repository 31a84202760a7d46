"""One that takes part: how long it rests, and what is counted meanwhile."""

from __future__ import annotations

import pytest

from spyglass.analyze import member
from spyglass.analyze.member import Status


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(member, "time", made)
    return made


def rest(status: Status, time: Time) -> float:
    """Let it fail; after how long it runs again."""
    status.suspend("it failed", again=True)
    rests = status.rest_s()
    assert rests is not None
    assert not status.runs()
    time.now += rests
    assert status.runs()
    return rests


def test_each_rest_is_longer_until_it_ran_well(time: Time) -> None:
    """A minute, two, four … an hour; after an hour of running well a minute again."""
    status = Status(resumed_at=time.now)
    assert [rest(status, time) for _ in range(8)] == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    time.now += 3_601
    assert rest(status, time) == 60


def test_whom_somebody_let_rest_waits_for_somebody(time: Time) -> None:
    """And counts go on when it runs again."""
    status = Status(rows=7, failures=2)
    status.suspend("somebody let it rest")
    time.now += 10**6
    assert (status.runs(), status.rest_s()) == (False, None)
    status.resume()
    assert (status.runs(), status.rows, status.failures) == (True, 7, 2)
