"""A model that somebody else trained, in the shadow of our own methods: rows of figures in, one score per row out. It is heard, and never decides.

The file is ONNX, a graph of arithmetic, which onnxruntime reads from bytes: no code of it runs, and a pickle is never read. It counts only with the SHA-256
that the settings tell, and when its metadata name these figures in this order. What it gives is the rows said again (the score is the mean of the squared
differences) or one score for each row, the higher the more unusual.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["FEATURES", "Shadow"]

Floats = npt.NDArray[np.float64]
FEATURES: Final = "spyglass.features"  # metadata: names of the columns, with commas between
_MOST_BYTES: Final = 32 * 1024 * 1024
_PROBED: Final = 3  # rows that are tried at first


class Shadow:
    """One model."""

    def __init__(self, path: Path, sha256: str, features: Sequence[str]) -> None:
        """Read and try it.

        Raises:
            ValueError: it cannot be used, and why; nothing of the file is told.
        """
        runtime = _runtime()
        data = _read(path)
        if hashlib.sha256(data).hexdigest() != sha256.lower():
            raise ValueError(f"the model {path} cannot be read, or its SHA-256 is not the one in the settings: tell that of the file which you trust")
        self.name = f"{path.stem} {sha256[:8].lower()}"
        self._features = len(features)
        try:
            options = runtime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 4  # what it says about models of others is not our log
            self._session = runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            told = self._session.get_modelmeta().custom_metadata_map.get(FEATURES, "")
        except Exception as error:
            raise ValueError(f"the model {path} is no ONNX model that onnxruntime {runtime.__version__} can run") from error
        if told != ",".join(features):
            raise ValueError(f"the model {path} was made for other figures: its metadata `{FEATURES}` must be `{','.join(features)}`")
        probed = self.scores(np.zeros((_PROBED, self._features)))
        if probed is None or not np.isfinite(probed).all():
            raise ValueError(f"the model {path} must take one tensor of floats [rows, {self._features}] and give as many columns, or one number for each row")

    def scores(self, rows: Floats) -> Floats | None:
        """One for each row, not negative, NaN where it gives none; None: it failed, or gave something else."""
        given = rows.astype(np.float32)
        try:
            found = np.asarray(self._session.run(None, {self._session.get_inputs()[0].name: given})[0], np.float64)
        except Exception:  # a stranger's model: whatever it raises, nothing is lost but what it would have said
            return None
        if found.shape == given.shape:
            return np.asarray(((found - rows) ** 2).mean(axis=1))
        return np.maximum(found.reshape(-1), 0.0) if found.size == len(rows) else None


def _runtime() -> Any:
    try:
        import onnxruntime  # noqa: PLC0415 - an extra, and a third of a second
    except ImportError:
        raise ValueError("a shadow model needs the extra: pip install 'spyglass[onnx]'") from None
    return onnxruntime


def _read(path: Path) -> bytes:
    """Empty where it cannot be read, or is too large: who asks learns nothing about files."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError:
        return b""
    return data if len(data) <= _MOST_BYTES else b""
