"""Analyzers rest while the machine is busy, and only then."""

from __future__ import annotations

import time

import pytest

from spyglass.app import courtesy
from spyglass.app.courtesy import Courtesy


@pytest.fixture
def cpu(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that passed, and processor seconds that were used."""
    told = [0.0, 0.0]
    monkeypatch.setattr(time, "monotonic", lambda: told[0])
    monkeypatch.setattr(time, "process_time", lambda: told[1])
    return told


@pytest.mark.parametrize(("used_s", "took_s", "rest_s"), [(0.5, 0.1, 0.0), (1.9, 0.1, 0.4), (0.5, 0.2, 0.3)])
def test_they_rest_while_cores_are_busy(cpu: list[float], used_s: float, took_s: float, rest_s: float) -> None:
    """With us, or with others, so that work takes longer; until their share of the time is what it may be: here a tenth of two cores."""
    told = Courtesy(0.1, cores=2)
    cpu[:] = 1.0, used_s
    assert told.rest_s(spent_s=0.1, took_s=took_s) == pytest.approx(rest_s)


def test_no_rest_is_endless(cpu: list[float]) -> None:
    """Time passes for analyzers, too."""
    told = Courtesy(0.01, cores=1)
    cpu[:] = 1.0, 1.0
    assert told.rest_s(spent_s=60, took_s=60) == courtesy._LONGEST_S
