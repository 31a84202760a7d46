# ruff: noqa: ARG001, ARG002 - fixtures that are only there, and functions that are only called
import asyncio
import csv
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass_sdk import (
    AIAgentMonitor,
    EventEmitter,
    MetricsRegistry,
    PerformanceMonitor,
    TelemetryCollector,
    WebhookExporter,
    business_metric,
    get_logger,
    observation,
    quick_register_agent,
    score,
    send_logging,
    session_of,
    set_session,
    span_of,
    task_completion,
    timed_operation,
    user_satisfaction,
)
from spyglass_sdk.exporters import prometheus_text


def test_metrics_are_opentelemetrys(memory):
    """What is counted here is an OpenTelemetry metric, too."""
    registry = MetricsRegistry()
    registry.counter("t.count").add(2, color="red")
    registry.counter("t.count").add(-1)
    registry.gauge("t.gauge").set(3)
    registry.summary("t.summary").observe(1)
    assert [(point.value, dict(point.attributes)) for point in memory.points("t.count")] == [(2, {"color": "red"})]
    assert memory.points("t.gauge")[0].value == 3
    assert memory.points("t.summary")[0].count == 1


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=100))
def test_readings_tell_what_was_observed(values):
    """Count, sum and bounds are exact; buckets hold all values."""
    registry = MetricsRegistry()
    for value in values:
        registry.histogram("h").observe(value)
        registry.summary("s").observe(value)
    histogram, summary = registry.readings()
    assert (histogram.count, histogram.low, histogram.high) == (len(values), min(values), max(values))
    assert histogram.total == pytest.approx(sum(values))
    assert list(histogram.buckets.values()) == sorted(histogram.buckets.values())
    assert min(values) <= summary.quantiles[0.5] <= summary.quantiles[0.99] <= max(values)


def test_wrong_use_is_told_and_harmless(memory, caplog):
    """Another kind under one name, labels without end, numbers that are none."""
    registry = MetricsRegistry()
    registry.counter("n").add()
    registry.gauge("n").set(float("nan"))
    for number in range(1100):
        registry.counter("many").add(1, user=number)
    assert len(registry.readings()) == 1001
    assert "is a counter already" in caplog.text


def test_prometheus_text_is_escaped(memory):
    """Labels and names become what Prometheus reads."""
    registry = MetricsRegistry()
    registry.counter("a.b", description="x\ny").add(1, **{"l.1": 'q"\n'})
    registry.histogram("h").observe(0.3)
    text = prometheus_text(registry.readings())
    assert '# HELP a_b_total x\\ny\n# TYPE a_b_total counter\na_b_total{l_1="q\\"\\n"} 1\n' in text
    assert 'h_bucket{le="0.5"} 1\n' in text
    assert 'h_bucket{le="+Inf"} 1\nh_sum 0.29999999999999999\nh_count 1\n' in text


def test_collector_writes_files(memory, tmp_path):
    """JSON and CSV hold the executions; a formula is no formula."""
    collector = TelemetryCollector(most_records=2)
    for name in ("first", "=1+1", "plan"):
        collector.record_agent_execution("planner", name, duration_s=0.5, input_tokens=3, output_tokens=1, cost_usd=0.1, model="m")
    collector.record_agent_execution("planner", "bad", duration_s=1, error=ValueError("x"))
    assert collector.export_to_file(tmp_path / "new" / "a.json")
    assert collector.export_to_file(tmp_path / "a.csv")
    assert not collector.export_to_file(tmp_path / "a.xls")
    told = json.loads((tmp_path / "new" / "a.json").read_text())
    assert [one["operation"] for one in told["executions"]] == ["plan", "bad"]
    assert {one["name"] for one in told["metrics"]} >= {"spyglass.tokens", "spyglass.cost", "spyglass.agent.executions"}
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert [row["error_type"] for row in rows] == ["", "ValueError"]
    assert [name for name, _ in memory.events] == ["agent.execution"] * 4


