# ruff: noqa: ARG001 - fixtures that are only there, and functions that are only called
import asyncio
import inspect
import json

import pytest
from opentelemetry import trace

from spyglass_sdk import current, observation, observe
from spyglass_sdk.kinds import KINDS


def test_function_is_told_with_what_went_in_and_came_out(memory, only):
    """Names are those of the GenAI conventions; the answer is untouched."""

    @observe(kind="tool")
    def search(query: str, limit: int = 3) -> list[str]:
        """Search."""
        return [query] * limit

    assert search("boats", limit=2) == ["boats", "boats"]
    assert (search.__name__, search.__doc__) == ("search", "Search.")
    span = only()
    assert span.name == "execute_tool search"
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": '{"query": "boats", "limit": 2}',
        "gen_ai.tool.call.result": '["boats", "boats"]',
    }


async def test_coroutine_function_stays_one(memory, only):
    """Its span lasts until it is awaited to its end, and children hang below it."""

    @observe(kind="agent", name="planner")
    async def plan(goal: str) -> str:
        with observation("inner"):
            await asyncio.sleep(0)
        return "done"

    assert inspect.iscoroutinefunction(plan)
    assert await plan("a trip") == "done"
    inner, outer = memory.spans
    assert inner.parent.span_id == outer.context.span_id
    assert "a trip" in outer.attributes["gen_ai.input.messages"]
    assert json.loads(outer.attributes["gen_ai.output.messages"])[0]["role"] == "assistant"


def test_error_is_told_and_raised(memory, only):
    """The host sees its own exception."""

    @observe
    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    span = only()
    assert (span.status.status_code, span.status.description, span.attributes["error.type"]) == (trace.StatusCode.ERROR, "broken", "ValueError")
    assert span.events[0].name == "exception"


def test_generator_works_in_its_span_and_its_consumer_does_not(memory, only):
    """The context holds only while the generator runs."""

    @observe(kind="llm", model="m")
    def tokens(prompt: str):
        assert trace.get_current_span().get_span_context().is_valid
        got = yield "a"
        yield got

    assert inspect.isgeneratorfunction(tokens)
    running = tokens("go")
    assert next(running) == "a"
    assert not trace.get_current_span().get_span_context().is_valid
    assert running.send("b") == "b"
    assert list(running) == []
    span = only()
    assert json.loads(span.attributes["gen_ai.output.messages"])[0]["parts"][0]["content"] == "ab"
    assert span.attributes["gen_ai.response.time_to_first_chunk"] >= 0


def test_generator_is_closed_and_thrown_into_as_before(memory):
    """What a consumer does to a generator reaches it."""
    seen = []

    @observe
    def steps():
        try:
            yield 1
        except KeyError:
            seen.append("thrown")
        try:
            yield 2
        finally:
            seen.append("closed")

    running = steps()
    next(running)
    assert running.throw(KeyError()) == 2
    running.close()
    assert seen == ["thrown", "closed"]
    assert len(memory.spans) == 1


async def test_async_generator(memory, only):
    """The same, asynchronously; breaking off is no error."""

    @observe(kind="llm", model="m")
    async def tokens(prompt: str):
        for one in "abc":
            await asyncio.sleep(0)
            yield one

    assert inspect.isasyncgenfunction(tokens)
    running = tokens("go")
    assert [one async for one in running] == ["a", "b", "c"]
    broken = tokens("go")
    assert await anext(broken) == "a"
    await broken.aclose()
    whole, part = memory.spans
    assert '"abc"' in whole.attributes["gen_ai.output.messages"]
    assert part.status.status_code is trace.StatusCode.UNSET


def test_class(memory):
    """What starts work is of the kind given, the other public methods are steps, and classes stay what they are."""

    @observe(kind="agent")
    class Planner:
        def run(self, goal: str) -> str:
            return self.step(goal)

        def step(self, goal: str) -> str:
            return self._private(goal)

        def _private(self, goal: str) -> str:
            return self.tidy(goal)

        @staticmethod
        def tidy(text: str) -> str:
            return text.strip()

    assert isinstance(Planner(), Planner)
    assert Planner().run(" go ") == "go"
    assert [span.name for span in memory.spans] == ["Planner.tidy", "Planner.step", "invoke_agent Planner"]
    assert '" go "' in memory.spans[2].attributes["gen_ai.input.messages"]


def test_model_call_tells_tokens_and_model(memory, only):
    """An answer in the shape of the common clients is understood."""

    @observe(kind="llm", provider="openai")
    def ask(messages: list, model: str) -> dict:
        return {
            "id": "chatcmpl-1",
            "model": "gpt-5-2026",
            "choices": [{"message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}},
        }

    ask([{"role": "user", "content": "hello"}], model="gpt-5")
    told = only().attributes
    assert (only().name, told["gen_ai.request.model"], told["gen_ai.response.model"]) == ("chat gpt-5", "gpt-5", "gpt-5-2026")
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"], told["gen_ai.usage.cache_read.input_tokens"]) == (12, 3, 4)
    assert json.loads(told["gen_ai.input.messages"]) == [{"role": "user", "parts": [{"type": "text", "content": "hello"}]}]
    assert told["gen_ai.response.finish_reasons"] == ("stop",)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(kind, memory, only):
    """Each word that is offered makes a span."""
    with observation("x", kind=kind) as step:
        step.input({"a": 1}).output("b")
    assert "x" in only().name or only().attributes["gen_ai.operation.name"]


def test_current_adds_to_what_runs_here(memory, only):
    """The span may be anybody's."""
    with trace.get_tracer("other").start_as_current_span("theirs"):
        current().set(color="red", parts={"a": [1]}).usage(input_tokens=3).end()
        assert trace.get_current_span().is_recording()
    told = only().attributes
    assert (told["color"], told["parts"], told["gen_ai.usage.input_tokens"]) == ("red", '{"a": [1]}', 3)


def test_mistakes_are_told_and_nothing_raises(memory, caplog):
    """A word that is none leaves the function as it was."""

    @observe(kind="magician")
    def work() -> int:
        return 1

    assert work() == 1
    with observation("x", kind="magician") as step:
        step.usage(beans=3).input(1).output(2)
    assert "kind: expected one of" in caplog.text


def test_twice_is_once(memory, only):
    """A decorator applied twice makes one span."""
    observe(observe(lambda: None))()
    assert only()
