"""What is told as JSON with types comes back as it was, equal states have equal bytes, and nothing the host has can raise or run for long."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import uuid
from collections import OrderedDict, namedtuple
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass_sdk.typed import Bounds, encode
from spyglass_sdk.untyped import Placeholder, UnreadableError, decode, value_of

LARGE = Bounds(1_000_000, 30)
Point = namedtuple("Point", "x y")


class Colour(enum.Enum):
    """An enum."""

    RED = 1


@dataclasses.dataclass(frozen=True)
class Stop:
    """A dataclass."""

    name: str
    days: tuple[int, ...] = ()


class OddError(ValueError):
    """An exception that cannot be made from its args."""

    def __init__(self, code, *, hint):
        super().__init__(f"code {code}")
        self.code, self.hint = code, hint


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=())),
    st.binary(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.dates(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.just(Colour.RED),
)
HASHABLE = st.one_of(st.integers(), st.text(), st.binary(), st.tuples(st.integers(), st.text()), st.booleans())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(), inner, max_size=4),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.dictionaries(st.just("$type"), inner),
        st.frozensets(HASHABLE, max_size=4),
        st.sets(HASHABLE, max_size=4),
        st.tuples(inner, inner),
        st.builds(Stop, st.text(), st.tuples(st.integers())),
        st.builds(Point, inner, inner),
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.booleans())
def test_values_come_back(value, canonical):
    """With their types, whatever they are made of."""
    typed = encode(value, LARGE, canonical=canonical)
    assert typed.whole
    found = decode(typed.text)
    assert found == value
    assert type(found) is type(value)
    assert encode(found, LARGE, canonical=canonical).text == typed.text


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_equal_states_have_equal_bytes(state):
    """In whatever order they were built."""
    turned = dict(reversed(state.items()))
    assert encode(state, LARGE).text == encode(turned, LARGE).text
    assert encode(set("abcdef"), LARGE).text == encode(set("fedcba"), LARGE).text


def test_the_order_of_a_mapping_is_kept_where_it_is_wanted():
    """An answer may be iterated over."""
    assert list(decode(encode({"b": 1, "a": 2}, LARGE, canonical=False).text)) == ["b", "a"]


def test_exceptions_come_back_without_their_init():
    """With what they carry."""
    found = decode(encode(OddError(7, hint="try again"), LARGE).text)
    assert (type(found), found.args, found.code, found.hint) == (OddError, ("code 7",), 7, "try again")


def test_models_come_back():
    """Of pydantic, nested, with what was not set and what is extra."""
    pydantic = pytest.importorskip("pydantic")

    class Inner(pydantic.BaseModel):
        at: datetime

    class Outer(pydantic.BaseModel, extra="allow"):
        inner: Inner
        count: int = pydantic.Field(3, alias="Count")

    globals().update(Inner=Inner, Outer=Outer)
    for kind in (Inner, Outer):
        kind.__qualname__ = kind.__name__
    value = Outer(inner=Inner(at=datetime(2026, 1, 1, tzinfo=UTC)), more=[1])
    found = decode(encode(value, LARGE).text)
    assert found == value
    assert (found.model_fields_set, found.count, found.more) == (value.model_fields_set, 3, [1])


@pytest.mark.parametrize(
    "value", [OrderedDict(a=1), Path("/a/b"), uuid.UUID(int=5), Decimal("1.50"), date(2026, 1, 1), timedelta(days=-1), 2**70, math.inf, 3 + 4j, int]
)
def test_odd_values_come_back(value):
    """As equal ones."""
    assert decode(encode(value, LARGE).text) == value


def test_what_has_no_json_becomes_a_placeholder():
    """Described by its type, the same each time, and counted; the rest is there."""

    class Broken(dict):
        def __iter__(self):
            raise RuntimeError("no")

        keys = items = __iter__

    loop: list = [1]
    loop.append(loop)
    state = {"lock": object(), "f": print, "loop": loop, "broken": Broken(a=1), "fine": [1, 2], "lines": (x for x in "ab")}
    typed = encode(state, LARGE)
    assert typed.placeholders == 5
    assert typed.text == encode(state, LARGE).text
    found = value_of(json.loads(typed.text), strict=False)
    assert (found["fine"], found["lock"]) == ([1, 2], Placeholder("builtins:object", "builtins:object: has no JSON"))
    with pytest.raises(UnreadableError, match="raised RuntimeError"):
        decode(typed.text)


def test_huge_values_are_cut_within_their_bounds():
    """Of size and of time, and say so."""
    for value in ("x" * 10_000_000, list(range(5_000_000)), {str(number): "y" * 1000 for number in range(20_000)}, b"z" * 10_000_000, [["a"] * 1000] * 1000):
        typed = encode(value, Bounds(50_000, 30))
        assert typed.was_cut
        assert len(typed.text) < 200_000
        json.loads(typed.text)
    numbers = [[number] for number in range(10**6)]
    typed = encode(numbers, Bounds(2**40, 0.02))
    assert typed.was_cut
    assert len(typed.text) < 6_000_000
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert encode(deep, LARGE).placeholders == 1
    while deep:  # or the interpreter takes it apart recursively
        deep = deep.pop()


@pytest.mark.parametrize(
    "text",
    [
        '{"$type":"dataclass","of":"antigravity:Fly","value":{}}',
        '{"$type":"dataclass","of":"os:system","value":{}}',
        '{"$type":"dataclass","of":"subprocess:Popen","value":{"args":"id"}}',
        '{"$type":"pydantic","of":"builtins:dict","value":{}}',
        '{"$type":"exception","of":"builtins:int","value":[1]}',
        '{"$type":"enum","of":"builtins:int","value":"RED"}',
        '{"$type":"nothing known","of":"builtins:int"}',
        '{"$type":"bytes"}',
        '{"$type":"decimal","value":"x"}',
        "[",
    ],
)
def test_texts_of_others_are_refused(text):
    """A server can name no function, load no module, and make nothing but what is said."""
    with pytest.raises(UnreadableError):
        decode(text)
