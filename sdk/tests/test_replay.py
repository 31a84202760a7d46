"""A replay gives an agent the answers that it got: its steps are the same, and nothing runs; past the point it is live. What has no answer is said."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyglass_sdk import Recording, ReplayError, bind, execution, observe, replay, track_execution
from spyglass_sdk import settings as sdk_settings

RAN: list[str] = []
CHANCE = random.Random(1)


class StormError(RuntimeError):
    """What a tool raises."""


@observe(kind="tool")
def search(query: str, limit: int = 3) -> dict:
    """Answer otherwise each time."""
    RAN.append("search")
    return {"query": query, "found": [CHANCE.random() for _ in range(limit)], "z": 1, "a": (1, 2)}


@observe(kind="tool")
def sail(where: str) -> str:
    """Fail half the time."""
    RAN.append("sail")
    if CHANCE.random() < 0.5:
        raise StormError(f"storm {CHANCE.random()}")
    return f"{where} {CHANCE.random()}"


@observe(kind="llm", model="m")
def talk(prompt: str):
    """Speak in parts."""
    RAN.append("talk")
    for _ in range(CHANCE.randrange(4)):
        yield f"{prompt}{CHANCE.random()}"
    return CHANCE.random()


@observe(kind="tool")
def plan(goal: str) -> str:
    """Use another tool."""
    RAN.append("plan")
    return str(search(goal, 1)) + "".join(talk(goal))


@observe(kind="tool")
async def wait(seconds: int) -> float:
    """Be slow."""
    RAN.append("wait")
    await asyncio.sleep(0)
    return seconds + CHANCE.random()


@observe(kind="llm", model="m")
async def whisper(prompt: str):
    """Speak in parts, slowly."""
    RAN.append("whisper")
    assert prompt
    for _ in range(CHANCE.randrange(3)):
        await asyncio.sleep(0)
        yield CHANCE.random()


async def _all(items) -> list:
    return [item async for item in items]


async def _both(first: int) -> list:
    return list(await asyncio.gather(wait(first), wait(first + 1), wait(first)))


def act(action: str, text: str) -> object:
    """One thing that an agent does."""
    match action:
        case "search":
            return search(text)
        case "sail":
            try:
                return sail(text)
            except StormError as error:
                return repr(error)
        case "talk":
            return list(talk(text))
        case "first":
            return next(talk(text), None)
        case "plan":
            return plan(text)
        case "gather":
            return asyncio.run(_both(len(text)))
        case _:
            return asyncio.run(_all(whisper(text)))


def agent(script: list[tuple[str, str]], **told) -> list[object]:
    """Do what a script says, and tell each as a step."""
    done = []
    with execution("sailor", "voyage", **told) as run:
        for action, text in script:
            done.append(act(action, text))
            run.step(action, done[-1])
        run.complete(done[-1] if done else None)
    return done


def steps(memory, execution_id: str) -> list[tuple[str, str]]:
    """Name and data of what an execution told."""
    told = [(name, told) for name, told in memory.events if told.get("spyglass.execution.id") == execution_id]
    return [(told["spyglass.execution.step"], told.get("input.value", "")) for name, told in told if name == "execution.step"]


def recorded(memory, execution_id: str) -> Recording:
    """What an execution was answered."""
    return Recording.of_events([(one.event_name, dict(one.attributes), one.body) for one in memory.records], execution_id)


def last_run(memory) -> str:
    """The execution that began last."""
    return [told["spyglass.execution.id"] for name, told in memory.events if name == "execution.start"][-1]


SCRIPTS = st.lists(st.tuples(st.sampled_from(["search", "sail", "talk", "first", "plan", "gather", "whisper"]), st.sampled_from("ab")), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCRIPTS)
def test_a_replay_has_the_same_steps(memory, script):
    """Whatever the agent does, although its tools answer by chance; and nothing of it runs. A replay of the replay, too."""
    memory.clear()
    done = agent(script, record=True)
    origin = last_run(memory)
    RAN.clear()
    for _ in range(2):
        recording = recorded(memory, origin)
        with replay(recording, then="recorded") as run:
            again = agent(script)
        assert (again, RAN) == (done, [])
        assert steps(memory, run.execution_id) == steps(memory, origin)
        assert recording.missing == 0
        origin = run.execution_id


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCRIPTS.filter(len), st.data())
def test_a_fork_is_live_after_its_step(memory, script, data):
    """Before it nothing runs, after it everything does."""
    memory.clear()
    done = agent(script, record=True)
    origin, ran = last_run(memory), len(RAN)
    point = data.draw(st.integers(0, len(script)))
    with replay(recorded(memory, origin), until_step=point, then="live") as run:
        again = agent(script)
    assert again[:point] == done[:point]
    expected = {"search": ["search"], "sail": ["sail"], "talk": ["talk"], "first": ["talk"], "plan": ["plan", "search", "talk"]}
    expected |= {"gather": ["wait"] * 3, "whisper": ["whisper"]}
    assert RAN[ran:] == list(itertools.chain.from_iterable(expected[action] for action, _ in script[point:]))
    (start,) = (told for name, told in memory.events if name == "execution.start" and told["spyglass.execution.id"] == run.execution_id)
    assert (start["spyglass.execution.forked_from"], start["spyglass.execution.forked_at_step"]) == (origin, point)


def test_equal_calls_get_their_answers_in_order(memory):
    """Also where some of them were made within another call, which does not run."""
    script = [("search", "a"), ("plan", "a"), ("search", "a"), ("search", "a")]
    done = agent(script, record=True)
    with replay(recorded(memory, last_run(memory))):
        assert agent(script) == done


def test_a_call_that_was_never_made_is_an_error(memory):
    """That says which, and what would have come; also when the agent catches it."""
    agent([("search", "a")], record=True)
    recording = recorded(memory, last_run(memory))

    def swallow() -> None:
        search("a", limit=3)
        with contextlib.suppress(ReplayError):
            sail("b")

    with (
        pytest.raises(
            ReplayError, match=r"tool 'search', step 0: no recorded call with these arguments is left \(1 with others; .*next recorded call is tool 'search'"
        ),
        replay(recording),
    ):
        agent([("search", "b")])
    with pytest.raises(ReplayError, match="no recorded call is left"), replay(recording):
        swallow()
    assert [told["spyglass.execution.status"] for name, told in memory.events if name == "execution.end"][-2:] == ["error", "error"]


def test_a_call_that_was_never_made_runs_in_a_live_replay(memory, caplog):
    """And that is said."""
    agent([("search", "a")], record=True)
    again = replay(recorded(memory, last_run(memory)), then="live")
    RAN.clear()
    with again:
        agent([("search", "b"), ("search", "a")])
    assert (RAN, again.replayed, len(again.unmatched), again.left) == (["search"], 1, 1, [])
    assert "it runs" in caplog.text


def test_until_call_counts_calls(memory):
    """For agents that tell no steps."""
    agent([("search", "a")] * 3, record=True)
    RAN.clear()
    with replay(recorded(memory, last_run(memory)), until_call=2, then="live"):
        agent([("search", "a")] * 3)
    assert RAN == ["search"]
    with pytest.raises(ReplayError, match="told 3 steps"):
        replay(recorded(memory, last_run(memory)), until_step=9)


def test_answers_that_are_not_whole_are_not_given(memory):
    """Neither what was cut, nor what has no JSON, nor what was changed on the way."""

    @observe(kind="tool")
    def odd(what: str):
        return {"large": "x" * 5000, "lock": threading.Lock(), "fine": "a secret"}[what]

    sdk_settings.use(sdk_settings.Recording(max_record_bytes=2000))
    with execution("sailor", "voyage", record=True):
        for what in ("large", "lock", "fine"):
            odd(what)
    recording = recorded(memory, last_run(memory))
    changed = tuple(type(call)(**{name: getattr(call, name) for name in call.__slots__} | {"output": '"[redacted:x]"'}) for call in recording.calls[2:])
    recording = Recording(recording.execution_id, calls=(*recording.calls[:2], *changed))
    for what, why in (("large", "not recorded whole"), ("lock", "not recorded whole"), ("fine", "not what was recorded")):
        with pytest.raises(ReplayError, match=why), replay(recording):
            odd(what)


def test_content_that_may_not_be_told_is_not_recorded(memory):
    """`capture` goes before `record`."""
    sdk_settings.use(sdk_settings.Recording(capture="metadata", record=True))
    agent([("search", "a")])
    (call,) = recorded(memory, last_run(memory)).calls
    assert call.output is None
    assert all(one.body is None for one in memory.records if one.event_name == "execution.call")


def test_streams_of_clients_stay_what_they_are(memory):
    """They are iterated, closed and asked for more as ever; and given again in a replay."""

    class Stream:
        def __init__(self) -> None:
            self.items, self.response, self.closed = iter([{"n": 1}, {"n": 2}]), "200", False

        def __iter__(self):
            return self

        def __next__(self):
            return next(self.items)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.closed = True

    made: list[Stream] = []

    @observe(kind="llm", model="m")
    def create(prompt: str) -> Stream:
        assert prompt
        made.append(Stream())
        return made[-1]

    def use() -> list:
        with create("hi") as stream:
            return list(stream)

    with execution("sailor", "voyage", record=True):
        stream = create("first")
        assert (isinstance(stream, Stream), stream.response, list(stream)) == (True, "200", [{"n": 1}, {"n": 2}])
        assert use() == [{"n": 1}, {"n": 2}]
    assert made[1].closed
    with replay(recorded(memory, last_run(memory))):
        assert list(create("first")) == [{"n": 1}, {"n": 2}]
        assert use() == [{"n": 1}, {"n": 2}]
    assert len(made) == 2


def test_a_plain_function_that_gives_a_coroutine_is_recorded(memory):
    """As decorated methods of clients do; its errors, too."""

    @observe(kind="tool")
    def fetch(page: int):
        async def run():
            if page > 1:
                raise StormError(page)
            return [page, CHANCE.random()]

        return run()

    async def both() -> tuple:
        first = await fetch(1)
        try:
            await fetch(2)
        except StormError as error:
            return first, error.args
        raise AssertionError

    with execution("sailor", "voyage", record=True):
        done = asyncio.run(both())
    with replay(recorded(memory, last_run(memory))):
        assert asyncio.run(both()) == done


def test_threads_are_part_of_the_run(memory):
    """Where the context goes, the tape goes."""
    found: list = []

    def work() -> None:
        found.append(search("a"))

    def run() -> None:
        thread = threading.Thread(target=bind(work))
        thread.start()
        thread.join()

    with execution("sailor", "voyage", record=True):
        run()
    with replay(recorded(memory, last_run(memory))):
        run()
    assert found[0] == found[1]


def test_decorated_agents_are_replayed_too(memory):
    """The execution that `track_execution` begins is the replay's."""

    @track_execution("sailor", "voyage", record=True)
    def voyage(goal: str) -> dict:
        return search(goal)

    done = voyage("a")
    with replay(recorded(memory, last_run(memory))) as run:
        assert voyage("a") == done
    assert last_run(memory) == run.execution_id


