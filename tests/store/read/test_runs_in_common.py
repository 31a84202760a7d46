"""The question that the analyzer `pattern` asks of a store."""

from __future__ import annotations

from functools import partial

from tests.store.read.conftest import AT_NS, Tables

from spyglass.analyze.builtin.pattern import Pattern, Settings
from spyglass.store.engine import Engine
from spyglass.store.gate import run_user_sql


def test_failed_runs_are_told_by_what_they_have_in_common(store: Engine) -> None:
    """As users may ask. A run fails when its first span does; one of its tools may fail without."""
    traces = 40
    bad = [at // 4 % 4 == 0 for at in range(4 * traces)]
    Tables(store, "in-common").spans(
        4 * traces,
        model=["new" if one else "old" for one in bad],
        status=["error" if (one and at % 4 == 0) or at % 40 == 2 else "ok" for at, one in enumerate(bad)],
        tool=["search" if at % 4 == 2 else "" for at in range(4 * traces)],
    )
    found = Pattern(Settings()).look(partial(_asked, store), AT_NS - 10**9, AT_NS + 3_600 * 10**9)
    (one,) = [finding for finding in found if finding.project == "in-common"]
    assert (one.rule, one.subject["model"], one.observed, one.details["runs"]) == ("failed_have", "new", 1.0, 10)
    assert len(one.evidence[0].span_id) == 16


def _asked(store, sql, parameters):
    return run_user_sql(store, sql, parameters, project=None)
