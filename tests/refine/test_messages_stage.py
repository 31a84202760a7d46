"""The stage: which place tells, what is new, and what odd values do."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.decode.decoder import Decoder
from spyglass.model.batch import Batch
from spyglass.model.body import Body
from spyglass.model.schema import EVENT, MESSAGE, SPAN, Kind
from spyglass.refine.dialect import Dialects
from spyglass.refine.messages.canonical import Message, canonical, canonical_text
from spyglass.refine.messages.memory import Recent
from spyglass.refine.messages.reader import Reader
from spyglass.refine.messages.stage import Messages
from spyglass.refine.normalise import Normaliser
from spyglass.testing.rows import events, points, spans

CAPTURES = Path(__file__).parents[3] / "shared" / "data" / "otlp-captures"
DIALECTS = Dialects.load()
SECTIONS = [dialect.messages for _, dialect in DIALECTS]


def stage(**settings):
    return Messages(SECTIONS, **settings)


def text(role, content):
    return {"role": role, "parts": [{"type": "text", "content": content}]}


def call(*rows, types=None, **columns):
    """Model calls with these attributes, one mapping a row; each begins when the one before has ended."""
    attributes = [list(row.items()) for row in rows]
    codes = types or ["s" * len(row) for row in rows]
    told = {"kind": "llm", "session_id": "s", "input_messages": (), "output_messages": (), "start": list(range(len(rows))), "duration_ns": 1}
    return Batch(Kind.SPAN, spans(len(rows), attributes=attributes, attribute_types=codes, **{**told, **columns}))


def genai(inputs=None, outputs=None, **more):
    told = {"gen_ai.input.messages": inputs, "gen_ai.output.messages": outputs}
    return {key: json.dumps(value) for key, value in told.items() if value is not None} | more


def said(batch):
    """(direction, position, role, text) of the new messages."""
    return [] if batch.messages is None else [(row["direction"], row["position"], row["role"], row["text"]) for row in batch.messages.to_pylist()]


def moment(name, at_ns=0, types=None, **attributes):
    told = {key.replace("__", "."): value for key, value in attributes.items()}
    return {"time": at_ns, "name": name, "attributes": list(told.items()), "attribute_types": types or "s" * len(told), "dropped_attributes": 0}


def record(name, body, body_type="k", **columns):
    told = {"event_name": name, "body": body, "body_type": body_type, "session_id": "s", "kind": "", "input_messages": (), "output_messages": ()}
    return Batch(Kind.EVENT, events(1, **{**told, **columns}))


def test_a_conversation_is_kept_once():
    """Each call repeats the history; only what is new in it is a message, and the rows keep all hashes."""
    first, second = [text("user", "a")], [text("user", "a"), text("assistant", "b"), text("user", "c")]
    result = stage()(call(genai(first, [text("assistant", "b")]), genai(second, [text("assistant", "d")])))
    assert said(result) == [("input", 0, "user", "a"), ("output", 0, "assistant", "b"), ("input", 2, "user", "c"), ("output", 0, "assistant", "d")]
    inputs, outputs = (result.rows[name].to_pylist() for name in ("input_messages", "output_messages"))
    assert [len(told) for told in inputs] == [1, 3]
    assert inputs[1][:2] == inputs[0] + outputs[0]
    assert result.messages.schema == MESSAGE
    assert result.rows.schema == SPAN


def test_a_message_tells_where_it_was_said():
    """Its row gives project, trace, span, session, agent, model and time."""
    batch = call(genai([text("user", "a")]))
    [message] = stage()(batch).messages.to_pylist()
    row = batch.rows.to_pylist()[0]
    assert {name: message[name] for name in ("project", "trace_id", "span_id", "session_id", "service", "agent", "model", "start", "received")} == {
        name: row[name] for name in ("project", "trace_id", "span_id", "session_id", "service", "agent", "model", "start", "received")
    }
    assert message["body"] == '{"parts":[{"content":"a","type":"text"}],"role":"user"}'
    assert message["scope"] == "s"


def test_other_conversations_have_their_own_messages():
    """The same words in another session, and in another trace where there is no session, are told again."""
    messages = stage()
    rows = [genai([text("user", "a")])] * 8
    result = messages(call(*rows, session_id=["x", "y", "x", "", "", "", "", ""]))
    assert [message["scope"] for message in result.messages.to_pylist()][:2] == ["x", "y"]
    assert len({message["scope"] for message in result.messages.to_pylist()}) == 4  # two sessions; rows 3 and 4 to 7 are of two traces
    assert said(messages(call(*rows[:2], session_id=["x", "y"]))) == []


def test_messages_of_a_lost_batch_are_told_again():
    """What could not be kept is not known."""
    messages = stage()
    batch = call(genai([text("user", "a")]))
    lost = messages(batch)
    assert said(messages(batch)) == []
    messages.forget(lost)
    assert said(messages(batch)) == said(lost)


def test_instructions_lead_the_input():
    """As a list of parts or plain text; not twice when the input begins with a system message."""
    instructions = json.dumps([{"type": "text", "content": "Be brief."}])
    for told in (instructions, "Be brief.", '"Be brief."'):
        row = genai([text("user", "a")]) | {"gen_ai.system_instructions": told}
        assert said(stage()(call(row))) == [("input", 0, "system", "Be brief."), ("input", 1, "user", "a")]
    row = genai([text("system", "Mine."), text("user", "a")]) | {"gen_ai.system_instructions": instructions}
    assert said(stage()(call(row)))[0] == ("input", 0, "system", "Mine.")


def test_the_best_place_tells_and_an_empty_one_hides_nothing():
    """Places are never mixed; an answer without content gives way to a weaker place that has some."""
    row = genai([text("user", "genai")], [{"role": "assistant", "parts": [], "finish_reason": "stop"}])
    more = {
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "openinference",
        "output.value": '{"choices": [{"message": {"role": "assistant", "content": "b"}}]}',
    }
    assert said(stage()(call(row | more))) == [("input", 0, "user", "genai"), ("output", 0, "assistant", "b")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("What is it?", [("user", "What is it?")]),
        (json.dumps(json.dumps([text("user", "a")])), [("user", "a")]),
        (json.dumps(json.dumps(json.dumps([text("user", "a")]))), [("user", "a")]),
        ('[{"role": "user", "parts": [{"type": "text", "content": "cut of', [("user", "cut of")]),
        ('[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"ro', [("user", "a"), ("assistant", "b")]),
        ("[not json", [("user", "[not json")]),
        ('[{"role": "user", "content": "\\ud83d"}]', [("user", "�")]),
        ('[{"role": "user", "content": "a", "score": NaN}]', [("user", "a")]),
        ('["a", "b"]', [("user", "a"), ("user", "b")]),
        ('{"question": "a"}', [("user", '{"question":"a"}')]),
        ("[]", []),
        ("null", []),
        ("<REDACTED>", []),
        ("[" * 5000, [("user", "[" * 5000)]),
    ],
)
def test_odd_values_fall_back_to_text_and_never_drop(value, expected):
    """Encoded twice and thrice, cut off by limits, not JSON at all."""
    assert [(role, content) for _, _, role, content in said(stage()(call({"gen_ai.input.messages": value})))] == expected


def test_otlp_lists_of_maps_are_messages():
    """Plain JSON of type `a`, and the OTLP form of type `A`."""
    plain = json.dumps([text("user", "a")])
    parts = {
        "arrayValue": {
            "values": [{"kvlistValue": {"values": [{"key": "type", "value": {"stringValue": "text"}}, {"key": "content", "value": {"stringValue": "a"}}]}}]
        }
    }
    message = {"kvlistValue": {"values": [{"key": "role", "value": {"stringValue": "user"}}, {"key": "parts", "value": parts}]}}
    otlp = json.dumps({"arrayValue": {"values": [message]}})
    result = stage()(call({"gen_ai.input.messages": plain}, {"gen_ai.input.messages": otlp}, types=["a", "A"]))
    hashes = result.rows["input_messages"].to_pylist()
    assert hashes[0] == hashes[1] != []


def test_flattened_conversations_are_known_message_by_message():
    """Again in another conversation, with a gap in the indexes, and with items that make one message."""
    told = {
        f"llm.input_messages.{i}.message.{key}": value for i, word in ((0, "a"), (2, "b"), (10, "c")) for key, value in (("role", "user"), ("content", word))
    }
    asks = {f"llm.input_messages.{i}.message.tool_calls.0.tool_call.function.name": name for i, name in ((11, "f"), (12, "g"))}
    roles = {f"llm.input_messages.{i}.message.role": "assistant" for i in (11, 12)}
    messages = stage()
    first, again = messages(call(told | asks | roles)), messages(call(told | asks | roles, session_id="other"))
    assert [content for *_, content in said(first)] == ["a", "b", "c", "f\ng"]
    assert said(again) == said(first)
    assert again.rows["input_messages"].equals(first.rows["input_messages"])


def test_only_kinds_that_talk_have_messages():
    """Arguments of a tool are no conversation, nor is the plain input of a chain."""
    rows = [genai([text("user", "a")])] * 3 + [{"gen_ai.input.messages": "plain"}, {"input.value": "plain"}]
    result = stage()(call(*rows, kind=["llm", "agent", "tool", "chain", "chain"]))
    assert [len(hashes) for hashes in result.rows["input_messages"].to_pylist()] == [1, 1, 0, 0, 0]


def test_span_events_are_messages_in_order_of_time():
    """Strands: one event a message, content in Bedrock's form, the tool's id beside it."""
    told = [
        moment("gen_ai.choice", 9, message='[{"text": "Clear."}]', finish_reason="end_turn"),
        moment("gen_ai.user.message", 1, content='[{"text": "Weather?"}]'),
        moment("gen_ai.assistant.message", 2, content='[{"toolUse": {"toolUseId": "c", "name": "f", "input": {}}}]'),
        moment("gen_ai.tool.message", 3, content='{"sky": "clear"}', id="c", role="tool"),
        moment("other", 4, content="x"),
    ]
    result = said(stage()(call({}, events=[told])))
    assert [(direction, role, content) for direction, _, role, content in result] == [
        ("input", "user", "Weather?"),
        ("input", "assistant", "f {}"),
        ("input", "tool", '{"sky":"clear"}'),
        ("output", "assistant", "Clear."),
    ]


def test_a_details_event_holds_whole_lists():
    """On a span, with the instructions beside the messages."""
    attributes = {"gen_ai__input__messages": json.dumps([text("user", "a")]), "gen_ai__output__messages": json.dumps([text("assistant", "b")])}
    told = moment("gen_ai.client.inference.operation.details", gen_ai__system_instructions="Be brief.", **attributes)
    assert [content for *_, content in said(stage()(call({}, events=[[told]])))] == ["Be brief.", "a", "b"]


@pytest.mark.parametrize(
    ("name", "body", "kind", "expected"),
    [
        ("gen_ai.user.message", '{"content": "a"}', "k", ("input", 0, "user", "a")),
        ("gen_ai.user.message", "plain", "s", ("input", 0, "user", "plain")),
        ("gen_ai.system.message", '{"role": "system", "content": "a"}', "s", ("input", 0, "system", "a")),
        ("gen_ai.tool.message", '{"id": "c", "content": "{\\"x\\": 1}"}', "k", ("input", 0, "tool", '{"x":1}')),
        ("gen_ai.choice", '{"index": 0, "finish_reason": "stop", "message": {"content": "b"}}', "k", ("output", 0, "assistant", "b")),
        ("gen_ai.choice", '{"message": {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]}}', "k", ("output", 0, "assistant", "f {}")),
        ("gen_ai.content.completion", '{"message": {"role": "assistant", "content": "b"}}', "k", ("output", 0, "assistant", "b")),
    ],
)
def test_log_events_are_messages(name, body, kind, expected):
    """One record a message, its body structured or a text."""
    result = stage()(record(name, body, kind))
    assert said(result) == [expected]
    assert result.rows.schema == EVENT


def test_a_prompt_event_may_hold_a_whole_conversation():
    """Old OpenLLMetry and OpenLIT: lines that begin with a role."""
    attributes = [[("gen_ai.prompt", "system: Be brief.\nuser: One\ntwo\nassistant: Three")]]
    result = stage()(record("gen_ai.content.prompt", "", "e", attributes=attributes, attribute_types="s"))
    assert [(role, content) for _, _, role, content in said(result)] == [("system", "Be brief."), ("user", "One\ntwo"), ("assistant", "Three")]


def test_a_record_without_session_and_trace_is_its_own_conversation():
    """It must not meet the words of strangers."""
    told = {"session_id": "", "trace_id": bytes(16)}
    batch = Batch(Kind.EVENT, events(2, event_name="gen_ai.user.message", body="hi", body_type="s", kind="", input_messages=(), output_messages=(), **told))
    assert len(said(stage()(batch))) == 2


def test_the_transcript_of_a_run_is_read_where_nothing_else_tells():
    """Pydantic AI keeps it on the agent's span; a call is never given a whole transcript."""
    history = {"pydantic_ai.all_messages": json.dumps([text("user", "a"), text("assistant", "b")])}
    assert len(said(stage()(call(history, kind="agent")))) == 2
    assert said(stage()(call(history))) == []


