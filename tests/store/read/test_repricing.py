"""Promises about pricing history again: calls, spans and log records have one cost, today's, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tests.store.conftest import EMBEDDED

from spyglass.config.spec import PriceOverride
from spyglass.model.batch import Batch
from spyglass.model.errors import Refused
from spyglass.model.schema import USAGE, Kind
from spyglass.refine.price import Pricer, Pricing
from spyglass.store import repricing
from spyglass.store.read.summary import summary
from spyglass.testing.rows import events, spans

ASKED_FOR: dict[str, Any] = {"provider": "openai", "model": "the-house-model", "request_model": "gpt-4o-mini"}  # priced by what was requested
FLEX: dict[str, Any] = {"provider": "openai", "model": "gpt-5", "attributes": [[("openai.response.service_tier", "Flex")]], "attribute_types": "s"}
FOR_AN_HOUR: dict[str, Any] = {
    "provider": "anthropic",
    "model": "claude-3-5-sonnet-20241022",
    "cache_write_tokens": 1000,
    "attributes": [[("anthropic.usage.cache_creation.ephemeral_1h_input_tokens", "1000")]],
    "attribute_types": "i",
}
NESTED: dict[str, Any] = {
    "kind": ["llm", "llm"],
    "has_usage": [False, True],
    "model": ["gpt-4", "gpt-4o-mini"],
    "parent_span_id": [bytes(8), b"\1" * 8],
}  # the inner one tells tokens
DEARER = Pricer(Pricing(overrides=(PriceOverride(model="*", input=100, output=0),)))


def told(tables: Any, of: Kind = Kind.SPAN, n: int = 1, number: int = 1, **columns: Any) -> pa.Table:
    """Rows of model calls with the costs that they have on arrival."""
    usage = dict(zip(USAGE, (2000, 80, 0, 0, 0), strict=True))
    ids = {"trace_id": bytes([number]) * 16, "span_id": [bytes([at + 1]) * 8 for at in range(n)], "response_id": "", "request_model": ""}
    make = spans if of is Kind.SPAN else events
    at_ns = tables.scope().from_ns + 3600 * 10**9 + number
    rows = make(n, at_ns=at_ns, project=tables.project, kind=columns.pop("kind", "llm"), has_usage=columns.pop("has_usage", True), **(usage | ids | columns))
    return Pricer()(Batch(of, rows)).rows


def keep(tables: Any) -> None:
    """A call of each sort."""
    for number, columns in enumerate((ASKED_FOR, FLEX, FOR_AN_HOUR), 1):
        tables.keep_spans(told(tables, number=number, parent_span_id=bytes(8), **columns))
    tables.keep_spans(told(tables, n=2, number=4, **NESTED))
    tables.keep_events(told(tables, Kind.EVENT, number=5, session_id="by-log", **FLEX | {"trace_id": bytes(16)}))


def costs(tables: Any, table: str) -> list[dict[str, Any]]:
    text = f"SELECT model, cost_usd, cost_source FROM {table} WHERE project = {{project:String}} ORDER BY model, cost_usd"
    return list(tables.engine.read(text, {"project": tables.project}).to_pylist())


def test_an_unchanged_table_changes_nothing(tables: Any) -> None:
    """Not for a call priced by its request, in a tier, with writes to the long cache, told by two spans or by a log record."""
    keep(tables)
    before = [costs(tables, table) for table in ("tellings FINAL", "spans", "events")]
    assert min(row["cost_usd"] for row in before[0]) > 0
    assert repricing.reprice(tables.engine, tables.scope(), Pricer().reprice) == repricing.Outcome(5, 0)
    assert [costs(tables, table) for table in ("tellings FINAL", "spans", "events")] == before


def test_a_new_price_stands_on_calls_and_records(tables: Any) -> None:
    """Each row of a trace, its sum and the summary; sums of spans do not count the amended ones again."""
    keep(tables)
    assert repricing.reprice(tables.engine, tables.scope(), DEARER.reprice) == repricing.Outcome(5, 5)
    assert {(row["cost_usd"], row["cost_source"]) for table in ("tellings FINAL", "spans", "events") for row in costs(tables, table) if row["cost_source"]} == {
        (0.2, "price:settings")
    }
    assert summary(tables.engine.read, tables.scope())["cost_usd"] == pytest.approx(5 * 0.2)
    for sums, count in (("spans_minute", "sum(count)"), ("traces", "sum(span_rows)"), ("spans", "count()")):
        assert tables.engine.read(f"SELECT {count} AS n FROM {sums} WHERE project = {{p:String}}", {"p": tables.project})["n"].to_pylist() == [5]
    assert repricing.reprice(tables.engine, tables.scope(), DEARER.reprice).changed == 0


def test_what_was_reported_and_what_lies_elsewhere_stays(tables: Any) -> None:
    """Costs of sources, other times, other projects."""
    tables.keep_spans(told(tables, model="gpt-4o-mini", reported_cost_usd=0.5))
    tables.keep_spans(told(tables, number=2, model="gpt-4o-mini", start=tables.scope().to_ns + 1))
    before = costs(tables, "spans")
    assert repricing.reprice(tables.engine, tables.scope(), DEARER.reprice) == repricing.Outcome(0, 0)
    assert costs(tables, "spans") == before


def test_pages_and_portions_come_to_the_same(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many calls in one hour and one instant, a few at a time."""
    monkeypatch.setattr("spyglass.store.read.prices._PAGE", 7)
    monkeypatch.setattr("spyglass.store.repricing._AT_ONCE", 10)
    tables.keep_spans(told(tables, n=30, model="gpt-4o-mini", parent_span_id=bytes(8), start=tables.scope().from_ns + 3600 * 10**9))
    assert repricing.reprice(tables.engine, tables.scope(), DEARER.reprice) == repricing.Outcome(30, 30)
    assert {row["cost_usd"] for table in ("tellings FINAL", "spans") for row in costs(tables, table)} == {0.2}


