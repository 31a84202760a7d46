"""What a viewer may ask for, through a real socket: every filter, rate and burst."""

import pytest
from structlog.testing import capture_logs

from spyglass.model.schema import Kind
from spyglass.testing.rows import events, points, spans


async def test_a_viewer_sees_what_it_asked_for_and_nothing_else(live):
    """Conditions of the address and of the search hold together, on both transports."""
    query = "kind=span,event&agent=planner&severity=error&query=search+or+name:execution.*"
    async with live.socket(query) as first, live.events(query) as second:
        await first.until(len)
        await second.until(len)
        for project in ("other", "default"):
            live.publish(spans(44, project=project))
            live.publish(events(8, project=project), Kind.EVENT)
            live.publish(points(5, project=project, metric="search"), Kind.POINT)
        live.publish(events(1, event_name="execution.end", severity="critical"), Kind.EVENT)
        seen = await first.until(lambda frames: frames[-1].get("name") == "execution.end")
        assert [frame["name"] for frame in seen[1:]] == ["execute_tool search"] * 2 + ["execution.end"]
        assert await second.frames(3) == seen[1:]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("severity=loud", "severity: expected one of trace"),
        ("trace=abc", "trace: expected 32 hexadecimal digits"),
        ("kind=span&execution=e1", "execution: no span has it"),
        ("kind=spam", "kind.0"),
        ("rate=0", "rate"),
        ("rate=1000000", "rate"),
        ("window_s=0", "window_s"),
        ("window_s=nan", "window_s"),
        ("group_by=agent", "group_by: needs `window_s`"),
        ("window_s=1&group_by=agnt", "did you mean agent?"),
        ("window_s=1&group_by=tokens", "group_by: expected a field of text"),
        ("kind=point&query=kind:llm", "asks about spans and events, not about points"),
        ("cursor=nonsense", "cursor: expected"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_reason(live, query, told):
    """The answer names the parameter and what was expected."""
    answer = await live.get(f"/events/stream?{query}")
    assert answer.status_code == 400
    assert told in answer.json()["detail"]


async def test_more_than_the_rate_is_counted_not_sent(live):
    """A burst goes through at once, the rest of the batch is told as lost."""
    async with live.socket("rate=0.001&burst=5") as viewer, live.socket("rate=2000&burst=100") as other:
        await viewer.until(len)
        await other.until(len)
        live.publish(spans(50))
        assert len(await other.frames(50)) == 50
        assert [frame["cursor"].split(".")[-1] for frame in await viewer.frames(5)] == ["0", "1", "2", "3", "4"]
        assert await viewer.one("lost") == {"type": "lost", "count": 45, "reason": "rate"}
        live.publish(spans(7))
        assert (await viewer.one("lost"))["count"] == 7
    assert live.hub.status().dropped == {"rate": 52}


async def test_one_failing_search_harms_no_other_viewer(live):
    """The viewer is told that it misses rows; the others get theirs."""
    async with live.socket("query=tool_call_id:none+or+kind:llm") as failing, live.socket() as other:
        await failing.until(len)
        await other.until(len)
        with capture_logs() as logged:
            live.publish(spans(4).drop_columns(["tool_call_id"]))
            assert await failing.one("lost") == {"type": "lost", "count": 4, "reason": "server"}
        assert logged[0]["event"] == "live filter failed"
        assert len(await other.frames(4)) == 4
        live.publish(spans(4))
        assert len(await failing.frames(2)) == 2
