"""Entity references are kept, whichever way they came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spyglass.decode.encode import encode
from spyglass.decode.entities import entity_text, fields_of
from spyglass.decode.otlp_json import to_protobuf
from spyglass.decode.wire import parse_request
from spyglass.model.errors import DecodeError
from spyglass.model.schema import Kind

TEXT = '[{"schemaUrl":"s","type":"service","idKeys":["service.name","service.instance.id"],"descriptionKeys":["service.version"]},{"type":"host"}]'
FIELDS: dict[str, Any] = {"schema_url": "s", "type": "service", "id_keys": ["service.name", "service.instance.id"], "description_keys": ["service.version"]}


def test_they_stand_beside_the_resource(span: Callable[..., Any], rows: Callable[..., Any], decode: Callable[..., Any]) -> None:
    """As the text that OTLP/JSON has for them; what comes out again is what came in."""
    request, _ = span()
    refs = request.resource_spans[0].resource.entity_refs
    refs.add(**FIELDS)
    refs.add(type="host")
    (row,) = rows("traces", request)
    assert row["resource_entity_refs"] == TEXT
    again = parse_request("traces", encode(Kind.SPAN, decode("traces", request).batch.rows))
    assert again.resource_spans[0].resource == request.resource_spans[0].resource


@pytest.mark.parametrize("spelling", ["camel", "snake"])
def test_json_may_tell_them(span: Callable[..., Any], spelling: str) -> None:
    """In the usual names, which are read the quick way, and in others."""
    names = ("entityRefs", "idKeys") if spelling == "camel" else ("entity_refs", "id_keys")
    text = '{"resourceSpans": [{"resource": {"%s": [{"type": "service", "%s": ["a", "", "b"]}]}}]}' % names  # noqa: UP031
    [ref] = parse_request("traces", to_protobuf("traces", text.encode())).resource_spans[0].resource.entity_refs
    assert (ref.type, list(ref.id_keys)) == ("service", ["a", "", "b"])


def test_too_many_names_are_refused(span: Callable[..., Any], decode: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A small body must not fill the memory."""
    monkeypatch.setattr("spyglass.decode.limits.MOST", 100)
    request, _ = span()
    request.resource_spans[0].resource.entity_refs.add(id_keys=[""] * 101)
    assert isinstance(decode("traces", request).outcomes[0], DecodeError)


def test_a_text_that_was_redacted_says_nothing() -> None:
    """And breaks nothing."""
    assert list(fields_of("[redacted:error]")) == []
    assert list(fields_of("")) == []
    assert list(fields_of(TEXT)) == [FIELDS, {"type": "host"}]
    assert entity_text([]) == ""
