"""ptars behind its door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spyglass.decode.ptars_door import ParseError, parse
from spyglass.model.body import Signal


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_there_is_a_list_per_body(signal: Signal) -> None:
    """Also for an empty one."""
    assert parse(signal, [b"", b"\n\0", b"\n\0\n\0"]).value_lengths().to_pylist() == [0, 1, 2]


def test_pairs_stay_bytes(span: Callable[..., tuple[Any, Any]]) -> None:
    """Attributes are not looked into here: `keyvalues` reads them."""
    request, it = span()
    it.attributes.add(key="k").value.array_value.values.add(string_value="a")
    spans = parse("traces", [request.SerializeToString()]).flatten().field("scope_spans").flatten().field("spans").flatten()
    assert spans.field("attributes").to_pylist() == [[it.attributes[0].SerializeToString()]]


@pytest.mark.parametrize("body", [b"\xff", b"\n\x05abc", "text", None])
def test_whatever_ptars_says_becomes_one_error(body: Any) -> None:
    """Nothing of ptars is known outside."""
    with pytest.raises(ParseError):
        parse("traces", [body])