def test_a_replayed_model_call_costs_nothing(memory):
    """Its span says that it is one, and tells no tokens."""

    @observe(kind="llm")
    def ask(prompt: str, model: str = "m") -> dict:
        assert prompt and model  # noqa: PT018 - they are only taken
        return {"choices": [{"message": {"role": "assistant", "content": "By boat."}}], "usage": {"prompt_tokens": 12, "completion_tokens": 4}}

    with execution("sailor", "voyage", record=True):
        ask("how?", model="m")
    recording = recorded(memory, last_run(memory))
    with replay(recording):
        ask("how?", model="m")
    first, second = (span.attributes for span in memory.spans if span.name == "chat m")
    assert (first["gen_ai.usage.input_tokens"], "gen_ai.usage.input_tokens" in second, second["spyglass.replayed"]) == (12, False, True)


def test_nothing_is_recorded_unless_that_is_asked_for(memory):
    """And outside of executions there is nothing to record."""
    sdk_settings.use(sdk_settings.Recording(record=True))
    search("a")
    sdk_settings.use(sdk_settings.Recording())
    agent([("search", "a")])
    assert not [name for name, _ in memory.events if name == "execution.call"]


@pytest.mark.parametrize("own", [None, True])
def test_executions_within_are_replayed_with_the_outer_one(memory, own):
    """Their calls are on its tape, however they are recorded by themselves; one with a recording of its own can be replayed alone."""
    sdk_settings.use(sdk_settings.Recording(record=True))

    def inner(goal: str) -> str:
        with execution("helper", "help", record=own) as run:
            found = plan(goal)
            run.step("helped", found)
        return found

    @observe(kind="tool")
    def ask_helper(goal: str) -> str:
        return inner(goal)

    def outer() -> list:
        with execution("sailor", "voyage") as run:
            found = [search("a"), inner("a"), ask_helper("b"), inner("b")]
            run.complete(found)
        return found

    done = outer()
    ids = {told["gen_ai.agent.name"]: told["spyglass.execution.id"] for name, told in memory.events if name == "execution.start"}
    RAN.clear()
    with replay(recorded(memory, ids["sailor"])):
        assert outer() == done
    assert RAN == []
    helper = recorded(memory, ids["helper"])
    assert bool(helper.calls) is bool(own)
    if own:
        with replay(helper):
            assert inner("b") == done[3]