def test_points_and_silent_batches_pass_through():
    """No messages: nothing is changed, and there is no table of them."""
    batch = Batch(Kind.POINT, points(3))
    assert stage()(batch) is batch
    silent = call({"a": "b"}, {})
    result = stage()(silent)
    assert result.messages is None
    assert result.rows.equals(silent.rows)


def test_memory_is_bounded_and_forgets_the_longest_unseen():
    """At most the limit is remembered; what is asked for stays."""
    memory = Recent(10)
    memory.put(b"kept", 0)
    for i in range(100):
        memory.get(b"kept")
        memory.put(b"%d" % i, i)
        assert len(memory) <= 10
    assert memory.get(b"kept") == 0
    assert memory.get(b"1") is None


@given(st.sampled_from(["user", "assistant", "system", "tool"]), st.text(min_size=1))
def test_the_short_way_writes_the_same_bytes(role, content):
    """A message of one text has the hash that the general way gives."""
    plain = canonical_text(role, content)
    assert json.loads(plain.body) == {"role": role, "parts": [{"type": "text", "content": content}]}
    assert plain == canonical(Message(role, [{"type": "text", "content": content}]))


BLOCKS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_use", "tool_call", "image", "x"])},
    optional={
        "text": st.text(max_size=5),
        "content": st.text(max_size=5),
        "id": st.text(max_size=3),
        "name": st.text(max_size=3),
        "input": st.none() | st.integers(),
    },
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "model", "tool", "system", "other"])},
    optional={
        "content": st.none() | st.text(max_size=5) | st.lists(BLOCKS, max_size=3),
        "parts": st.lists(BLOCKS, max_size=3),
        "finish_reason": st.just("stop"),
    },
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MESSAGES, max_size=5), st.sampled_from(["user", "assistant"]))
def test_piece_by_piece_is_the_same_as_all_at_once(messages, role):
    """The hot road and the whole reading of a value find the same messages, known or new."""
    value = json.dumps(messages).encode()
    reader, fresh = Reader(1000), {}
    whole = b"".join(message.hash for message in reader.bodies(value, role, {}))
    assert reader.hashes(value, role, fresh) == whole
    assert reader.hashes(value, role, {}) == whole
    assert {whole[at : at + 16] for at in range(0, len(whole), 16)} <= fresh.keys() | {message.hash for message in reader.bodies(value, role, {})}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "role",
                    "content",
                    "parts",
                    "type",
                    "text",
                    "messages",
                    "choices",
                    "message",
                    "tool_calls",
                    "function",
                    "id",
                    "output",
                    "input",
                    "kwargs",
                    "lc",
                    "data",
                    "image",
                    "toolUse",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_who_said_something_first_is_found_in_any_order():
    """A file of another system has its spans in any order: what is new is told of the call that ended first."""
    first, second = [text("user", "a")], [text("user", "a"), text("assistant", "b"), text("user", "c")]
    batch = call(genai(second, [text("assistant", "d")]), genai(first, [text("assistant", "b")]), start=[20, 10], duration_ns=[5, 5])
    told = {row["text"]: row["span_id"] for row in stage()(batch).messages.to_pylist()}
    later, earlier = batch.rows["span_id"].to_pylist()
    assert told == {"a": earlier, "b": earlier, "c": later, "d": later}


