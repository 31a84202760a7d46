"""Normalising in general: which source wins, what counts as a value, and what hostile input cannot do."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from bench import captures
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.decode.decoder import Decoder
from spyglass.model.batch import Batch
from spyglass.model.schema import CANONICAL, SCHEMAS, SPAN, Kind
from spyglass.refine import normalise as stage
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.testing import rows

DIALECTS = Dialects.load()
WIRE_ONLY = [name for name, _ in CANONICAL]

normalise = Normaliser(DIALECTS)


def batch(*spans: dict[str, Any], **columns: Any) -> Batch:
    """One row per dict of text attributes."""
    attributes = [list(span.items()) for span in spans]
    told = {"name": "span", "scope_name": "", "status": "unset", "events": [[] for _ in spans], **columns}
    table = rows.spans(len(spans), attributes=attributes, attribute_types=["s" * len(span) for span in spans], resource_attributes=[[] for _ in spans], **told)
    return Batch(Kind.SPAN, table.drop_columns(WIRE_ONLY))


def column(name: str, /, *spans: dict[str, Any], **columns: Any) -> list[Any]:
    found: list[Any] = normalise(batch(*spans, **columns)).rows[name].to_pylist()
    return found


CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}


@pytest.mark.parametrize("nothing", ["", "null", "None", "[]", "{}", " ", '""', '"null"', "undefined"])
def test_an_empty_better_source_never_hides_a_weaker_one(nothing):
    """Values that say nothing are as good as not there, row by row."""
    spans = {**CALL, "session.id": nothing, "gen_ai.conversation.id": "c"}, {**CALL, "session.id": "s", "gen_ai.conversation.id": "c"}
    assert column("session_id", *spans) == ["c", "s"]


def test_rows_of_different_dialects_in_one_batch_do_not_mix():
    """Each row has the values of its own sources, in the order of the rows."""
    spans = (
        {**CALL, "gen_ai.usage.input_tokens": "1"},
        {"http.method": "GET"},
        {"openinference.span.kind": "LLM", "llm.token_count.prompt": "2"},
        {"ai.operationId": "ai.x.doGenerate", "ai.usage.inputTokens": "3", "ai.usage.promptTokens": "9"},
        {"langfuse.observation.type": "generation", "langfuse.observation.usage_details": '{"input": 4}'},
    )
    assert column("input_tokens", *spans) == [1, 0, 2, 3, 4]
    assert column("kind", *spans) == ["llm", "span", "llm", "llm", "llm"]


@pytest.mark.parametrize(
    ("told", "tokens"),
    [("42", 42), ('"42"', 42), ("42.0", 42), (" 7 ", 7), ("-3", 0), ("nan", 0), ("inf", 0), ("1e300", 0), ("9223372036854775808", 0), ("many", 0), ("{}", 0)],
)
def test_counts_are_read_from_any_text_or_not_at_all(told, tokens):
    """Numbers come as text, quoted text and floats; what is no believable count counts as not told."""
    found = normalise(batch({**CALL, "gen_ai.usage.input_tokens": told})).rows
    assert found["input_tokens"].to_pylist() == [tokens]
    assert found["has_usage"].to_pylist() == [tokens > 0]


def test_an_unreadable_count_gives_way_to_the_next_source():
    """One row's nonsense changes neither its own next source nor the rows beside it."""
    spans = {**CALL, "gen_ai.usage.input_tokens": "nan", "gen_ai.usage.prompt_tokens": "5"}, {**CALL, "gen_ai.usage.input_tokens": "6"}
    assert column("input_tokens", *spans) == [5, 6]


def test_no_usage_is_not_zero_usage():
    """A stream that reported nothing is told apart from one that reported."""
    assert column("has_usage", CALL, {**CALL, "gen_ai.usage.input_tokens": "0", "gen_ai.usage.output_tokens": "0"}) == [False, False]
    assert column("has_usage", {**CALL, "gen_ai.usage.output_tokens": "1"}) == [True]


def test_more_cached_tokens_than_input_means_that_input_leaves_them_out():
    """Where the numbers themselves prove it, cached tokens are added, whoever sent them."""
    usage = {"gen_ai.usage.input_tokens": "10", "gen_ai.usage.cache_read.input_tokens": "90", "gen_ai.usage.cache_write.input_tokens": "5"}
    assert column("input_tokens", {**CALL, **usage}) == [105]
    assert column("input_tokens", {**CALL, **usage, "gen_ai.usage.input_tokens": "100"}) == [100]


def test_a_total_proves_what_was_left_out():
    """Total tokens decide whether cached tokens and reasoning are counted in."""
    usage = {"gen_ai.usage.input_tokens": "100", "gen_ai.usage.output_tokens": "10"}
    cached = {**usage, "gen_ai.usage.cache_read.input_tokens": "40", "gen_ai.usage.total_tokens": "150"}
    thought = {**usage, "gen_ai.usage.reasoning.output_tokens": "6", "gen_ai.usage.total_tokens": "116"}
    included = {**usage, "gen_ai.usage.experimental.reasoning_tokens": "6", "gen_ai.usage.total_tokens": "110"}
    assert column("input_tokens", {**CALL, **cached}) == [140]
    assert column("output_tokens", {**CALL, **thought}, {**CALL, **included}) == [16, 10]


