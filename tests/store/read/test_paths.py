"""The question that the analyzer `paths` asks of a store, and the one of the API."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.store.read.conftest import AT_NS, HOUR_NS, Tables

from spyglass.analyze.builtin.paths import Paths, Settings
from spyglass.analyze.paths.runs import runs_of
from spyglass.analyze.paths.shares import steps_of
from spyglass.store.engine import Engine
from spyglass.store.gate import run_user_sql
from spyglass.store.read.asking import Scope
from spyglass.store.read.paths import spans_of_runs

SECOND_NS = 10**9
RUNS = 40


def test_a_step_that_runs_wait_for_is_told_and_shown(store: Engine) -> None:
    """As users may ask: forty runs that search for two seconds of ten, and an hour later forty that do for eight."""
    tables = Tables(store, "paths")
    for at_ns, searching in ((AT_NS, 2), (AT_NS + HOUR_NS, 8)):
        _runs(tables, at_ns, searching)
    found = Paths(Settings()).look(partial(_asked, store), AT_NS + HOUR_NS, AT_NS + 2 * HOUR_NS)
    (one,) = [finding for finding in found if finding.project == "paths"]
    assert (one.subject["tool"], one.observed, one.details["runs"]) == ("search", 0.8, RUNS)
    now = runs_of(spans_of_runs(store.read, Scope("paths", AT_NS + HOUR_NS, AT_NS + 2 * HOUR_NS), "ada"), "ada")
    assert {key: step.share for key, step in steps_of(now).items()} == {("tool", "search"): 0.8, ("agent", "itself"): 0.2}


def test_runs_that_are_imported_are_no_change(store: Engine) -> None:
    """Forty of the week before that waited longer arrive within the hour."""
    tables = Tables(store, "imported-paths")
    _runs(tables, AT_NS, 2)
    _runs(tables, AT_NS + HOUR_NS, 8, began_before_ns=7 * 24 * HOUR_NS)
    found = Paths(Settings()).look(partial(_asked, store), AT_NS + HOUR_NS, AT_NS + 2 * HOUR_NS)
    assert [finding for finding in found if finding.project == "imported-paths"] == []


def _runs(tables: Tables, at_ns: int, searching: int, began_before_ns: int = 0) -> None:
    """A run a minute, that arrives then or later."""
    own = [(at_ns + number).to_bytes(16) for number in range(RUNS)]
    begins = [at_ns + number * 60 * SECOND_NS for number in range(RUNS)]
    plain = {"received": [begin + 20 * SECOND_NS for begin in begins], "trace_id": own, "pending": False, "status": "ok", "model": "", "attributes": ()}
    begins = [begin - began_before_ns for begin in begins]
    run: dict[str, Any] = {"span_id": bytes(7) + b"1", "parent_span_id": bytes(8), "kind": "agent", "agent": "ada", "tool": "", "duration_ns": 10 * SECOND_NS}
    tables.spans(RUNS, **plain, **run, start=begins)
    step: dict[str, Any] = {"span_id": bytes(7) + b"2", "parent_span_id": bytes(7) + b"1", "kind": "tool", "agent": "", "tool": "search"}
    tables.spans(RUNS, **plain, **step, start=[begin + SECOND_NS for begin in begins], duration_ns=searching * SECOND_NS)


def _asked(store: Engine, sql: str, parameters: dict[str, Any]) -> Any:
    return run_user_sql(store, sql, parameters, project=None)
