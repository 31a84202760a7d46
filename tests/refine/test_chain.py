"""The stages in order, and what happens when one fails."""

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from spyglass.model.batch import Batch
from spyglass.model.errors import InputError, Refused
from spyglass.model.schema import MESSAGE, Kind
from spyglass.refine.chain import Chain, Step
from spyglass.testing.rows import spans


def batch(n=3):
    return Batch(Kind.SPAN, spans(n))


def half(batch):
    return batch.with_rows(batch.rows.slice(0, len(batch) // 2))


def broken(batch):
    raise ValueError(f"a prompt stands in this message: {batch.rows['name'][0]}")


def rows_counted(stage, direction):
    return REGISTRY.get_sample_value("spyglass_stage_rows_total", {"stage": stage, "direction": direction}) or 0.0


def issues(batch):
    return batch.rows["issues"].to_pylist()


def test_stages_run_in_order_each_on_what_the_one_before_left():
    """Four rows, halved twice, are one."""
    assert len(Chain([Step("first", half), Step("second", half)])(batch(4)).batch) == 1


def test_a_dropped_batch_ends_the_chain_and_is_counted():
    """None is the end; the stages after it are not called."""
    before = rows_counted("dropper", "dropped")
    assert Chain([Step("dropper", lambda _: None), Step("never", broken, required=True)])(batch(4)).batch is None
    assert rows_counted("dropper", "dropped") - before == 4


def test_rows_in_out_and_dropped_are_counted():
    """The loss of a stage can be read off its counters."""
    before = [rows_counted("halver", direction) for direction in ("in", "out", "dropped")]
    Chain([Step("halver", half)])(batch(8))
    after = [rows_counted("halver", direction) for direction in ("in", "out", "dropped")]
    assert [b - a for a, b in zip(before, after, strict=True)] == [8, 4, 4]
    assert REGISTRY.get_sample_value("spyglass_stage_seconds_total", {"stage": "halver"}) > 0


def test_a_failing_stage_leaves_the_batch_as_it_was_and_says_so():
    """The rows go on to the next stage, marked."""
    result = Chain([Step("price", broken), Step("last", half)])(batch(4)).batch
    assert issues(result) == [["price_failed"]] * 2
    assert result.rows.drop(["issues"]).equals(spans(2).drop(["issues"]))


def test_a_failing_required_stage_refuses_the_batch():
    """What could not be redacted is not kept, and nobody sees it."""
    seen = []
    with pytest.raises(InputError, match="redact failed on 4 rows") as refused:
        Chain([Step("redact", broken, required=True), Step("next", seen.append)])(batch(4))
    assert seen == []
    assert (refused.value.__cause__, refused.value.details) == (None, {"reason": "redact_failed"})


def test_a_required_stage_short_of_memory_refuses_for_now():
    """The same rows may do later, so the sender is asked to come again."""

    def short(_):
        raise MemoryError

    with pytest.raises(Refused, match="redact failed on 4 rows"):
        Chain([Step("redact", short, required=True)])(batch(4))


def failing_on(row):
    """A stage that fails on batches with this row's span id."""
    bad = spans(8).slice(row, 1)["span_id"][0].as_py()

    def stage(given):
        if bad in given.rows["span_id"].to_pylist():
            raise ValueError
        return given

    return stage


def test_one_bad_row_is_marked_and_its_neighbours_are_not():
    """The batch is halved until the row is alone; the rows stay in their order, with the messages that came with them."""
    messages = MESSAGE.empty_table()
    result = Chain([Step("price", failing_on(5))])(Batch(Kind.SPAN, spans(8), messages)).batch
    assert issues(result) == [["price_failed"] if row == 5 else [] for row in range(8)]
    assert result.rows["span_id"].to_pylist() == spans(8)["span_id"].to_pylist()
    assert result.messages.num_rows == 0


def test_a_stage_that_always_fails_is_given_up():
    """Not tried on each of ten thousand rows: the stage is at fault, not the rows."""
    calls = []

    def always(given):
        calls.append(len(given))
        raise ValueError

    result = Chain([Step("price", always)])(batch(1000)).batch
    assert issues(result) == [["price_failed"]] * 1000
    assert len(calls) < 200


def test_dropped_rows_are_told_by_stage_and_source():
    """For the ledger: which project's and service's rows a stage left out."""
    refined = Chain([Step("sample", half), Step("nothing", lambda _: None)])(batch(4))
    assert [(stage, sum(counts.values())) for stage, counts in refined.dropped] == [("sample", 2), ("nothing", 2)]


def test_no_text_of_a_row_is_logged():
    """Messages of errors may quote what was in a row; logs and answers do not."""
    with capture_logs() as logs, pytest.raises(InputError) as refused:
        Chain([Step("redact", broken, required=True)])(batch(1))
    assert logs[0]["error"] == "ValueError"
    assert "prompt stands" not in str(logs) + str(refused.value)