def test_what_the_collector_records_is_a_run_of_the_agent(memory):
    """With the call that its tokens were spent in; a failed one says why."""
    collector = TelemetryCollector()
    collector.record_agent_execution("planner", "plan", duration_s=2, model="gpt-5", input_tokens=3, output_tokens=1, cost_usd=0.1)
    collector.record_agent_execution("planner", "plan", duration_s=1, error=ValueError("no boat"))
    call, run, failed = memory.spans
    assert (run.name, run.attributes["gen_ai.agent.name"], run.end_time - run.start_time) == ("invoke_agent planner plan", "planner", 2 * 10**9)
    assert (call.name, call.parent.span_id, call.attributes["gen_ai.usage.input_tokens"], call.attributes["gen_ai.usage.cost"]) == (
        "chat gpt-5",
        run.context.span_id,
        3,
        0.1,
    )
    assert (failed.attributes["error.type"], failed.status.description) == ("ValueError", "no boat")


def test_collector_exports_until_it_stops(memory):
    """The last state is exported when it stops; an exporter that raises is told and left behind."""
    seen = []

    class Kept:
        def export(self, records, readings):
            seen.append(len(records))
            raise RuntimeError("no")

    with TelemetryCollector([Kept()], interval_s=100) as collector:
        collector.record_agent_execution("a", "b", duration_s=1)
    assert seen == [1]
    collector.stop()


