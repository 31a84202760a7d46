"""docs/live.md and what is there say the same."""

import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from orjson import loads

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Delivery
from spyglass.stream.frame import render
from spyglass.stream.outbox import Reason
from spyglass.stream.ring import Ring
from spyglass.stream.wants import Wants
from spyglass.testing.rows import events, points, spans

PAGE = (Path(__file__).parents[2] / "docs/live.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """The first table below a heading: what stands in backticks in the first column, and the row."""
    table = re.search(rf"^## {heading}$.*?^(\| .*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)[1]
    return {name: row for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_every_parameter_is_documented():
    """With its sentence, and no other parameters; the cursor belongs to the connection."""
    described = rows("What you may ask for")
    assert described.keys() == {*Wants.model_fields, "cursor"}
    lacking = [name for name, field in Wants.model_fields.items() if re.split("[.:,;]", field.description)[0] not in described[name]]
    assert not lacking, f"docs/live.md describes otherwise: {', '.join(lacking)}"


@pytest.mark.parametrize(("kind", "make"), [(Kind.SPAN, spans), (Kind.EVENT, events), (Kind.POINT, points)])
def test_every_member_of_a_frame_is_documented(kind, make):
    """For the kinds that have it."""
    entry = Ring(10**9, 600, 0).append(Delivery(1, Batch(kind, make(1))), 1)
    members = set(loads(render(entry, np.array([0]), None)[0].body))
    described = {name for name, row in rows("Frames").items() if f"{kind}s" in row.split("|")[2] or "all" in row.split("|")[2]}
    assert members == described - {"row", "truncated"}


def test_every_reason_for_a_loss_is_documented():
    """With what its count means."""
    assert rows("What is not sent is told").keys() == {*get_args(Reason)}


def test_every_message_is_documented():
    """By its type."""
    described = {re.search(r'"type": "(\w+)"', name)[1] for name in rows("Messages over a WebSocket")}
    assert described == {"subscribe", "update", "pause", "resume", "ping"}