@settings(max_examples=300, deadline=None)
@given(JSON, st.sampled_from(["user", "assistant", "system"]), st.booleans())
def test_no_json_makes_it_fail(value, role, otlp):
    """Wrong types in right places: anything may come, nothing may raise."""
    told = json.dumps(value).encode()
    hashes = Reader(100).hashes(told, role, {}, otlp)
    assert len(hashes) % 16 == 0
    assert Reader(100).hashes(told[: len(told) // 2], role, {}, otlp) is not None


def test_a_value_that_cannot_be_read_harms_no_neighbour(monkeypatch):
    """The row says so, the others have their messages, in their order."""
    messages = stage()
    read = messages._reader.hashes

    def failing(value, *rest):
        return 1 / 0 if b"poison" in value else read(value, *rest)

    monkeypatch.setattr(messages._reader, "hashes", failing)
    result = messages(call(*(genai([text("user", word)]) for word in ("a", "b", "poison", "c", "d"))))
    assert [content for *_, content in said(result)] == ["a", "b", "c", "d"]
    assert [len(hashes) for hashes in result.rows["input_messages"].to_pylist()] == [1, 1, 0, 1, 1]
    assert [issues for issues in result.rows["issues"].to_pylist() if issues] == [["messages_failed"]]


def captured(name):
    """The batches of one capture, normalised."""
    meta = json.loads((CAPTURES / name / "meta.json").read_text())
    for request in meta["requests"]:
        signal = next(
            (signal for signal in ("traces", "logs") if signal in request["path"].lower()),
            "traces" if "race" in request["path"] else "logs" if "ogs" in request["path"] else "",
        )
        if signal:
            file = CAPTURES / name / request["file"]
            body = Body(signal, "json" if file.suffix == ".json" else "protobuf", file.read_bytes())
            yield Normaliser(DIALECTS)(Decoder().decode(signal, [body], 1).batch)


# sources whose telemetry holds the content of their calls, on spans or log records
TALKING = [
    "agent-framework", "gemini-cli", "google-adk", "haystack-rag", "laminar", "langfuse", "langsmith-langgraph", "litellm-otel", "livekit-agents", "logfire",
    "mlflow-both", "mlflow-openai", "openinference-anthropic", "openinference-crewai", "openinference-langchain", "openinference-openai",
    "openinference-openai-agents", "openinference-smolagents", "openlit", "otel-genai-langchain", "otel-genai-openai", "otel-openai-v2", "otel-zero-code",
    "pydantic-ai", "pydantic-ai-1", "semantic-kernel", "strands", "strands-1.0", "traceloop-langchain-0.40", "traceloop-openai", "vercel-ai-5", "vercel-ai-7",
]  # fmt: skip


@pytest.mark.corpus
@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captures are not here")
@pytest.mark.parametrize("source", TALKING)
def test_real_conversations_are_found(source):
    """Every call that succeeded has an answer, as a message on its span or as a log record; calls of tools and their answers are among the messages."""
    messages = stage()
    meta = json.loads((CAPTURES / source / "meta.json").read_text())["expected"]
    answers, parts = 0, []
    for batch in captured(source):
        result = messages(batch)
        answers += sum(len(told) > 0 for told in result.rows["output_messages"].to_pylist())
        if result.messages is not None:
            parts += [part for body in result.messages["body"].to_pylist() for part in json.loads(body)["parts"]]
    assert answers >= meta["llm_ok"] - meta.get("llm_stream_without_usage", 0) - 1
    kinds = {part["type"] for part in parts}
    assert "text" in kinds
    if meta.get("tool_executions") and source != "openinference-smolagents":
        assert {"tool_call", "tool_call_response"} <= kinds
        names = {part["name"] for part in parts if part["type"] == "tool_call"}
        assert any("weather" in name or "search" in name or "convert" in name or "read_file" in name for name in names), names
    assert "generic" not in kinds