def test_a_reported_cost_of_zero_says_nothing():
    """A source without a price writes 0; a weaker source with a price then counts."""
    assert column("reported_cost_usd", {**CALL, "llm.cost.total": "0", "gen_ai.cost.total_cost": "0.5"}) == [0.5]


def test_errors_are_named_only_where_the_span_failed():
    """An exception that was handled leaves no error type."""
    event = {"time": rows.BASE_NS, "name": "exception", "attributes": [("exception.type", "a.b.TimeoutError")], "attribute_types": "s", "dropped_attributes": 0}
    assert column("error_type", {"a": "b"}, {"a": "b"}, status=["ok", "error"], events=[[event], [event]]) == ["", "TimeoutError"]


def test_error_type_alone_means_failure():
    """The conventions set error.type when an operation failed, so a status left unset is corrected and said to be."""
    found = normalise(batch({**CALL, "error.type": "timeout"})).rows.to_pylist()[0]
    assert (found["status"], found["error_type"], found["issues"]) == ("error", "timeout", ["status_corrected:unset"])


def test_issues_of_decode_stay():
    """What decode found wrong stands before what normalise finds."""
    assert column("issues", {**CALL, "error.type": "x"}, issues=[["no_end"]]) == [["no_end", "status_corrected:unset"]]


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o", "openai"),
        ("o3-mini", "openai"),
        ("ft:gpt-4o:acme", "openai"),
        ("claude-sonnet-4-5", "anthropic"),
        ("us.anthropic.claude-sonnet-4-5-v1:0", "aws.bedrock"),
        ("models/gemini-2.5-flash", "gcp.gemini"),
        ("groq/llama-3", "groq"),
        ("azure/gpt-4o", "azure.ai.openai"),
        ("mistral-large", "mistral_ai"),
        ("grok-4", "x_ai"),
        ("llama-3.1", ""),
    ],
)
def test_a_models_name_gives_its_provider_away(model, provider):
    """Where nothing names the provider, the model does; a model that anybody may host does not."""
    assert column("provider", {**CALL, "gen_ai.request.model": model}) == [provider]


PROVIDERS = {
    "OpenAI": "openai",
    "azure_openai": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "google_genai": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "xai": "x_ai",
    "mistralai": "mistral_ai",
    "openai.chat": "openai",
    "gcp.gen_ai": "gcp.gen_ai",
    "New-Vendor": "new-vendor",
    "127.0.0.1:8080": "openai",
    "https://api.example.org/v1": "openai",
    "langchain": "openai",
}


@pytest.mark.parametrize(("told", "provider"), PROVIDERS.items())
def test_providers_have_one_name_each(told, provider):
    """Old names, frameworks and addresses become the canonical provider, or give way to the model's."""
    assert column("provider", {**CALL, "gen_ai.provider.name": told}) == [provider]


REASONS = {
    '["tool_calls"]': ["tool_call"],
    "end_turn": ["stop"],
    "FinishReason.MAX_TOKENS": ["length"],
    '["SAFETY","stop"]': ["content_filter", "stop"],
    '"tool-calls"': ["tool_call"],
    "['refusal']": ["content_filter"],
    "something_new": ["something_new"],
    "[1, null]": [],
    "[": ["["],
}


@pytest.mark.parametrize(("told", "reasons"), REASONS.items())
def test_finish_reasons_have_one_name_each(told, reasons):
    """Arrays, JSON text, reprs and enum names become the same few words; new words stay."""
    assert column("finish_reasons", {**CALL, "gen_ai.response.finish_reasons": told}) == [reasons]


def test_the_first_chunk_is_timed_from_attributes_or_events():
    """Units differ by name; without any the first token's event counts from the start."""
    event = {"time": rows.BASE_NS + 250_000_000, "name": "First Token Stream Event", "attributes": [], "attribute_types": "", "dropped_attributes": 0}
    spans = {**CALL, "ttft_ms": "86"}, {**CALL, "gen_ai.server.time_to_first_token": "492"}, {**CALL, "gen_ai.server.time_to_first_token": "0.5"}, CALL
    found = column("time_to_first_chunk_s", *spans, start=rows.BASE_NS, events=[[], [], [], [event]])
    assert found == pytest.approx([0.086, 0.492, 0.5, 0.25])


def test_a_stream_is_known_by_its_name_too():
    """`stream` in an operation's name says what no attribute does."""
    assert column("stream", CALL, CALL, {**CALL, "gen_ai.request.stream": "false"}, name=["chat", "messages.stream", "messages.stream"]) == [False, True, False]


