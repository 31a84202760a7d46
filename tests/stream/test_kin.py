"""Relatives across batches: `tool under agent:planner`, though the agent's span comes last."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Delivery
from spyglass.search.masks import mask
from spyglass.stream.filter import Filter, understand
from spyglass.stream.kin import Kin, Kinships, together
from spyglass.stream.ring import Entry, Ring
from spyglass.stream.wants import Wants
from spyglass.telemetry.metrics import STREAM_FORGOTTEN
from spyglass.testing.rows import spans

TRACE = b"t" * 16
AGENT, STEP, TOOL, OTHER = (number.to_bytes(8) for number in (1, 2, 3, 4))
PARENTS = {AGENT: bytes(8), STEP: AGENT, TOOL: STEP, OTHER: bytes(8)}
KINDS = {AGENT: "agent", STEP: "chain", TOOL: "tool", OTHER: "tool"}
AGE_NS, BYTES = 10**12, 2**20


def rows(*ids: bytes, trace: bytes = TRACE, **columns: Any) -> pa.Table:
    """Spans of the family by their ids; the agent is the planner."""
    told = {"kind": [KINDS[one] for one in ids], "agent": ["planner" if one == AGENT else "" for one in ids], "pending": False}
    ids_of = {"span_id": list(ids), "parent_span_id": [PARENTS[one] for one in ids], "trace_id": trace}
    return spans(len(ids), **{"project": "default", **told, **ids_of, **columns})


def wanted(query: str = "tool under agent:planner", **wants: Any) -> Filter:
    return understand(Wants(query=query, **wants)).filter


@pytest.fixture
def ring() -> Ring:
    return Ring(2**24, 600, 0)


def entry(ring: Ring, table: pa.Table, at_ns: int = 0) -> Entry:
    return ring.append(Delivery(len(ring), Batch(Kind.SPAN, table)), at_ns)


def told(kin: Kin, ring: Ring, table: pa.Table, at_ns: int = 0) -> list[bytes]:
    """The span ids that a batch brings, late ones first."""
    new = entry(ring, table, at_ns)
    found = kin.take(new, at_ns, BYTES, AGE_NS)
    places = [(late.number, row) for late in found.late for row in late.rows] + [(new.number, row) for row in found.rows]
    return [ring.get(number).batch.rows["span_id"][int(row)].as_py() for number, row in places]


@pytest.mark.parametrize("order", list(permutations([AGENT, STEP, TOOL, OTHER])))
def test_a_child_is_told_once_in_whatever_order_its_family_comes(ring: Ring, order: tuple[bytes, ...]) -> None:
    """When the last of those between it and the planner has come."""
    kin = Kin(wanted(), [], 0)
    brought = [told(kin, ring, rows(one)) for one in order]
    last = max(order.index(one) for one in (AGENT, STEP, TOOL))
    assert brought == [[TOOL] if at == last else [] for at in range(4)]


def test_a_pending_parent_is_known_early(ring: Ring) -> None:
    """Its child is told at once, and not again when the parent ends."""
    kin = Kin(wanted(), [], 0)
    assert told(kin, ring, rows(AGENT, STEP, pending=True)) == []
    assert told(kin, ring, rows(TOOL)) == [TOOL]
    assert told(kin, ring, rows(AGENT, STEP)) == []


def test_other_traces_and_projects_are_no_family(ring: Ring) -> None:
    """The same span ids elsewhere mean nothing."""
    kin = Kin(wanted(), [], 0)
    assert told(kin, ring, rows(TOOL, STEP)) == []
    assert told(kin, ring, rows(AGENT, trace=b"u" * 16)) == []
    assert told(kin, ring, rows(AGENT, project="other")) == []


def test_ancestors_are_told_of_late_descendants(ring: Ring) -> None:
    """`over` looks the other way."""
    kin = Kin(wanted("agent:planner over tool"), [], 0)
    assert told(kin, ring, rows(AGENT, pending=True)) == []
    assert told(kin, ring, rows(STEP)) == []
    assert told(kin, ring, rows(TOOL)) == [AGENT]


@settings(max_examples=30, deadline=None)
@given(order=st.lists(st.sampled_from([AGENT, STEP, TOOL, OTHER]), min_size=1, max_size=8), cut=st.integers(0, 8))
def test_what_was_told_in_all_is_what_one_batch_would_tell(order: list[bytes], cut: int) -> None:
    """Whatever comes before a viewer and whatever after it, and however often."""
    ring, search = Ring(2**24, 600, 0), wanted()
    before = [entry(ring, rows(one)) for one in order[:cut]]
    kin = Kin(search, before, 0)
    after = [span for one in order[cut:] for span in told(kin, ring, rows(one))]
    whole = rows(*order)
    matching = whole.filter(mask(search.tree, whole, Kind.SPAN, 0))["span_id"].to_pylist()
    earlier = sum(len(found) for found in together(search, before, 0).values())
    assert len(after) + earlier == len(matching)


def test_the_memory_is_bounded_and_what_it_forgets_is_counted(ring: Ring) -> None:
    """By bytes and by age."""
    by_bytes, by_age = (STREAM_FORGOTTEN.labels(reason)._value for reason in ("bytes", "age"))
    before = by_bytes.get(), by_age.get()
    kin = Kin(wanted(), [], 0)
    for number in range(40):
        kin.take(entry(ring, rows(TOOL, STEP, trace=number.to_bytes(16))), 0, 2_000, AGE_NS)
    assert by_bytes.get() - before[0] > 40
    assert kin.size_bytes <= 2_000
    kin.take(entry(ring, rows(OTHER), 2 * AGE_NS), 2 * AGE_NS, 2_000, AGE_NS)
    assert by_age.get() > before[1]
    assert kin.size_bytes < 500


def test_memories_go_with_their_viewers(ring: Ring) -> None:
    """Those of searches that nobody has any more are let go of."""
    kinships = Kinships(BYTES, 600)
    first, second = wanted(), wanted("llm under agent:planner")
    assert kinships.follow({first, second}, [], entry(ring, rows(TOOL)), 0).keys() == {first, second}
    kinships.follow({second}, [], entry(ring, rows(STEP)), 0)
    found = kinships.follow({first}, [], entry(ring, rows(AGENT)), 0)[first]
    assert (found.total, len(kinships)) == (0, 1)


async def test_a_viewer_gets_the_child_when_its_parent_has_come(live: Any) -> None:
    """Over a connection; events and other searches go their way beside it, and whoever resumes gets the family in one."""
    async with live.socket("query=tool%20under%20agent:planner") as viewer, live.socket("query=kind:tool&window_s=1000") as other:
        [hello] = await viewer.until(len)
        await other.until(len)
        live.publish(rows(TOOL))
        live.publish(rows(STEP))
        live.publish(rows(AGENT))
        [frame] = await viewer.frames()
        assert (frame["span_id"], frame["cursor"].split(".")[0]) == (TOOL.hex(), "2")
    async with live.socket(f"query=tool%20under%20agent:planner&cursor={hello['cursor']}") as again:
        [frame] = await again.frames()
        assert frame["span_id"] == TOOL.hex()


async def test_what_matches_late_during_a_pause_is_told_after_it(live: Any) -> None:
    """The child came before the pause, its parent within it; once."""
    async with live.socket("query=tool%20under%20agent:planner") as viewer, live.socket("query=kind:chain") as beside:
        await viewer.until(len)
        await beside.until(len)
        live.publish(rows(TOOL, STEP))
        live.publish(rows(STEP, trace=b"u" * 16))
        await beside.frames(2)  # the batches have reached both
        await viewer.say(type="pause")
        await viewer.one("paused")
        live.publish(rows(AGENT))
        await live.eventually(lambda: live.hub.status().last_offset == 3)
        await viewer.say(type="resume")
        [frame] = await viewer.frames()
        assert (frame["span_id"], frame["cursor"].split(".")[0]) == (TOOL.hex(), "2")
        live.publish(rows(AGENT, TOOL))
        assert [one["cursor"].split(".")[0] for one in await viewer.frames(2)] == ["2", "4"]


async def test_late_rows_count_in_windows(live: Any) -> None:
    """In the window in which it is known that they belong to it."""
    async with live.socket("query=tool%20under%20agent:planner&window_s=0.2") as viewer:
        await viewer.until(len)
        live.publish(rows(TOOL, STEP))
        live.publish(rows(AGENT, OTHER))
        await viewer.until(lambda frames: sum(frame["total"]["count"] for frame in frames if frame["type"] == "window") >= 1)
