"""Rows as frames: small, of one shape, and never in the way of a client."""

import numpy as np
import pyarrow as pa
import pytest
from orjson import loads

from spyglass.model.batch import Batch
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.plugin.contracts import Delivery
from spyglass.show.live import whole
from spyglass.stream.bucket import Bucket
from spyglass.stream.evaluate import Plan, evaluate
from spyglass.stream.filter import understand
from spyglass.stream.frame import MAX_FRAME_BYTES, render
from spyglass.stream.ring import Entry, Ring
from spyglass.stream.wants import Wants
from spyglass.testing.rows import events, messages, points, spans

MAKE = {Kind.SPAN: spans, Kind.EVENT: events, Kind.POINT: points}


def entry(rows: pa.Table, kind: Kind = Kind.SPAN, said: pa.Table | None = None) -> Entry:
    return Ring(10**9, 600, 0).append(Delivery(7, Batch(kind, rows, said)), 1)


def rendered(one: Entry, *rows: int, full: bool = False) -> list[dict]:
    wanted = np.array(rows or range(len(one.batch)))
    return [loads(frame.body) for frame in render(one, wanted, whole if full else None)]


@pytest.mark.parametrize("kind", list(Kind))
def test_frames_of_a_type_have_the_same_members(kind):
    """Also of rows in which nothing is told: texts are empty, ids null."""
    nothing = pa.Table.from_arrays([pa.nulls(2, field.type) for field in SCHEMAS[kind]], schema=SCHEMAS[kind])
    filled = rendered(entry(MAKE[kind](5), kind))
    assert len({tuple(frame) for frame in filled}) == 1
    assert [tuple(frame) for frame in rendered(entry(nothing, kind))] == [tuple(filled[0])] * 2


@pytest.mark.parametrize("kind", list(Kind))
def test_rows_of_many_chunks_render_alike(kind):
    """A batch may be made of several."""
    one, several = MAKE[kind](6), pa.concat_tables([MAKE[kind](2), MAKE[kind](4, first=2)])
    assert rendered(entry(one, kind), 1, 3, full=True) == rendered(entry(several, kind), 1, 3, full=True)


def test_texts_are_cut():
    """A lean frame stays small, whatever the sender wrote."""
    frame = rendered(entry(spans(1, name="n" * 10**6, kind="tool", input="é\n" * 10**5, output="", session_id="s" * 600)))[0]
    assert (len(frame["name"]), len(frame["session_id"])) == (512, 512)
    assert frame["summary"] == ("é " * 80)


def test_a_record_that_is_too_large_comes_lean():
    """It says so; the lists have the whole."""
    small, large = rendered(entry(spans(2, input=["short", "x" * MAX_FRAME_BYTES])), full=True)
    assert small["row"]["input"] == "short"
    assert large["truncated"] is True
    assert "row" not in large


def test_the_last_thing_said_is_the_summary_of_a_call():
    """Of its own messages, what came out; else what went in."""
    said = messages(4)
    both = rendered(entry(spans(4), said=said), 1)
    only_in = rendered(entry(spans(4), said=said.filter(pa.compute.equal(said["direction"], "input"))), 1)
    assert (both[0]["summary"], only_in[0]["summary"]) == ("It is sunny there, says station 3.", "What is the weather at place 2?")


def test_a_row_is_rendered_once_for_all_its_viewers():
    """Frames are shared, and of rows over every rate none is made."""
    plans = [Plan(understand(Wants(burst=burst)), Bucket(1, burst), None) for burst in (3, 5, 5)]
    first, second, third = evaluate(entry(spans(50)), plans, 0, 0.0)
    assert [len(one.frames) for one in (first, second, third)] == [3, 5, 5]
    assert [one.over for one in (first, second, third)] == [47, 45, 45]
    assert all(one is other for one, other in zip(second.frames, third.frames, strict=True))
    assert all(one is other for one, other in zip(first.frames, second.frames, strict=False))


def test_points_show_their_value():
    """A gauge or sum its number, a distribution its count and sum."""
    told = [(frame["metric_type"], frame["value"], frame["summary"]) for frame in rendered(entry(points(3), Kind.POINT))]
    assert told == [("gauge", 0.5, "0.5"), ("sum", 1, "1"), ("histogram", None, "6 values, together 4.5 s")]
