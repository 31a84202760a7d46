# ruff: noqa: ARG001 - fixtures that are only there, and functions that are only called
import asyncio
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry import trace

from spyglass_sdk import bind, continue_from, environment, inject, inject_a2a, inject_mcp, observation, set_agent, set_session, set_tags, set_user, who
from spyglass_sdk.executors import carry_into_executors

HERE = {"session.id": "s-1", "gen_ai.conversation.id": "s-1", "user.id": "ü 1", "tag.tags": ("a,b", "c")}


@pytest.fixture
def somebody(memory):
    """A session, a user, tags, and a span that runs."""
    with set_session("s-1"), set_user("ü 1"), set_tags("a,b"), set_tags("c"), observation("outer") as outer:
        yield outer


def _seen() -> tuple[dict, str]:
    return who(), format(trace.get_current_span().get_span_context().trace_id, "032x")


def test_ends_with_its_block(memory):
    """Outside of the block nothing of it is left."""
    with set_agent("planner", "p-1", "2"):
        assert who() == {"gen_ai.agent.name": "planner", "gen_ai.agent.id": "p-1", "gen_ai.agent.version": "2"}
    assert who() == {}


def test_thread_pool(somebody):
    """Tasks of a pool go on with who submitted them, and leave nothing behind in its threads."""
    carry_into_executors()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(_seen).result() == (HERE, somebody.trace_id)
        assert threading.Thread(target=somebody.end) is not None
        free = pool.submit(lambda: None)
        assert free.result() is None


async def test_asyncio(memory):
    """Tasks have their own; what one sets the other does not see."""

    async def one(name: str) -> dict:
        set_session(name)
        await asyncio.sleep(0)
        return who()

    first, second = await asyncio.gather(one("a"), one("b"))
    assert (first["session.id"], second["session.id"]) == ("a", "b")


def test_bound_function_runs_anywhere(somebody):
    """In a thread, and pickled as for another process."""
    found = []
    thread = threading.Thread(target=bind(lambda: found.append(_seen())))
    thread.start()
    thread.join()
    assert found == [(HERE, somebody.trace_id)]
    assert pickle.loads(pickle.dumps(bind(_seen)))() == (HERE, somebody.trace_id)


@pytest.mark.parametrize(
    "carry",
    [
        lambda: inject({}),
        lambda: {name.title(): value for name, value in inject({}).items()},
        lambda: environment({}),
        lambda: inject_mcp({"name": "search"}),
        lambda: {"method": "tools/call", "params": inject_mcp({"name": "search", "_meta": {"progressToken": 1}})},
        lambda: {"params": {"message": inject_a2a({"role": "user"})}},
    ],
)
def test_carriers(carry, somebody):
    """HTTP headers, the environment of a process, MCP `_meta` and A2A metadata carry the same."""
    carrier = carry()
    before = somebody.trace_id
    somebody.detach()
    with set_session("other"), continue_from(carrier):
        assert _seen() == (HERE, before)
    assert who()["session.id"] == "s-1"


def test_nothing_to_carry_on(memory):
    """A carrier of somebody who does not trace changes nothing."""
    with set_session("mine"), continue_from({"params": {"name": "x"}}), continue_from(None), continue_from(object()):
        assert who()["session.id"] == "mine"


def test_child_process_goes_on(receiver, program):
    """Init takes up what the parent gave; spans of any instrumentation tell the session."""
    with set_session("s-9"):
        given = {name: value for name, value in environment({}).items() if name in ("TRACEPARENT", "BAGGAGE")}
    given["TRACEPARENT"] = f"00-{'a' * 32}-{'b' * 16}-01"
    program(
        f"import spyglass_sdk\nspyglass_sdk.init({receiver.url!r})\nfrom opentelemetry import trace\ntrace.get_tracer('x').start_span('child').end()", **given
    )
    ((_, span),) = receiver._spans()
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == ("a" * 32, "b" * 16)
    assert {"session.id": "s-9"}.items() <= {one.key: one.value.string_value for one in span.attributes}.items()
    assert "TRACEPARENT" not in os.environ
