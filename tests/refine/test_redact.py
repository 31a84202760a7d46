"""Redaction of a batch: every text, every kind of record, and what must not be touched.

Secrets are put together at run time, so that no scanner mistakes this repository for a leak.
"""

import base64
import json
import logging

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from spyglass.config.spec import Redact, SecretPattern
from spyglass.model.batch import Batch
from spyglass.model.errors import ConfigError
from spyglass.model.schema import Kind
from spyglass.refine.redact import Redactor
from spyglass.testing.rows import events, points, spans

KEY = "sk-" + "ant-" + "a1B2c3D4e5F6g7H8i9J0"
REPLACED = "[redacted:anthropic_key]"


def span_batch(n=4, **columns):
    return Batch(Kind.SPAN, spans(n, **columns))


def with_attributes(*entries, types=None):
    """One row with these attributes."""
    return span_batch(1, attributes=[list(entries)], attribute_types=[types or "s" * len(entries)])


def attributes(batch, row=0):
    return dict(batch.rows["attributes"][row].as_py())


def moment(name="x", **values):
    return {"time": 0, "name": name, "attributes": list(values.items()), "attribute_types": "s" * len(values), "dropped_attributes": 0}


def link(**values):
    return {
        "trace_id": bytes(16),
        "span_id": bytes(8),
        "trace_state": f"v={KEY}",
        "flags": 0,
        "attributes": list(values.items()),
        "attribute_types": "s",
        "dropped_attributes": 0,
    }


EVERYWHERE = {
    "name": f"call {KEY}",
    "status_message": KEY,
    "trace_state": f"a={KEY}",
    "scope_name": KEY,
    "scope_version": KEY,
    "scope_schema_url": f"https://x.example/{KEY}",
    "service": KEY,
    "environment": KEY,
    "project": KEY,
    "attributes": ([("a", KEY), (f"k {KEY}", "v")],),
    "resource_attributes": ([("b", f"x {KEY}")],),
    "scope_attributes": ([("c", KEY)],),
    "resource_entity_refs": f'[{{"type":"{KEY}"}}]',
    "events": ([moment(KEY, a=f"{KEY}!")],),
    "links": ([link(a=KEY)],),
}


@pytest.mark.parametrize("column", EVERYWHERE)
def test_every_text_of_a_span_is_redacted(column):
    """Wherever a sender can put a text, a secret in it is gone and the row says so."""
    value = EVERYWHERE[column]
    batch = span_batch(3, **{column: [*value] * 3 if isinstance(value, tuple) else value})
    result = Redactor()(batch)
    assert KEY not in str(result.rows.to_pylist())
    assert REPLACED in str(result.rows[column].to_pylist())
    assert result.rows["issues"].to_pylist() == [["redacted"]] * 3
    result.rows.validate(full=True)


def test_bodies_and_descriptions_are_redacted():
    """Log bodies, event names, and what a metric says of itself."""
    logs = Redactor()(Batch(Kind.EVENT, events(2, body=f"key {KEY}", event_name=KEY)))
    metrics = Redactor()(Batch(Kind.POINT, points(2, description=KEY, unit=KEY, metadata=[[("note", KEY)]] * 2, metadata_types="s")))
    assert logs.rows["body"].to_pylist() == [f"key {REPLACED}"] * 2
    assert KEY not in str(logs.rows.to_pylist()) + str(metrics.rows.to_pylist())


def test_a_clean_batch_is_the_same_batch():
    """Nothing is copied or marked when there is nothing to hide."""
    batch = span_batch(200)
    redactor = Redactor()
    assert redactor(batch) is batch
    assert redactor.counts() == {}


def test_only_the_rows_with_secrets_are_marked():
    """One secret in many rows, far from each other, in several chunks."""
    names = [f"token {KEY}" if i in {5, 150, 299} else f"row {i}" for i in range(300)]
    table = pa.concat_tables([spans(100, name=names[at : at + 100], first=at) for at in (0, 100, 200)])
    result = Redactor()(Batch(Kind.SPAN, table)).rows
    assert [i for i, issues in enumerate(result["issues"].to_pylist()) if "redacted" in issues] == [5, 150, 299]
    assert result["name"].to_pylist() == [name.replace(KEY, REPLACED) for name in names]


@pytest.mark.parametrize(
    "key", ["db.password", "api_key", "http.request.header.authorization", "x-api-key", "cookie", "my.secret", "llm.headers", "OPENAI_API_KEY", "clientSecret"]
)
def test_a_secret_key_hides_its_whole_value(key):
    """The name of an attribute decides, whatever its value looks like."""
    result = attributes(Redactor()(with_attributes((key, "plain words"), ("other", "kept"))))
    assert result[key].startswith("[redacted:")
    assert result["other"] == "kept"


@pytest.mark.parametrize(
    ("key", "value"),
    [("gen_ai.request.max_tokens", "4096"), ("gen_ai.usage.input_tokens", "7"), ("gen_ai.token.type", "input"), ("llm.token_count.prompt", "5"),
     ("token", "Hello"),
     ("has_password", "true"), ("password_length", "8"), ("session.id", "s-1"), ("k8s.secret.name", "db"),
     ("api_key", ""), ("gen_ai.prompt.name", "secret santa")],
)  # fmt: skip
def test_harmless_keys_keep_their_values(key, value):
    """Counts, flags and words that only sound secret."""
    batch = with_attributes((key, value))
    assert Redactor()(batch) is batch


