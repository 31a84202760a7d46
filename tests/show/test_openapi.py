"""The API describes itself: what it answers, in named fields with their meaning, for people and for generated clients."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spyglass.config.spec import Settings
from spyglass.show.app import create_app

Document = dict[str, Any]
STREAMS = {"/api/v1/export", "/metrics"}  # not JSON


@pytest.fixture(scope="module")
def document() -> Document:
    """The document, without a server."""
    return create_app(SimpleNamespace(settings=Settings(), version="0")).openapi()  # type: ignore[arg-type]


def operations(document: Document) -> list[tuple[str, str, Document]]:
    return [(method, path, operation) for path, methods in document["paths"].items() for method, operation in methods.items()]


def schema_of(document: Document, operation: Document) -> Document:
    """Of what is answered when all went well; nothing is answered to what was deleted."""
    answer = next(told for status, told in operation["responses"].items() if status.startswith("2"))
    schema: Document = answer["content"]["application/json"]["schema"] if "content" in answer else {"properties": {}}
    schema = schema.get("anyOf", [schema])[0]  # the fullest comes first
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def test_the_document_in_the_repository_is_this_one(document: Document) -> None:
    """From it the web app's types are made, and the requests of `tests/flow/test_schema.py`: after a change run `.venv/bin/python scripts/reference`."""
    kept = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
    made = json.loads(json.dumps(document))
    assert sorted(kept["paths"].keys() ^ made["paths"].keys()) == []
    assert [path for path, told in made["paths"].items() if kept["paths"][path] != told] == []
    assert kept["components"] == made["components"]


def test_every_answer_has_a_named_schema(document: Document) -> None:
    """So that types can be generated from it."""
    unnamed = [path for _, path, operation in operations(document) if path not in STREAMS and "properties" not in schema_of(document, operation)]
    assert unnamed == []


def test_every_field_says_what_it_is(document: Document) -> None:
    """Each property of each answer has a description, or refers to what has one."""
    schemas = document["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, told in schema.get("properties", {}).items()
        if not told.keys() & {"description", "$ref"}
    ]
    silent += [name for name, schema in schemas.items() if "description" not in schema]
    assert silent == []


def test_every_list_has_items_and_a_cursor(document: Document) -> None:
    """The same in all of them."""
    for _, path, operation in operations(document):
        told = {} if path in STREAMS else schema_of(document, operation)["properties"]
        assert "items" not in told or {"next_cursor", "next_offset"} & told.keys(), path


def test_every_operation_tells_its_problems(document: Document) -> None:
    """With the media type of problems, and 404 where something is asked for by its id."""
    for _, path, operation in operations(document):
        wanted = {"400", "401", "422", "500", "503"} | ({"404"} if "span_id}" in path else set())
        assert wanted <= operation["responses"].keys(), path
        assert all("application/problem+json" in operation["responses"][status]["content"] for status in wanted - {"503"}), path


def test_every_parameter_and_operation_is_described(document: Document) -> None:
    """In a sentence."""
    assert [path for _, path, operation in operations(document) if not operation.get("summary") or not operation.get("description")] == []
    undescribed = [
        f"{path} {told['name']}"
        for _, path, operation in operations(document)
        for told in operation.get("parameters", ())
        if told["in"] != "header" and "description" not in told
    ]
    assert undescribed == []
