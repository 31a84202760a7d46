"""Every SQL file says what it is, and is bounded."""

from __future__ import annotations

import re

import pytest

from spyglass.model.errors import StoreError
from spyglass.store.binding import placeholders, without_literals
from spyglass.store.sqlfiles import load, names, read_file

ALL = names()


@pytest.mark.parametrize("name", ALL)
def test_a_file_opens_with_its_purpose_and_parameters(name: str) -> None:
    """The first line is a sentence, and each parameter is named in the header."""
    file = read_file(name)
    assert file.purpose.endswith((".", ".)")) or ". " in file.purpose, "the first comment line is the purpose, a sentence"
    header = " ".join(file.header)
    assert [parameter for parameter in file.parameters if not re.search(rf"\b{parameter}\b", header)] == []


@pytest.mark.parametrize("name", ALL)
def test_a_read_has_a_limit_and_a_time_range(name: str) -> None:
    """Or says why not."""
    file = read_file(name)
    if file.unbounded is not None:
        assert file.unbounded, "unbounded needs a reason"
        return
    text = without_literals(file.text)
    times = [parameter for parameter, kind in file.parameters.items() if kind.startswith("DateTime") or parameter.endswith("_ns")]
    assert re.search(r"\bLIMIT\b", text), "no LIMIT, and no `-- unbounded: reason`"
    assert times, "no time range, and no `-- unbounded: reason`"


@pytest.mark.parametrize("name", ALL)
def test_columns_are_listed(name: str) -> None:
    """No `SELECT *`: a new column must not change an answer."""
    assert not re.search(r"\bSELECT\s+(?:\w+\.)?\*", without_literals(read_file(name).text))


def test_a_file_is_its_statement_without_the_header() -> None:
    """The header is for people."""
    file = read_file("gate/canonical")
    assert file.text == load("gate/canonical") == "SELECT formatQuery({text:String}) AS canonical"
    assert file.parameters == placeholders(file.text) == {"text": "String"}


def test_a_query_has_all_its_values() -> None:
    """And no others."""
    file = read_file("gate/canonical")
    assert file.query(text="x").parameters == {"text": "x"}
    for values in ({}, {"text": "x", "more": 1}):
        with pytest.raises(StoreError, match="takes"):
            file.query(**values)


@pytest.mark.parametrize("name", ["nope/nope", "../engine", "gate/canonical.sql", "/etc/passwd", "gate"])
def test_only_files_of_ours_are_read(name: str) -> None:
    """By area and name."""
    with pytest.raises(StoreError, match="sql:"):
        load(name)
