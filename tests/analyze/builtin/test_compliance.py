"""Controls that do not hold become findings; the others do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from spyglass.analyze.builtin.compliance import Compliance, analyzer
from spyglass.analyze.controls.checks import CONTROLS, Settings, question, verdict
from spyglass.model.finding import Finding

HOUR_NS = 3_600 * 10**9


def looked(settings: Settings, row: Mapping[str, Any] | None) -> list[Finding]:
    """What is found when every control is answered with this row."""
    asked: list[Mapping[str, Any]] = []

    def ask(sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        asked.append(parameters)
        return pa.Table.from_pylist(
            [dict(row)] if row else [], pa.schema([("project", pa.string()), ("seen", pa.int64()), ("failed", pa.int64()), ("examples", pa.list_(pa.string()))])
        )

    found = list(Compliance(settings).look(ask, 5, HOUR_NS))
    assert all((one["lo_ns"], one["hi_ns"]) == (5, HOUR_NS) for one in asked)
    return found


FAILED = {"project": "p", "seen": 10, "failed": 3, "examples": [f"{'a' * 32}/{'b' * 16}"]}


def test_a_control_that_fails_is_told_with_its_rows() -> None:
    """Who acts on it reads what did not hold, how often, and what to do."""
    (one,) = looked(Settings(), FAILED)
    assert (one.rule, one.severity, one.project, one.observed) == ("secrets.absent", "critical", "p", 3.0)
    assert one.title == "No keys or passwords in kept texts: that did not hold for 3 of 10 in the last 60 minutes"
    assert (str(one.evidence[0]), one.details["control_version"]) == (FAILED["examples"][0], 1)
    assert one.suggestion


@pytest.mark.parametrize("row", [None, FAILED | {"failed": 0}, FAILED | {"seen": 0, "failed": 0}])
def test_what_passes_or_has_no_data_is_no_finding(row: Mapping[str, Any] | None) -> None:
    """Nothing is told of it."""
    assert looked(Settings(allowed_models=("m",), risky_tools="pay"), row) == []


def test_controls_with_nothing_to_go_by_are_not_asked() -> None:
    """No list of models, no risky tools; with them they are."""
    assert [one.rule for one in looked(Settings(allowed_models=("m",), risky_tools="pay"), FAILED)] == [
        "secrets.absent",
        "models.allowed",
        "oversight.approved",
    ]
    needing = next(control for control in CONTROLS if control.id == "models.allowed")
    assert question(needing, Settings(), "p", 0, 1) is None
    assert verdict(needing, None, asked=False).told == "Nothing to go by: set `analyzers.settings.compliance.allowed_models`."


def test_the_same_trouble_is_one_group() -> None:
    """An hour later, with other rows."""
    first, second = looked(Settings(), FAILED), looked(Settings(), FAILED | {"failed": 9})
    assert first[0].fingerprint == second[0].fingerprint
    assert analyzer.rules == tuple(control.id for control in CONTROLS)
