"""The version of this package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

__all__ = ["VERSION"]


def _installed() -> str:
    try:
        return version("spyglass-sdk")
    except PackageNotFoundError:  # run from a bare checkout
        return "unknown"


VERSION: Final = _installed()
