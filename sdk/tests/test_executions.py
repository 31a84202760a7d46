import asyncio
import contextlib

import pytest
from opentelemetry import trace

from spyglass_sdk import (
    complete_agent_execution,
    create_agent_execution,
    execution,
    fail_agent_execution,
    observation,
    record_execution_step,
    set_session,
    settings,
    start_agent_execution,
    track_execution,
)


def names(memory) -> list[str]:
    return [name for name, _ in memory.events]


def test_life_of_a_run(memory):
    """Start, steps and end carry one id, and the run's trace."""
    with execution("planner", "plan", input={"goal": "x"}, metadata={"k": 1}, task_id="t", user_id="u", session_id="s") as run:
        run.step("think", {"a": 1}).step("act", status="error")
        run.complete("done")
    assert names(memory) == ["execution.start", "execution.step", "execution.step", "execution.end"]
    assert {told["spyglass.execution.id"] for _, told in memory.events} == {run.execution_id}
    assert {format(record.trace_id, "032x") for record in memory.records} == {run.work.trace_id}
    start, first, _, end = (told for _, told in memory.events)
    assert (start["gen_ai.agent.name"], start["gen_ai.operation.name"], start["input.value"]) == ("planner", "plan", '{"goal": "x"}')
    assert (first["spyglass.execution.step"], first["spyglass.execution.step_number"]) == ("think", 1)
    assert (end["output.value"], end["spyglass.execution.status"], end["spyglass.execution.steps"]) == ("done", "ok", 2)
    assert end["spyglass.cpu.time_s"] >= 0


def test_it_ends_once(memory, caplog):
    """The second end is refused, said, and not told to the server."""
    run = start_agent_execution("a", "b")
    assert complete_agent_execution(run)
    assert not fail_agent_execution(run, "too late")
    assert not record_execution_step("unknown", "x")
    with execution("a", "b") as other:
        other.complete()
        assert not other.fail("no")
    assert names(memory).count("execution.end") == 2
    assert "ended before" in caplog.text


def test_failure_is_told_and_raised(memory):
    """The block's own exception ends the run."""
    with pytest.raises(KeyError), execution("a", "b"):
        raise KeyError("x")
    (end,) = [told for name, told in memory.events if name == "execution.end"]
    assert (end["error.type"], end["spyglass.execution.status"]) == ("KeyError", "error")
    assert memory.records[-1].severity_number.value == 17
    assert memory.spans[-1].status.status_code is trace.StatusCode.ERROR


def test_runs_in_runs_know_their_parent(memory):
    """Spans and runs within a run hang below it."""
    with execution("a", "outer") as outer, execution("a", "inner"), observation("work"):
        pass
    told = {told["gen_ai.operation.name"]: told for name, told in memory.events if name == "execution.start"}
    assert told["inner"]["spyglass.execution.parent_id"] == outer.execution_id
    assert len({span.context.trace_id for span in memory.spans}) == 1


async def test_doors_of_track_execution(memory):
    """Around a call, as a decorator, sync and async; answers are untouched."""

    @track_execution("a", "decorated")
    async def later(value: int) -> int:
        await asyncio.sleep(0)
        return value

    assert await later(3) == 3
    assert track_execution("a", "called", lambda: 4, {"k": 1}, session_id="s") == 4
    assert await track_execution("a", "awaited", lambda: later(5)) == 5
    outputs = [told["output.value"] for name, told in memory.events if name == "execution.end"]
    assert outputs == ["3", "4", "5", "5"]


async def test_cancelled_is_no_failure(memory):
    """What is called off is told as that."""

    @track_execution("a", "b")
    async def forever() -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(forever())
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert memory.events[-1][1]["spyglass.execution.status"] == "cancelled"


def test_memory_is_tracked_where_wanted(memory):
    """Resident memory at the end and at the beginning, in bytes."""
    settings.use(settings.Recording(track_memory=True, capture="off"))
    with execution("a", "b", input="secret"):
        pass
    end = memory.events[-1][1]
    assert end["spyglass.memory.now_bytes"] > 2**20
    assert "secret" not in str(memory.events)


def test_session_is_that_of_the_caller(memory):
    """A run without a session of its own belongs to the session around it; the ids of a run are not left behind."""
    with set_session("outer"):
        start_agent_execution("a", "b", session_id="own")
        with observation("after"):
            pass
    assert memory.spans[-1].name == "after"


def test_nothing_raises(memory):
    """Whatever is handed in, the host goes on."""
    bad = type("Bad", (), {"__repr__": lambda _: 1 / 0, "__str__": lambda _: 1 / 0})()
    with execution("a", "b", input=bad, metadata={"x": bad}, user_id=bad) as run:  # type: ignore[arg-type]
        run.step("x", bad)
    assert not fail_agent_execution(bad, "x")
    assert "execution.end" in names(memory)


def test_waiting_is_told_until_it_is_over(memory):
    """With what for, and in the beats meanwhile; a block ends it, and what did not wait does not resume."""
    with execution("a", "b") as run:
        run.resumed()
        with run.waiting("approval"):
            run.beat(10.0)
        run.beat()
    assert names(memory) == ["execution.start", "execution.waiting", "execution.heartbeat", "execution.resumed", "execution.heartbeat", "execution.end"]
    told = [told for _, told in memory.events]
    assert [one.get("spyglass.execution.waiting_for") for one in told[1:5]] == ["approval", "approval", None, None]
    assert told[2]["spyglass.heartbeat.interval_s"] == 10.0


def test_a_run_may_be_created_before_it_starts(memory):
    """Under the same id, and for the same session."""
    made = create_agent_execution("a", "b", input={"goal": 1}, task_id="t", session_id="s")
    assert complete_agent_execution(start_agent_execution("a", "b", execution_id=made))
    assert names(memory) == ["execution.created", "execution.start", "execution.end"]
    assert {told["spyglass.execution.id"] for _, told in memory.events} == {made}
    assert memory.events[0][1]["input.value"] == '{"goal": 1}'
