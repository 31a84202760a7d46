"""The order of analyzers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spyglass.analyze.builtin.aggregation import analyzer
from spyglass.analyze.graph import stages
from spyglass.model.errors import ConfigError


def kind(name, reads, makes=()):
    return replace(analyzer, name=name, reads=frozenset(reads), makes=tuple(makes))


def test_whoever_reads_a_frame_comes_after_its_maker():
    """And those that need nothing of each other share a stage."""
    found = stages([kind("c", ["b.x"]), kind("b", ["a.x"], ["b.x"]), kind("d", ["event"]), kind("a", ["span"], ["a.x"])])
    assert [[one.name for one in stage] for stage in found] == [["a", "d"], ["b"], ["c"]]


def test_a_frame_that_nobody_makes_is_an_error():
    """It says who reads it."""
    with pytest.raises(ConfigError, match=r"analyzers\.b: nobody makes the frame a\.x"):
        stages([kind("b", ["a.x"])])


def test_two_makers_of_a_frame_are_an_error():
    """One of them must go."""
    with pytest.raises(ConfigError, match=r"a\.x is made by a already"):
        stages([kind("a", ["span"], ["a.x"]), kind("b", ["span"], ["a.x"])])


def test_a_circle_is_an_error():
    """It says who waits for whom."""
    with pytest.raises(ConfigError, match="wait for each other"):
        stages([kind("a", ["b.x"], ["a.x"]), kind("b", ["a.x"], ["b.x"])])
