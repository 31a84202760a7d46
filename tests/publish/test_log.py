"""The durable log as a whole."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spyglass.model.batch import Batch
from spyglass.model.errors import ConfigError, Refused, StoreError, TooLarge
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Log, Receipt
from spyglass.publish.log import DiskLog, Limits
from spyglass.testing.rows import events, spans

from .conftest import MakeBatch, OpenLog


def _rows(log: DiskLog, name: str = "store") -> list[int]:
    """The offsets a cursor still has to do."""
    claim = log.cursor(name).claim(1 << 30, 1 << 40)
    return [entry.offset for entry in claim.entries] if claim else []


def test_offsets_are_consecutive_and_go_on_after_a_restart(open_log: OpenLog, batch: MakeBatch) -> None:
    """Each batch has the next number, whoever opened the log."""
    log: Log = open_log()
    assert log.append([batch(2), batch(3)]).result(10) == Receipt(0, 1)
    assert log.append([batch()]).result(10) == Receipt(2, 2)
    open_log.close()
    assert open_log().append([batch()]).result(10) == Receipt(3, 3)
