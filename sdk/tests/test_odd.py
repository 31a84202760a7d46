"""What hosts hand in that nobody expects, and functions that do their work later: nothing raises, and what was begun ends."""

import asyncio

import pytest

from spyglass_sdk import (
    AgentMetrics,
    AIAgentMonitor,
    EventEmitter,
    MetricsRegistry,
    emit,
    execution,
    observation,
    set_session,
    set_tags,
    timed_operation,
    traced_operation,
    track_execution,
    who,
)
from spyglass_sdk.content import shape, text_of

HUGE = 10**5000  # Python refuses to write it out


class Wordless(Exception):
    """Its `__str__` is broken, as that of half made exceptions is."""

    def __str__(self) -> str:
        raise AttributeError("detail")


class Changing(dict):
    """As one that another thread changes meanwhile."""

    def items(self):  # noqa: D102 - a dict's
        raise RuntimeError("dictionary changed size during iteration")


ODD = {"number": HUGE, "below": {"a": [HUGE]}, "changing": Changing(a=1), "wordless": Wordless()}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_what_cannot_be_told_is_said_by_its_type(value):
    """The rest is there."""
    text, was_cut = text_of({"before": 1, "odd": value, "after": 2}, 1000)
    assert '"before": 1' in text
    assert '"after": 2' in text
    assert was_cut
    assert shape(value)


def test_a_text_is_what_it_holds():
    """Whatever its class says of it."""
    loud = type("Loud", (str,), {"__str__": lambda _: 1 / 0, "__len__": lambda _: 1 / 0})
    assert text_of(loud("quiet"), 100) == ("quiet", False)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_run_ends_whatever_came_of_it(odd, memory):
    """Else it would be taken for one that goes on."""
    assert execution("a", "b", input=odd, metadata={"x": odd}).complete(odd)
    assert execution("a", "b").cancel(odd)
    with pytest.raises(Wordless), execution("a", "b"):
        raise Wordless
    assert [name for name, _ in memory.events].count("execution.end") == 3
    assert len(memory.spans) == 3


def test_arguments_that_are_not_known_are_told(memory, caplog):
    """The run is there without them."""
    with execution("a", "b", colour="red", task_id=7) as run:
        assert run.steps == 0
    assert memory.events[-1][1]["spyglass.task.id"] == "7"
    assert "colour" in caplog.text


def test_attributes_of_any_kind_are_told(only):
    """Those that OpenTelemetry does not know as JSON, endless ones too."""
    with traced_operation("sort", data={"a": [1]}, endless=range(10**12), huge=HUGE) as work:
        work.usage(input_tokens=range(10**12))
    told = only().attributes
    assert (told["data"], told["endless"], told["huge"]) == ('{"a": [1]}', '"range(0, 1000000000000)"', '"<int of 16610 bits>"')
    assert "gen_ai.usage.input_tokens" not in told


def test_half_a_pair_of_surrogates_loses_no_record(only, memory):
    """As a name it is written so that it can be sent."""
    with set_session("s\ud800"), observation("a\ud800"):
        emit("b\ud800", {"c": "\ud800"})
        str(who()["session.id"]).encode()
    only().name.encode()
    (record,) = memory.records
    record.event_name.encode()


def test_tags_of_any_kind():
    """What is no text becomes one."""
    with set_tags("a", 5, ["b"], Wordless()):  # type: ignore[arg-type]
        assert who()["tag.tags"] == ("a", "5", "['b']", "<Wordless>")


def test_figures_that_are_none_are_not_told():
    """A label is bounded, because it is sent with every collection from then on."""
    registry = MetricsRegistry()
    registry.counter("c").add("many")  # type: ignore[arg-type]
    registry.counter("c").add(-1)
    registry.gauge("g").set(1, text="\ud800" + "x" * 10_000_000)
    (reading,) = registry.readings()
    assert len(reading.labels["text"].encode()) <= 1024


def test_an_event_with_no_mapping_is_told_without(memory):
    """Its handlers are called."""
    seen = []
    emitter = EventEmitter()
    emitter.on("a", seen.append)
    emitter.emit("a", 5)  # type: ignore[arg-type]
    assert [dict(event.data) for event in seen] == [{}]
    assert [name for name, _ in memory.events] == ["a"]


@pytest.mark.usefixtures("memory")
def test_figures_of_an_agent_that_raise_harm_nobody():
    """The block's own exception is the one that is raised."""

    class Broken(AgentMetrics):
        def values(self) -> dict[str, float]:
            raise RuntimeError("mine")

    with pytest.raises(KeyError), AIAgentMonitor("p", metrics=Broken()) as monitor, monitor.track_request():
        raise KeyError("host")
    assert "agent.id" not in who()


def test_a_run_lasts_as_long_as_its_generator(memory):
    """From the first item until the last; its consumer is not within it."""

    @track_execution("planner", "plan")
    def plan(goal: str):
        with observation("within"):
            yield goal
        yield "!"

    items = plan("islands")
    assert next(items) == "islands"
    with observation("elsewhere"):
        assert [name for name, _ in memory.events] == ["execution.start"]
    assert list(items) == ["!"]
    assert memory.events[-1][1]["output.value"] == "islands!"
    parents = {span.name: span.parent and span.parent.span_id for span in memory.spans}
    run = next(span for span in memory.spans if span.name == "invoke_agent planner plan")
    assert (parents["within"], parents["elsewhere"]) == (run.context.span_id, None)


@pytest.mark.parametrize("plain", [False, True])
async def test_a_run_lasts_as_long_as_its_asynchronous_generator(plain, memory):
    """Nobody who wants more ends it well, an error does not."""

    async def plan():
        yield "one"
        await asyncio.sleep(0)
        raise ValueError("no boat")

    def plainly():
        return plan()

    tracked = track_execution("planner", "plan")(plainly if plain else plan)
    first = tracked()
    assert await anext(first) == "one"
    await first.aclose()
    with pytest.raises(ValueError, match="no boat"):
        [item async for item in tracked()]
    ends = [told["spyglass.execution.status"] for name, told in memory.events if name == "execution.end"]
    assert ends == ["ok", "error"]


async def test_timed_functions_are_timed_until_they_are_done():
    """Coroutines, generators of both kinds, and plain functions."""
    registry = MetricsRegistry()
    timed = timed_operation("op", registry=registry)

    @timed
    async def coroutine() -> int:
        assert not registry.readings()
        await asyncio.sleep(0.02)
        return 1

    @timed
    def generator():
        yield from (1, 2)
        assert registry.readings()[0].count == 1

    @timed
    async def asynchronous():
        yield 1
        raise ValueError("x")

    assert await coroutine() == 1
    assert registry.readings()[0].value >= 0.02
    assert list(generator()) == [1, 2]
    with pytest.raises(ValueError, match="x"):
        [item async for item in asynchronous()]
    assert {reading.labels["outcome"]: reading.count for reading in registry.readings()} == {"ok": 2, "error": 1}


def test_a_traced_function_is_a_span_each_time(memory):
    """As with a block."""

    @traced_operation("sort", kind="chain", size=3)
    def sort(items: list[int]) -> list[int]:
        return sorted(items)

    assert (sort([2, 1]), sort([1])) == ([1, 2], [1])
    assert [(span.name, span.attributes["size"]) for span in memory.spans] == [("sort", 3)] * 2
