"""What a viewer may ask for, through a real socket: every filter, rate and burst."""

import pytest

from spyglass.model.schema import Kind
from spyglass.testing.rows import events, points, spans

TRACE = bytes(range(16))


def several():
    """Two spans, two events and a point that differ in everything that can be asked for."""
    return [
        (
            Kind.SPAN,
            spans(
                2,
                agent=["planner", "writer"],
                session_id=["s1", "s2"],
                trace_id=[TRACE, bytes(16)],
                status=["ok", "error"],
                name=["one", "two"],
                service=["shop", "bank"],
            ),
        ),
        (
            Kind.EVENT,
            events(
                3,
                agent=["planner", "writer", ""],
                session_id=["s1", "s2", "s3"],
                trace_id=[TRACE, bytes(16), bytes(16)],
                status="unset",
                event_name=["process.exec", "process.exit", "file.open"],
                severity=["warning", "info", ""],
                execution_id=["e1", "e2", ""],
                source=["ebpf", "ebpf", "host"],
                body=["rm -rf", "sunny", "calm"],
            ),
        ),
        (Kind.POINT, points(1, agent="planner", session_id="s2", metric="cpu")),
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["one", "two", "process.exec", "process.exit", "file.open", "cpu"]),
        ("kind=event", ["process.exec", "process.exit", "file.open"]),
        ("kind=span,point", ["one", "two", "cpu"]),
        ("kind=span&kind=point", ["one", "two", "cpu"]),
        ("event_name=process.exec", ["process.exec"]),
        ("event_name=process.*,file.open", ["process.exec", "process.exit", "file.open"]),
        ("severity=info", ["one", "two", "process.exec", "process.exit", "file.open", "cpu"]),
        ("severity=WARN", ["two", "process.exec"]),
        ("severity=error", ["two"]),
        ("severity=critical", []),
        ("source=ebpf", ["process.exec", "process.exit"]),
        ("source=bank", ["two"]),
        ("agent=planner", ["one", "process.exec", "cpu"]),
        ("agent=*", ["one", "two", "process.exec", "process.exit", "cpu"]),
        ("session=s2", ["two", "process.exit", "cpu"]),
        ("execution=e1,e2", ["process.exec", "process.exit"]),
        (f"trace={TRACE.hex().upper()}", ["one", "process.exec"]),
        ("query=sunny+or+name:tw*", ["two", "process.exit"]),
        ("agent=planner&query=-kind:llm&kind=event", ["process.exec"]),
        ("project=other", []),
    ],
)
async def test_each_condition_shows_its_rows(live, query, names):
    """Conditions hold together, values of one condition are alternatives."""
    async with live.socket(query) as viewer:
        await viewer.until(len)
        for kind, rows in several():
            live.publish(rows, kind)
        for project in ("default", "other"):
            live.publish(spans(1, name="end", agent="planner", session_id="s2", trace_id=TRACE, service="bank", status="error", project=project))
            live.publish(
                events(1, event_name="process.end", agent="planner", session_id="s2", trace_id=TRACE, severity="critical", source="ebpf", execution_id="e1", body="sunny", project=project),
                Kind.EVENT,
            )
        seen = await viewer.until(lambda frames: any(frame.get("name") in {"end", "process.end"} for frame in frames))
    assert [frame["name"] for frame in seen[1:] if not frame["name"].endswith("end")] == names


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
    async with live.socket("query=kind:llm") as failing, live.socket() as other:
        await failing.until(len)
        await other.until(len)
        live.publish(spans(4).drop_columns(["operation", "kind"]).append_column("operation", spans(4)["operation"]).append_column("kind", spans(4)["duration_ns"]))
        assert await failing.one("lost") == {"type": "lost", "count": 4, "reason": "server"}
        live.publish(spans(4))
        assert len(await failing.frames(2)) == 2
