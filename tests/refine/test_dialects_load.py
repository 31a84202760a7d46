"""Reading dialect files: the built-in ones are right, and the operator's are answered clearly."""

from pathlib import Path

import pytest

from spyglass.model.batch import Batch
from spyglass.model.errors import ConfigError
from spyglass.model.schema import CANONICAL, Kind
from spyglass.refine.dialect import BUILT_IN, Dialects
from spyglass.refine.fields import FIELDS
from spyglass.refine.grammar import Effect, Marker, Source, UsageFact, When
from spyglass.refine.normalise import Normaliser
from spyglass.refine.transforms import NUMBERS, TEXTS
from spyglass.refine.vocabulary import KINDS
from spyglass.testing import rows

GOOD = """
title: Acme
kinds:
  - {rank: 1, key: acme.step, values: {llm-call: llm}}
fields:
  request_model:
    - {rank: 1, key: acme.model}
  input_tokens:
    - {rank: 1, key: acme.usage, path: tokens.in}
rules:
  - when: {keys: {acme.internal: ["true"]}}
    then: {plumbing: true}
"""


def written(folder: Path, text: str, name: str = "acme.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_built_in_dialects_are_right():
    """Every file that we ship is accepted, and each says what it is about."""
    dialects = Dialects.load()
    assert set(dialects.by_name) == {file.stem for file in BUILT_IN.glob("*.yaml")}
    assert all(dialect.title and dialect.about for _, dialect in dialects)


def test_an_operators_dialect_is_understood(tmp_path):
    """One file in a folder is all that a new convention needs."""
    normalise = Normaliser(Dialects.load(written(tmp_path, GOOD)))
    attributes = [[("acme.step", "LLM-call"), ("acme.model", "m-1"), ("acme.usage", '{"tokens":{"in":12}}'), ("acme.internal", "true")]]
    table = rows.spans(1, attributes=attributes, attribute_types="ssss").drop_columns([name for name, _ in CANONICAL])
    found = normalise(Batch(Kind.SPAN, table)).rows.to_pylist()[0]
    wanted = {"kind": "llm", "dialect": "acme", "request_model": "m-1", "input_tokens": 12, "plumbing": True}
    assert {name: found[name] for name in wanted} == wanted


def test_an_operators_file_replaces_a_built_in_one(tmp_path):
    """A file of the same name stands for the built-in dialect."""
    dialects = Dialects.load(written(tmp_path, "title: Mine\n", "openinference.yaml"))
    assert dialects.by_name["openinference"].title == "Mine"


def test_an_operators_words_are_added(tmp_path):
    """Words of a vocabulary.yaml stand beside the built-in ones."""
    dialects = Dialects.load(written(tmp_path, "providers: {acme-cloud: acme}\nfinish_reasons: {stop: [fertig]}\n", "vocabulary.yaml"))
    words = dialects.vocabulary
    assert (words.provider("Acme-Cloud"), words.provider("bedrock"), words.finish_reason("fertig")) == ("acme", "aws.bedrock", "stop")


BAD = {
    "title": ("kinds: []\n", "title: field required"),
    "unknown section": ("title: x\nfield: {}\n", "field: there is no such name; did you mean `fields`?"),
    "unknown field": ("title: x\nfields: {request_modell: []}\n", "there is no such field; did you mean `request_model`?"),
    "unknown option": ("title: x\nfields: {agent: [{rank: 1, keys: a}]}\n", "fields.agent.0.keys: there is no such name; did you mean `key`?"),
    "unknown kind": ("title: x\nkinds: [{rank: 1, key: a, values: {b: lm}}]\n", "there is no such kind of span; did you mean `llm`?"),
    "unknown transform": ("title: x\nfields: {agent: [{rank: 1, key: a, as: uper}]}\n", "there is no such transform"),
    "no place": ("title: x\nfields: {agent: [{rank: 1}]}\n", "expected exactly one of key, event, resource, pattern, constant"),
    "two decisions": ("title: x\nkinds: [{rank: 1, key: a, kind: llm, operations: true}]\n", "expected exactly one of values, operations, kind"),
    "bad pattern": ("title: x\nfields: {agent: [{rank: 1, pattern: '('}]}\n", "is not a regular expression"),
    "no group": ("title: x\nfields: {agent: [{rank: 1, key: a, match: 'b(?:c)'}]}\n", "expected exactly one group"),
    "match for a number": ("title: x\nfields: {input_tokens: [{rank: 1, key: a, match: '(1)'}]}\n", "match makes a text, and input_tokens is a number"),
    "number as text": ("title: x\nfields: {agent: [{rank: 1, key: a, as: ms}]}\n", "`as: ms` makes a number, and agent is a text"),
    "unknown condition field": ("title: x\nrules: [{when: {fields: {has_usages: true}}, then: {}}]\n", "did you mean `has_usage`?"),
    "rank": ("title: x\nfields: {agent: [{rank: first, key: a}]}\n", "fields.agent.0.rank"),
    "not yaml": ("title: [\n", "is not valid YAML"),
    "no mapping": ("- a\n", "expected a mapping"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_wrong_file_is_named_with_the_place(tmp_path, text, message):
    """The error says which file, where in it, and what would be right."""
    with pytest.raises(ConfigError) as error:
        Dialects.load(written(tmp_path, text))
    assert str(tmp_path / "acme.yaml") in error.value.message
    assert message in error.value.message


def test_the_page_names_all_that_there_is():
    """docs/dialects.md has every dialect, field, transform and condition."""
    page = (Path(__file__).parents[2] / "docs" / "dialects.md").read_text(encoding="utf-8")
    parts = (Marker, Source, When, Effect, UsageFact)
    options = {field.alias or name for part in parts for name, field in part.model_fields.items()}
    words = {*Dialects.load().by_name, *FIELDS, *TEXTS, *NUMBERS, *KINDS[1:], *options}
    assert {word for word in words if f"`{word}`" not in page and f"`{word}: true`" not in page and f"{word}: since_start" not in page} == set()


def test_a_missing_folder_is_an_error(tmp_path):
    """A folder that was named and is not there is said, not passed over."""
    with pytest.raises(ConfigError, match="expected a directory"):
        Dialects.load(tmp_path / "nowhere")