def test_the_same_batch_gives_the_same_table_twice():
    """Remembered texts change nothing, and canonical columns of an earlier run are not taken over."""
    first = normalise(batch(*({**CALL, "session.id": f"s{i}"} for i in range(4)))).rows
    assert normalise(Batch(Kind.SPAN, first)).rows.equals(first)


def test_an_empty_batch_has_all_columns():
    """No rows in, no rows out, whole schema."""
    for kind, schema in SCHEMAS.items():
        assert normalise(Batch(kind, schema.empty_table())).rows.schema.equals(schema)


odd_texts = st.one_of(st.text(max_size=20), st.sampled_from(["[", '{"a":', '"\\ud800"', "{'a': 1}", "[[[[[[", "\x00", "NaN", "9" * 400, "{" * 500, '"' * 9]))
known_keys = st.sampled_from(
    sorted({source.key for _, dialect in DIALECTS for sources in dialect.fields.values() for source in sources if source.key and "*" not in source.key})
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.one_of(known_keys, st.text(max_size=8)), odd_texts, max_size=8), min_size=1, max_size=6))
def test_no_text_in_any_attribute_raises(spans):
    """Whatever stands in the attributes, every row comes out, with its attributes untouched and nothing failed."""
    given_batch = batch(*spans)
    found = normalise(given_batch).rows
    assert found["attributes"].equals(given_batch.rows["attributes"])
    assert not any("normalise_failed" in issues for issues in found["issues"].to_pylist())


def test_deep_and_long_values_are_left_alone():
    """A nest a thousand deep and a megabyte of text cost no error and no canonical value."""
    deep, long = "[" * 1000 + "]" * 1000, "x" * 2_000_000
    spans = ({**CALL, "metadata": deep, "gen_ai.usage.input_tokens": long}, {**CALL, "llm.invocation_parameters": '{"model":' + deep + "}", "session.id": long})
    assert column("input_tokens", *spans) == [0, 0]
    assert [len(session) for session in column("session_id", *spans)] == [0, 2_000_000]


def test_very_many_distinct_keys_are_bounded():
    """A hundred thousand keys nobody knows are passed through, and not remembered for ever."""
    spans = [{**CALL, **{f"k{row}.{i}": "v" for i in range(1000)}} for row in range(100)]
    fresh = Normaliser(DIALECTS)
    found = fresh(batch(*spans)).rows
    assert pc.all(pc.equal(found["kind"], "llm")).as_py()
    assert len(fresh._plan.keys._seen) <= 16_384


def test_a_row_that_fails_is_alone_in_it(monkeypatch):
    """When our own code fails on a row, that row says so and its neighbours are normalised."""
    whole = stage.fill

    def failing(frame, kind, plan):
        if "poison" in frame.attributes:
            raise ZeroDivisionError
        return whole(frame, kind, plan)

    monkeypatch.setattr(stage, "fill", failing)
    found = normalise(batch(CALL, CALL, {"poison": "x"}, CALL)).rows
    assert found["kind"].to_pylist() == ["llm", "llm", "", "llm"]
    assert found["issues"].to_pylist() == [[], [], ["normalise_failed"], []]


def test_slices_and_chunks_are_read_like_whole_tables():
    """A batch that is a slice, or comes in several chunks, gives the rows of the whole one."""
    whole = batch(*({**CALL, "session.id": f"s{i}", "gen_ai.usage.input_tokens": str(i)} for i in range(9))).rows
    parts = pa.concat_tables([whole.slice(0, 2), whole.slice(2, 4), whole.slice(6)])
    expected = normalise(Batch(Kind.SPAN, whole)).rows
    assert normalise(Batch(Kind.SPAN, parts)).rows.equals(expected)
    assert normalise(Batch(Kind.SPAN, whole.slice(3, 4))).rows.equals(expected.slice(3, 4))


# How many sources at least must be exact, of those which can tell it at all: semconv.md section 11 says why the others are not.
BARS = {"calls": 0.9, "input": 0.88, "output": 0.85}


@pytest.mark.corpus
def test_captured_telemetry_tells_the_truth(corpus: Path):
    """Calls and tokens of recorded sources are what their programs did."""
    decoder, exact, compared = Decoder(), dict.fromkeys(BARS, 0), dict.fromkeys(BARS, 0)
    for folder in sorted(path.parent for path in (corpus / "otlp-captures").glob("*/meta.json")):
        meta = json.loads((folder / "meta.json").read_text())
        told = captures.compare(captures.replay(folder, meta, decoder, normalise), meta["expected"])
        for measure in BARS:
            found, true = told[measure]
            compared[measure] += true is not None
            exact[measure] += true is not None and found == true
    assert {measure: exact[measure] / compared[measure] >= bar for measure, bar in BARS.items()} == dict.fromkeys(BARS, True), (exact, compared)


def test_span_schema_is_what_the_stage_promises():
    """Every canonical column is there for the stages that follow."""
    assert set(WIRE_ONLY) <= set(SPAN.names)
