"""The story of the demo is lively, believable and repeatable."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any

import orjson

from spyglass.decode.attributes import pairs
from spyglass.story.day import Day
from spyglass.story.telling import Record, pieces

HOUR_NS = 3600 * 10**9
NOW_NS = 1_795_000_000 * 10**9


@cache
def past() -> tuple[Record, ...]:
    """What an hour tells."""
    return tuple(Day(1, NOW_NS - HOUR_NS, NOW_NS, 4).until(NOW_NS))


def spans() -> list[Any]:
    """The spans of it."""
    return [record.message for record in past() if record.signal == "traces"]


def test_the_same_seed_tells_the_same() -> None:
    """Byte for byte; another seed another story."""
    first, again, other = (list(Day(seed, NOW_NS - HOUR_NS // 6, NOW_NS, 10).until(NOW_NS)) for seed in (1, 1, 2))
    assert [record.message.SerializeToString() for record in first] == [record.message.SerializeToString() for record in again]
    assert first[0].message.SerializeToString() != other[0].message.SerializeToString()


def test_nothing_lies_in_the_future_and_nothing_is_told_twice() -> None:
    """Records come in the order of their time; what is not over comes later."""
    day = Day(3, NOW_NS - HOUR_NS // 6, NOW_NS, 10)
    told: list[Record] = []
    for minute in range(12):
        now = NOW_NS + (minute - 10) * 60 * 10**9
        part = list(day.until(now))
        assert all(record.due_ns <= now for record in part)
        assert [record.due_ns for record in part] == sorted(record.due_ns for record in part)
        told += part
    ended = [record.message.span_id for record in told if record.signal == "traces" and record.message.end_time_unix_nano]
    assert len(set(ended)) == len(ended) > 100


def test_what_lasts_is_announced_only_while_it_lasts() -> None:
    """The past has no pending spans but of what goes on; live ones are pending until they end."""
    day = Day(3, NOW_NS - HOUR_NS // 6, NOW_NS, 20)
    assert not [record for record in day.until(NOW_NS) if record.stale_ns is not None and record.stale_ns <= NOW_NS]
    live = [record.message for second in range(1, 60) for record in day.until(NOW_NS + second * 10**9) if record.signal == "traces"]
    pending = [span.span_id for span in live if pairs(span.attributes).get("spyglass.pending")]
    assert pending
    assert set(pending) & {span.span_id for span in live if span.end_time_unix_nano}


def test_every_span_lies_within_its_parent() -> None:
    """And has one, unless it is the root of its trace."""
    known = {span.span_id: span for span in spans() if span.end_time_unix_nano}
    roots = Counter(span.trace_id for span in known.values() if not span.parent_span_id)
    assert set(roots.values()) == {1}
    for span in known.values():
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        if above := known.get(span.parent_span_id):
            assert above.trace_id == span.trace_id
            assert above.start_time_unix_nano <= span.start_time_unix_nano
            assert span.end_time_unix_nano <= above.end_time_unix_nano


def test_there_is_something_of_everything() -> None:
    """Agents, models of several providers, tools that fail, retries, retrieval, guardrails, judges, MCP, errors, events, metrics."""
    attributes = [pairs(span.attributes) for span in spans()]
    operations = Counter(told.get("gen_ai.operation.name") for told in attributes)
    assert {"invoke_workflow", "invoke_agent", "chat", "execute_tool", "retrieval", "embeddings"} <= operations.keys()
    assert {told.get("gen_ai.provider.name") for told in attributes} >= {"openai", "anthropic", "gcp.gemini"}
    assert {told.get("error.type") for told in attributes} >= {"RateLimitError", "TimeoutError", "CommandFailed", "BudgetExceeded"}
    assert {told.get("openinference.span.kind") for told in attributes} >= {"GUARDRAIL", "EVALUATOR"}
    assert any(told.get("mcp.method.name") == "tools/call" for told in attributes)
    for name in ("cache_read.input_tokens", "cache_write.input_tokens", "reasoning.output_tokens"):
        assert any(told.get(f"gen_ai.usage.{name}", 0) > 0 for told in attributes)
    assert {record.message.event_name for record in past() if record.signal == "logs"} >= {"gen_ai.evaluation.result", "gen_ai.client.operation.exception", ""}
    metrics = {record.message.name for record in past() if record.signal == "metrics"}
    assert metrics == {"gen_ai.client.token.usage", "gen_ai.client.operation.duration", "support.queue.length"}


def test_conversations_go_on_over_several_traces() -> None:
    """The same session, and each turn knows all that was said before."""
    sessions: dict[str, dict[bytes, Any]] = {}
    for span in spans():
        told = pairs(span.attributes)
        if span.name == "invoke_agent front desk":
            sessions.setdefault(told["gen_ai.conversation.id"], {})[span.trace_id] = told
    longest = max(sessions.values(), key=len)
    assert len(longest) >= 2
    calls = [pairs(span.attributes) for span in spans() if span.trace_id in longest and span.name == "chat gpt-4.1-mini"]
    sizes = [len(orjson.loads(told["gen_ai.input.messages"])) for told in calls if told.get("gen_ai.agent.name") == "front desk"]
    assert sizes[-1] > sizes[0]


def test_one_agent_burns_money_and_one_trace_is_long() -> None:
    """Both are named, so that they can be looked at."""
    day = Day(1, NOW_NS - HOUR_NS, NOW_NS, 1)
    told = list(day.until(NOW_NS))
    sizes = Counter(record.message.trace_id.hex() for record in told if record.signal == "traces")
    by_name = {sight.what.split(":")[0]: sizes[sight.trace_id] for sight in day.sights}
    assert by_name["a long trace"] > 400
    assert by_name["an agent that runs in circles and burns money"] > 60


def test_the_past_has_busy_and_quiet_hours() -> None:
    """Early in the morning there is little to do."""
    begins = Counter((span.start_time_unix_nano - NOW_NS + HOUR_NS) // (HOUR_NS // 4) for span in spans() if not span.parent_span_id)
    assert begins[1] > 2 * begins[0]


def test_metrics_tell_each_minute_once() -> None:
    """Delta histograms that touch each other, with counts that fit their buckets."""
    points = [
        (record.service.name, record.message.name, str(pairs(point.attributes)), point)
        for record in past()
        if record.signal == "metrics" and record.message.WhichOneof("data") == "histogram"
        for point in record.message.histogram.data_points
    ]
    assert all(sum(point.bucket_counts) == point.count for *_, point in points)
    series = sorted((*key, point.start_time_unix_nano, point.time_unix_nano) for *key, point in points)
    assert all(before[4] <= after[3] for before, after in pairwise(series) if before[:3] == after[:3])


def test_pieces_hold_everything_in_few_requests() -> None:
    """Resource and scope are said once per piece."""
    made = list(pieces(past(), most=500))
    assert sum(piece.records for piece in made) == len(past())
    assert all(piece.records <= 500 for piece in made)
    assert len(made) < len(past()) / 400 + 4
