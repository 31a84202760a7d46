"""The runners there are: built-in ones, and plugins."""

from __future__ import annotations

from typing import Final

from packaging.version import Version

from spyglass.plugin.contracts import RunnerKind
from spyglass.plugin.loading import Sort

__all__ = ["RUNNERS"]

RUNNERS: Final = Sort(
    "runner",
    RunnerKind,
    "a function of (settings, context) that gives a Runner",
    ("spyglass.collect.host", "spyglass.collect.tail", "spyglass.collect.scrape", "spyglass.collect.poll", "spyglass.collect.transcripts.runner"),
    Version("1.0"),
)