def test_one_run_at_a_time(tables: Any) -> None:
    """A second one is refused, and may come later."""
    tables.keep_spans(told(tables, model="gpt-4o-mini"))

    def again(_: pa.Table) -> pa.Table:
        repricing.reprice(tables.engine, tables.scope(), DEARER.reprice)
        raise AssertionError("it was let in")

    with pytest.raises(Refused, match="already"):
        repricing.reprice(tables.engine, tables.scope(), again)
    assert repricing.reprice(tables.engine, tables.scope(), DEARER.reprice).changed == 1


@EMBEDDED
def test_copies_of_a_record_are_all_amended(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also more of them than a page holds: each by what itself tells."""
    monkeypatch.setattr("spyglass.store.read.prices._PAGE", 3)
    for copy in range(8):
        tables.keep_spans(told(tables, model="gpt-4o-mini", attributes=[[("more", "x")] * copy], attribute_types="s" * copy))
    tables.keep_spans(told(tables, number=2, model="gpt-4o-mini"))
    repricing.reprice(tables.engine, tables.scope(), DEARER.reprice)
    assert {row["cost_usd"] for row in costs(tables, "spans")} == {0.2}


class Counting:
    """Notes what it is told."""

    def __init__(self, tables: Any) -> None:
        self.tables, self.heard = tables, list[tuple[str, list[float]]]()

    def expect(self, *_: Any) -> None:
        """Before."""
        self.heard.append(("expect", [row["cost_usd"] for row in costs(self.tables, "calls")]))

    def again(self, *_: Any) -> None:
        """After."""
        self.heard.append(("again", [row["cost_usd"] for row in costs(self.tables, "calls")]))


@EMBEDDED
def test_who_counts_calls_hears_of_a_change_before_it_and_after_it(tables: Any) -> None:
    """And nothing where nothing changes."""
    keep(tables)
    counting, before = Counting(tables), [row["cost_usd"] for row in costs(tables, "calls")]
    repricing.reprice(tables.engine, tables.scope(), Pricer().reprice, [counting])
    assert counting.heard == []
    repricing.reprice(tables.engine, tables.scope(), DEARER.reprice, [counting])
    assert [said for said, _ in counting.heard] == ["expect", "again"]
    assert counting.heard[0][1] == before != counting.heard[1][1]
