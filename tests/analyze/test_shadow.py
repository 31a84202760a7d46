"""A model in the shadow."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.analyze.onnx_file import scaled

from spyglass.analyze.shadow import Shadow

FIGURES = ["calls", "cost"]

Kept = Callable[[bytes], tuple[Path, str]]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """`kept(data)`: a file, and its SHA-256."""

    def keep(data: bytes) -> tuple[Path, str]:
        (tmp_path / "model.onnx").write_bytes(data)
        return tmp_path / "model.onnx", hashlib.sha256(data).hexdigest()

    return keep


def test_what_a_model_cannot_say_again_is_its_score(kept: Kept) -> None:
    """The mean of the squared differences; half of each row is said here."""
    path, digest = kept(scaled(2, "calls,cost", 0.5))
    model = Shadow(path, digest.upper(), FIGURES)
    assert model.name == f"model {digest[:8]}"
    assert model.scores(np.array([[0.0, 0.0], [2.0, 4.0]])) == pytest.approx([0.0, 2.5])
    assert model.scores(np.zeros((0, 2))) is not None
    assert model.scores(np.zeros((4, 5))) is None  # other columns than it was made for


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no ONNX model"),
        (b"\x08\x08junk", "no ONNX model"),
        (pickle.dumps({"calls": 1}), "no ONNX model"),
        (scaled(2, "cost,calls"), "made for other figures"),
        (scaled(3, "calls,cost"), "must take one tensor"),
        (scaled(2, "calls,cost", float("nan")), "must take one tensor"),
    ],
)
def test_a_file_that_is_no_such_model_is_refused_and_says_why(kept: Kept, data: bytes, problem: str) -> None:
    """Whatever is in it, nothing of it is told."""
    with pytest.raises(ValueError, match=problem) as told:
        Shadow(*kept(data), FIGURES)
    assert "junk" not in str(told.value)


def test_a_file_that_was_changed_is_not_read_and_one_that_is_not_there_looks_the_same(kept: Kept, tmp_path: Path) -> None:
    """So that whoever may change settings learns nothing about files."""
    path, digest = kept(scaled(2, "calls,cost"))
    path.write_bytes(scaled(2, "calls,cost", 0.25))
    problems = []
    for file in (path, tmp_path / "nowhere"):
        with pytest.raises(ValueError, match="cannot be read, or its SHA-256") as told:
            Shadow(file, digest, FIGURES)
        problems.append(str(told.value).replace(str(file), ""))
    assert problems[0] == problems[1]
