"""docs/search.md tells the truth: its examples are searches, its mistakes are mistakes, its table is the table of fields."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from spyglass.model.errors import QueryError
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.search.conditions import MAX_WILDCARDS
from spyglass.search.fields import FIELDS, STATES, Field, Type
from spyglass.search.parse import MAX_BYTES, MAX_DEPTH, MAX_RELATIONS, MAX_TERMS, parse

DOC: Final = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
EXAMPLES: Final = [line.split(" # ")[0].strip() for block in re.findall(r"```search\n(.*?)```", DOC, re.DOTALL) for line in block.splitlines() if line.strip()]
MISTAKES: Final = re.findall(r"^\| `(.+?)` \| (column .+?) \|$", DOC, re.MULTILINE)
PLURAL: Final = {Kind.SPAN: "spans", Kind.EVENT: "events", Kind.POINT: "points"}
# Columns that are no question: the machinery of other columns, and what is asked for under another name.
NOT_SEARCHED: Final = re.compile(
    r"project|flags|metadata|trace_state|pair_key|body_type|value_int|value_type|has_.*|.*_types|.*schema_url|original_.*|scope_.*|resource_.*|scale|.*_(offset|counts?|threshold)"
)


def row(field: Field) -> str:
    """The field's line of the table."""
    name = f"{field.name}.<name>" if field.type is Type.ATTRIBUTE else field.name
    choices = ": " + ", ".join(f"`{value}`" for value in field.values) if field.values and not field.ordered else ""
    of = ", ".join(PLURAL[kind] for kind in Kind if kind in field.columns)
    return f"| `{name}` | {field.type} | {of} | {', '.join(f'`{alias}`' for alias in field.aliases)} | {field.about}{choices} |"


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_search(text: str) -> None:
    """An example parses, and its canonical text means the same."""
    tree = parse(text)
    assert parse(str(tree)) == tree


@pytest.mark.parametrize(("text", "answer"), MISTAKES)
def test_every_mistake_is_answered_as_documented(text: str, answer: str) -> None:
    """The message in the document is the message of the program."""
    with pytest.raises(QueryError) as raised:
        parse(text)
    assert raised.value.message == answer


def test_the_document_has_every_field_as_it_is() -> None:
    """Name, type, kinds, other names and meaning of each field stand in the table, in the order of the program."""
    table = [line for line in DOC.splitlines() if re.match(r"\| `.+?` \| \w+ \| (spans|events|points)", line)]
    assert table == [row(field) for field in FIELDS]


def test_the_document_has_every_state() -> None:
    """What `is:` takes stands in its table."""
    assert all(f"| `{state}` | {about} |" in DOC for state, about in STATES.items())


def test_the_limits_are_documented() -> None:
    """The numbers in the document are those of the program."""
    sizes = f"{MAX_BYTES // 1024} KB, {MAX_TERMS} conditions, {MAX_DEPTH} levels of brackets and negations"
    limits = f"{sizes}, {MAX_WILDCARDS} wildcards in a value, and {MAX_RELATIONS}"
    assert limits in DOC


def test_examples_are_plenty() -> None:
    """The blocks were found: the document shows the language by example."""
    assert len(EXAMPLES) > 50
    assert len(MISTAKES) > 5


@pytest.mark.parametrize("kind", list(Kind))
def test_every_plain_column_is_a_field(kind: Kind) -> None:
    """A column that a person may ask about can be searched."""
    import pyarrow as pa

    asked = {column for field in FIELDS for column in field.columns.get(kind, ())}
    nested = (pa.types.is_struct, pa.types.is_integer, pa.types.is_floating, pa.types.is_fixed_size_binary)
    plain = {column.name for column in SCHEMAS[kind] if not (pa.types.is_list(column.type) and any(is_a(column.type.value_type) for is_a in nested))}
    assert {column for column in plain - asked if not NOT_SEARCHED.fullmatch(column)} == set()