def test_a_replaced_value_becomes_a_string():
    """Type codes say what is there now: a number or list whose key is secret is a text after it was replaced."""
    batch = with_attributes(("a", "1"), ("db.password", "123456"), ("authorization", '["Bearer x"]'), ("b", "2"), types="iiai")
    result = Redactor()(batch)
    assert result.rows["attribute_types"].to_pylist() == ["issi"]


def test_secrets_in_bytes_are_found():
    """Bytes travel as base64, alone or inside the OTLP form of a list or map."""
    inside = base64.b64encode(KEY.encode()).decode()
    nested = json.dumps({"kvlistValue": {"values": [{"key": "a", "value": {"bytesValue": inside}}]}})
    result = attributes(Redactor()(with_attributes(("raw", inside), ("nested", nested), types="yK")))
    assert base64.b64decode(result["raw"]).decode() == REPLACED
    assert base64.b64decode(json.loads(result["nested"])["kvlistValue"]["values"][0]["value"]["bytesValue"]).decode() == REPLACED


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.sampled_from(["", KEY, f"\x00é{KEY}😀", '{"password": "x9"}', "plain"])), max_size=6))
def test_twice_is_once(entries):
    """A redacted batch passes through unchanged."""
    redactor = Redactor()
    once = redactor(with_attributes(*entries))
    assert redactor(once) is once
    assert KEY not in str(once.rows.to_pylist())


def test_counts_tell_what_was_found():
    """Counts are per pattern and add up over batches."""
    redactor = Redactor()
    for _ in range(2):
        redactor(with_attributes(("a", f"{KEY} and {KEY}"), ("password", "x9")))
    assert redactor.counts() == {"anthropic_key": 4, "password": 2}


def test_a_value_that_cannot_be_read_is_replaced_wholly(monkeypatch, caplog):
    """Redaction fails closed for a value, and no log has the value."""
    redactor = Redactor()
    monkeypatch.setattr(redactor._scrubber, "scrub", lambda text, _: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        result = redactor(with_attributes(("a", f"x {KEY}"), ("b", "kept")))
    assert attributes(result) == {"a": "[redacted:error]", "b": "kept"}
    assert redactor.counts() == {"error": 1}
    assert KEY not in caplog.text


def test_the_operator_adds_patterns_and_keys():
    """Patterns are RE2 and may be anchored; keys count as attribute keys and in texts."""
    settings = Redact(
        extra=(SecretPattern(name="employee", regex=r"\bE-[0-9]{6}\b"), SecretPattern(name="greeting", regex="^hello")), extra_keys=("ssn", "pii.*")
    )
    result = attributes(
        Redactor(settings)(
            with_attributes(("a", "E-123456, not XE-123456"), ("b", "hello hello"), ("ssn", "1 2 3"), ("pii.name", "Bob"), ("c", '{"ssn": "078 05"}'))
        )
    )
    assert result == {
        "a": "[redacted:employee], not XE-123456",
        "b": "[redacted:greeting] hello",
        "ssn": "[redacted:attribute]",
        "pii.name": "[redacted:attribute]",
        "c": '{"ssn": "[redacted:credential]"}',
    }


def test_the_operator_switches_patterns_off():
    """A disabled name is not looked for; a disabled stage does nothing."""
    batch = with_attributes(("a", KEY), ("password", "x9"))
    only_keys = Redactor(Redact(disabled=("anthropic_key", "openai_key")))
    assert attributes(only_keys(batch)) == {"a": KEY, "password": "[redacted:password]"}
    assert Redactor(Redact(enabled=False))(batch) is batch


@pytest.mark.parametrize("regex", ["(", "(?=a)b", "a*", ""])
def test_a_bad_pattern_is_refused(regex):
    """What RE2 does not take, or what matches the empty text, is no pattern."""
    with pytest.raises(ValidationError, match="extra"):
        Redact(extra=[{"name": "x", "regex": regex}])


def test_settings_that_cannot_work_are_refused():
    """Names of patterns that do not exist, and patterns which would match their own replacement."""
    with pytest.raises(ConfigError, match="nosuch"):
        Redactor(Redact(disabled=("nosuch",)))
    with pytest.raises(ConfigError, match="its own replacement"):
        Redactor(Redact(extra=(SecretPattern(name="words", regex="[a-z]+"),)))


def test_without_the_faster_library_the_answer_is_the_same(monkeypatch):
    """Where google-re2 has no wheel, pyarrow's RE2 does the first pass."""
    monkeypatch.setattr("spyglass.refine.suspects.re2", None)
    batch = span_batch(130, name=[KEY if i == 77 else "clean" for i in range(130)])
    assert Redactor()(batch).rows["name"].to_pylist().count(REPLACED) == 1
    assert Redactor()(span_batch(64)).rows.equals(spans(64))