def test_webhook(memory):
    """The document is posted; a refusal is said."""
    bodies, statuses = [], [204, 500]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append((self.headers["x-key"], json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(statuses.pop(0))
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=lambda: [server.handle_request() for _ in range(2)])
        thread.start()
        exporter = WebhookExporter(f"http://127.0.0.1:{server.server_port}/hook", {"x-key": "k"})
        taken = [exporter.export([{"agent": "a"}], []) for _ in range(2)]
        thread.join()
    assert taken == [True, False]
    assert bodies[0] == ("k", {"executions": [{"agent": "a"}], "metrics": []})


async def test_emitter_calls_handlers(memory):
    """In order, all of them, coroutines too; what one raises the others do not feel."""
    emitter, seen = EventEmitter(), []

    async def later(event):
        seen.append(("later", event.name))

    emitter.on("x", lambda event: seen.append(("first", event.data["n"])))
    emitter.on("x", lambda _: 1 / 0)
    end = emitter.on("*", later)
    emitter.emit("x", {"n": 1})
    end()
    emitter.emit("y")
    await asyncio.sleep(0)
    assert seen == [("first", 1), ("later", "x")]
    assert [name for name, _ in memory.events] == ["x", "y"]


def test_performance_is_looked_at(memory):
    """Memory and disk of this machine, as gauges."""
    registry = MetricsRegistry()
    monitor = PerformanceMonitor(registry=registry)
    assert monitor.look().memory_bytes > 2**20
    monitor.look()
    with monitor:
        pass
    assert {reading.name for reading in registry.readings()} >= {"process.memory.usage", "process.cpu.utilization", "system.filesystem.utilization"}


def test_handlers_that_are_coroutines_run_in_a_program_without_a_loop(memory):
    """In a thread of ours; one that raises harms nobody."""
    emitter, seen = EventEmitter(), threading.Event()

    async def fails(event):
        raise ValueError(event.name)

    async def later(event):
        await asyncio.sleep(0)
        seen.set()

    emitter.on("x", fails)
    emitter.on("x", later)
    emitter.emit("x")
    assert seen.wait(10)


def test_a_score_of_nothing_is_refused(memory):
    """Nothing runs, and no session is set; with a session it is about that."""
    assert not score(None, "a", 1)
    with set_session("s-1"):
        assert score(None, "a", 1)


async def test_timed_operation(memory):
    """Blocks and functions, good and bad."""
    registry = MetricsRegistry()

    @timed_operation("op", registry=registry)
    def recursive(left: int) -> None:
        if left:
            recursive(left - 1)

    recursive(2)
    with pytest.raises(ValueError, match="x"):
        async with timed_operation("op", registry=registry):
            raise ValueError("x")
    assert {reading.labels["outcome"]: reading.count for reading in registry.readings()} == {"ok": 3, "error": 1}


def test_logs_know_their_span(memory):
    """Fields, failures and Python's logging, tied to the trace."""
    handler = send_logging(logging.INFO, logging.getLogger("app"))
    with observation("x") as step:
        get_logger("app", a=1).bind(b=[1]).error("no", ValueError("v"), c=2)
        logging.getLogger("app").error("late by %d", 5, extra={"d": 3})
    logging.getLogger("app").removeHandler(handler)
    assert {format(record.span_id, "016x") for record in memory.records} == {step.span_id}
    first, second = (dict(record.attributes) for record in memory.records)
    assert (first["a"], first["b"], first["c"], first["exception.type"]) == (1, "[1]", 2, "ValueError")
    assert (memory.records[1].body, second["d"]) == ("late by 5", 3)


def test_scores_go_where_they_belong(memory):
    """Trace, span, session; numbers, yes and no, words."""
    with observation("x") as step:
        assert score(None, "a", 0.5, "why")
    assert score(step, "b", True)
    assert score(span_of("ab" * 16, "cd" * 8), "c", "good")
    with set_session("mine"):
        assert score(session_of("s"), "d", 1)
    assert score("ab" * 16, "e", 0)
    assert not score("no id", "f", 1)
    told = {attributes["gen_ai.evaluation.name"]: (attributes, record) for (_, attributes), record in zip(memory.events, memory.records, strict=True)}
    assert format(told["a"][1].span_id, "016x") == format(told["b"][1].span_id, "016x") == step.span_id
    assert told["b"][0]["gen_ai.evaluation.score.label"] == "pass"
    assert (format(told["c"][1].trace_id, "032x"), told["c"][0]["gen_ai.evaluation.score.label"]) == ("ab" * 16, "good")
    assert (told["d"][0]["session.id"], told["d"][1].trace_id) == ("s", 0)
    assert (format(told["e"][1].trace_id, "032x"), told["e"][1].span_id) == ("ab" * 16, 0)


def test_kinds_of_feedback(memory):
    """Satisfaction is told from 0 to 1; completion as yes, no or part of it."""
    user_satisfaction("ab" * 16, 4, best=5)
    task_completion("ab" * 16, 0.5)
    business_metric("ab" * 16, "revenue", 12.5, "EUR")
    values = [(told["gen_ai.evaluation.name"], told["gen_ai.evaluation.score.value"], told.get("gen_ai.evaluation.score.label")) for _, told in memory.events]
    assert values == [("user_satisfaction", 0.8, "good"), ("task_completion", 0.5, "partial"), ("revenue", 12.5, None)]
    assert not user_satisfaction("ab" * 16, "very")  # type: ignore[arg-type]


async def test_monitor_counts_requests(memory):
    """Good ones, bad ones, tokens; each is a span of its agent."""
    async with AIAgentMonitor("p-1", "gpt-5", "planner") as monitor:
        async with monitor.track_request(input_tokens=5) as request:
            request.complete("hi", output_tokens=2)
        with pytest.raises(TimeoutError):
            async with monitor.track_request(input_tokens=1):
                raise TimeoutError
    assert (monitor.metrics.requests, monitor.metrics.errors, monitor.metrics.input_tokens, monitor.metrics.active_requests) == (2, 1, 6, 0)
    assert [dict(span.attributes)["gen_ai.agent.id"] for span in memory.spans] == ["p-1", "p-1"]
    assert memory.spans[0].attributes["gen_ai.usage.output_tokens"] == 2
    assert quick_register_agent("p-2", owner="me", tools=["a"])
    assert memory.events[-1][1]["spyglass.agent.owner"] == "me"
