"""Promises about agents' spans that tell of a run which the execution around them tells already."""

from __future__ import annotations

import pytest

from spyglass.model.batch import Batch
from spyglass.model.schema import CANONICAL, Kind
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.testing import rows

normalise = Normaliser(Dialects.load())

WITHIN = ("spyglass.execution.within", "planner")
AGENT = ("gen_ai.operation.name", "invoke_agent")


def kind(*told: tuple[str, str], name: str = "work") -> str:
    """Of a span that tells this, in a batch with another that tells nothing."""
    table = rows.spans(2, attributes=[[], list(told)], attribute_types=["", "s" * len(told)], name=name)
    return str(normalise(Batch(Kind.SPAN, table.drop_columns([name for name, _ in CANONICAL]))).rows["kind"][1].as_py())


@pytest.mark.parametrize("name", ["work", "planner"])
def test_the_same_agent_directly_in_its_run_is_part_of_it(name: str) -> None:
    """Where the span has no other name of the agent, its own name is one."""
    named = [("gen_ai.agent.name", "planner")] if name == "work" else []
    assert kind(AGENT, WITHIN, *named, name=name) == "chain"


def test_an_agent_without_a_name_directly_in_a_run_is_part_of_it() -> None:
    """It names no other agent, and the service's name, which it would have elsewhere, is no agent's then."""
    assert kind(AGENT, WITHIN, name="agent run") == "chain"


@pytest.mark.parametrize("told", [[("gen_ai.agent.name", "writer")], [("gen_ai.agent.name", "planner"), ("spyglass.execution.operation", "plan")]])
def test_other_agents_and_executions_are_runs(told: list[tuple[str, str]]) -> None:
    """Whatever they stand in."""
    assert kind(AGENT, WITHIN, *told) == "agent"


def test_without_an_execution_around_it_an_agent_is_a_run() -> None:
    """And what is no agent stays what it is."""
    assert kind(AGENT, ("gen_ai.agent.name", "planner")) == "agent"
    assert kind(("gen_ai.operation.name", "execute_tool"), WITHIN) == "tool"
