"""Promises about spans that stand directly in an execution: they say whose it is."""

from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Tracer

from spyglass_sdk.live import Live
from spyglass_sdk.processors import Spans

RUN = {"spyglass.execution.operation": "plan", "gen_ai.agent.name": "planner", "gen_ai.operation.name": "invoke_agent"}
OWN = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner"}
CHAIN = {"openinference.span.kind": "CHAIN"}
NAMELESS = {"openinference.span.kind": "AGENT"}
TOOL = {"gen_ai.operation.name": "execute_tool"}


@pytest.fixture
def tracer() -> Iterator[Tracer]:
    """A framework's, beside this SDK."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Spans(SimpleNamespace(put=lambda _: None), Live(0), lambda _: True))  # type: ignore[arg-type]
    yield provider.get_tracer("framework")
    provider.shutdown()


def within(tracer: Tracer, *told: dict[str, str], name: str = "work") -> str | None:
    """What the innermost of spans says, the others of which stand around it."""
    with ExitStack() as stack:
        spans = [stack.enter_context(tracer.start_as_current_span(name, attributes=attributes)) for attributes in told]
        return spans[-1].attributes.get("spyglass.execution.within")


@pytest.mark.parametrize("around", [(), (CHAIN,), (NAMELESS,), (CHAIN, NAMELESS, {**CHAIN, "gen_ai.agent.name": "planner"})])
def test_what_stands_directly_in_a_run_says_whose_it_is(tracer: Tracer, around: tuple[dict[str, str], ...]) -> None:
    """Also below what only wraps it: chains, workflows, agents without a name."""
    assert within(tracer, RUN, *around, OWN) == "planner"


@pytest.mark.parametrize("between", [OWN, TOOL, {}, {**CHAIN, **TOOL}, {"gen_ai.operation.name": "chat"}])
def test_an_agent_that_calls_itself_has_a_run_of_its_own(tracer: Tracer, between: dict[str, str]) -> None:
    """Through a tool, through a model, through what does not say what it is, and directly."""
    assert within(tracer, RUN, between, OWN) is None
    assert within(tracer, RUN, CHAIN, between, OWN) is None


def test_an_agent_is_known_by_the_name_of_its_span_too(tracer: Tracer) -> None:
    """Some frameworks tell no other at the start."""
    assert within(tracer, RUN, NAMELESS, OWN, name="planner") is None


def test_runs_say_nothing_and_neither_do_spans_outside_of_them(tracer: Tracer) -> None:
    """An execution within another is a run, whatever its agent's name."""
    assert within(tracer, RUN, RUN) is None
    assert within(tracer, OWN, CHAIN) is None


def test_the_sdk_s_own_doors_say_it(receiver, program) -> None:
    """A decorated agent in an execution of the same name, delivered."""
    program(
        """
        import spyglass_sdk
        from spyglass_sdk import observe, track_execution

        spyglass_sdk.init(instrument=False)
        track_execution("planner", "plan", observe(kind="agent", name="planner")(lambda: 1))
        assert spyglass_sdk.flush()
        """,
        SPYGLASS_ENDPOINT=receiver.url,
    )
    assert receiver.attributes("invoke_agent planner")["spyglass.execution.within"] == "planner"
