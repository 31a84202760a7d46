"""Parsing: what a text means, which text a tree has, and that no text does harm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.errors import QueryError
from spyglass.model.schema import Kind
from spyglass.search.conditions import MAX_WILDCARDS
from spyglass.search.fields import FIELDS, STATES, Field, Type
from spyglass.search.parse import MAX_BYTES, MAX_DEPTH, MAX_RELATIONS, MAX_TERMS, parse
from spyglass.search.tree import And, Comparison, Everything, Has, Is, Match, Not, Or, Over, Parent, Range, Ref, Tree, Under, all_of, any_of, walk
from spyglass.search.values import EARLIEST_NS, LATEST_NS, Ago, Duration, Moment, Number, Pattern, Value


def text(*words: str) -> tuple[Match, ...]:
    """Bare words as the tree has them."""
    return tuple(Match(Ref("text"), (Pattern((word,)),)) for word in words)


A, B, C = text("a", "b", "c")
TOOL, PLANNER = Match(Ref("kind"), (Pattern(("tool",)),)), Match(Ref("agent"), (Pattern(("planner",)),))


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("", Everything()),
        ("*", Everything()),
        ("a b or c", Or((And((A, B)), C))),
        ("a and (b or c)", And((A, Or((B, C))))),
        ("not a b", And((Not(A), B))),
        ("-a !b", And((Not(A), Not(B)))),
        ("NOT a OR b", Or((Not(A), B))),
        ("(a b) c", And((A, B, C))),
        ("not a under b", Not(Under(A, B))),
        ("-a under b", Under(Not(A), B)),
        ("a under b under c", Under(A, Under(B, C))),
        ("a b under c", And((A, Under(B, C)))),
        ("tool under agent:planner", Under(TOOL, PLANNER)),
        ("tool agent:planner", And((*text("tool"), PLANNER))),
        ("a over (tool or root)", Over(A, Or((TOOL, Is("root"))))),
        ("parent:(tool)", Parent(TOOL)),
        ("is:tool,error", Or((TOOL, Is("error")))),
        ("root", Is("root")),
        ('"root"', *text("root")),
        ("agent!=planner", Not(PLANNER)),
        ("agent=planner", PLANNER),
    ],
)
def test_the_shape_of_a_search(source: str, tree: Tree) -> None:
    """Precedence, shorthands and the ways to write not."""
    assert parse(source) == tree


@pytest.mark.parametrize(
    ("source", "canonical"),
    [
        ("duration:>2000ms", "duration>2s"),
        ("latency > 2s", "duration>2s"),
        ("gen_ai.request.model:x", "request_model:x"),
        ("SERVICE.NAME:x", "service:x"),
        ("agent:(a or b, c)", "agent:a,b,c"),
        ('agent:"a b","c"', 'agent:"a b",c'),
        ("status:ERROR", "status:error"),
        ("severity>=warn", "severity>=warning"),
        ("trace:" + "AB" * 16, "trace_id:" + "ab" * 16),
        ("tokens:1k..", "tokens>=1000"),
        ("tokens:..5k", "tokens<=5000"),
        ("attr.x:1..5", "attr.x:1..5"),
        ('attr.x:"1..5"', 'attr.x:"1..5"'),
        ("attr.x:1..b", 'attr.x:"1..b"'),
        ('attr."x.y":z', "attr.x.y:z"),
        ('attr."genkit:input":z', 'attr."genkit:input":z'),
        ("agent:*", "has:agent"),
        ("agent:a,*", "agent:a or has:agent"),
        ("has:cost,tokens", "has:cost or has:tokens"),
        ("time:2026-11-01..now", "time:2026-11-01..now"),
        ("parent:00F067AA0BA902B7", "parent_span_id:00f067aa0ba902b7"),
        ("stream:True", "stream:true"),
        ("text:a,b", "text:a,b"),
        ("don't", '"don\'t"'),
    ],
)
def test_the_canonical_text(source: str, canonical: str) -> None:
    """One way to write each search, which reads back as the same search."""
    assert str(parse(source)) == canonical
    assert parse(canonical) == parse(source)


def test_columns_are_kept_and_do_not_matter() -> None:
    """A condition knows where it stood; two searches that differ only in blanks are equal."""
    tree = parse("  agent:planner   tool under x")
    assert [node.column for node, _ in walk(tree) if isinstance(node, Match | Under)] == [3, 24, 19, 30]
    assert tree == parse("agent:planner tool under x")


def patterns(field: Field) -> st.SearchStrategy[Value]:
    """Texts that the field takes."""
    words = st.text(min_size=1, max_size=8)
    match field.type:
        case Type.CHOICE:
            return st.sampled_from(field.values).map(lambda value: Pattern((value,)))
        case Type.BOOL:
            return st.sampled_from(["true", "false"]).map(lambda value: Pattern((value,)))
        case Type.ID:
            size = 8 if field.name.endswith("span_id") else 16
            return st.binary(min_size=size, max_size=size).map(lambda value: Pattern((value.hex(),)))
        case Type.WORDS:
            return words.map(lambda value: Pattern((f"x{value}",)))
        case _:
            return words.map(lambda value: Pattern((value,))) | st.tuples(words, words).map(Pattern)


def values(field: Field) -> st.SearchStrategy[Value]:
    """Amounts and times that the field compares with."""
    moments = st.tuples(st.integers(EARLIEST_NS // 10**9, LATEST_NS // 10**9 - 1), st.sampled_from([1, 10**6, 10**9]))
    known: dict[Type, st.SearchStrategy[Value]] = {
        Type.COUNT: st.integers(0, 2**64 - 1).map(Number),
        Type.DURATION: st.integers(0, 2**63 - 1).map(Duration),
        Type.TIME: moments.map(lambda one: Moment(one[0] * 10**9, one[1])) | st.integers(0, 10**15).map(Ago),
        Type.CHOICE: patterns(field),
    }
    plain = st.integers(-(2**53), 2**53).map(Number) | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not x.is_integer()).map(Number)
    return known.get(field.type, plain)


@st.composite
def conditions(draw: st.DrawFn) -> Tree:
    """One condition of any kind."""
    field = draw(st.sampled_from(FIELDS))
    ref = Ref(field.name, draw(st.text(min_size=1, max_size=8)) if field.type is Type.ATTRIBUTE else "")
    forms = ["has", "is"]
    amount = field.type in {Type.COUNT, Type.NUMBER, Type.USD, Type.DURATION, Type.TIME}
    forms += ["compare", "range"] if amount or field.type is Type.ATTRIBUTE else ["compare"] if field.ordered else []
    forms += ["match"] if not amount or field.type is Type.COUNT else []
    match draw(st.sampled_from(forms)):
        case "has":
            return Has(ref)
        case "is":
            return Is(draw(st.sampled_from(list(STATES))))
        case "compare":
            return Comparison(ref, draw(st.sampled_from(["<", "<=", ">", ">="])), draw(values(field)))
        case "range":
            ends = draw(st.lists(values(field).filter(lambda value: not isinstance(value, Ago)), min_size=2, max_size=2))
            return Range(ref, *sorted(ends, key=lambda value: value.ns if isinstance(value, Duration | Moment) else value.value))  # type: ignore[union-attr]
        case _:
            given_values = values(field) if amount else patterns(field)
            return Match(ref, tuple(draw(st.lists(given_values, min_size=1, max_size=3))))


def branches(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """Everything that holds other trees."""
    several = st.lists(inner, min_size=2, max_size=3)
    pairs = st.tuples(inner, inner)
    return (
        several.map(lambda trees: all_of(*trees))
        | several.map(lambda trees: any_of(*trees))
        | inner.map(Not)
        | pairs.map(lambda pair: Under(*pair))
        | pairs.map(lambda pair: Over(*pair))
        | inner.map(Parent)
    )


trees = st.recursive(conditions() | st.just(Everything()), branches, max_leaves=6)


def relations(tree: Tree) -> int:
    """How many under, over and parent."""
    return sum(isinstance(node, Under | Over | Parent) for node, _ in walk(tree))


@given(trees.filter(lambda tree: relations(tree) <= MAX_RELATIONS and len(str(tree).encode(errors="replace")) < MAX_BYTES))
@settings(max_examples=200, deadline=None)
def test_the_text_of_a_tree_parses_to_the_same_tree(tree: Tree) -> None:
    """Round trip, for every tree that the language can say."""
    assert parse(str(tree)) == tree


PIECES = st.sampled_from(
    [
        *'()",-!:<>=*\\ .',
        " and ",
        " or ",
        "not ",
        " under ",
        " over ",
        "agent:",
        "attr.x",
        'attr."',
        "has:",
        "is:",
        "parent:(",
        "duration>",
        "2s",
        "..",
        "-1h",
        "tool",
        "root",
        "\n",
        "\0",
        "é",
    ]
)


def outcome(source: str) -> Tree | QueryError:
    """Whatever parsing gives."""
    try:
        return parse(source)
    except QueryError as error:
        return error


@given(st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_search_or_a_query_error(source: str) -> None:
    """Never another exception; an error points into the text, and a search has a canonical text."""
    got = outcome(source)
    if isinstance(got, QueryError):
        assert 1 <= got.details["column"] <= len(source) + 1
        assert got.message.startswith(f"column {got.details['column']}: ")
    else:
        assert parse(str(got)) == got


@pytest.mark.parametrize(
    "source",
    [
        "(" * 4096,
        "-" * 4096,
        "not " * 1024,
        "(" * 2000 + "a" + ")" * 2000,
        "a under " * 512,
        "a " * 2048,
        '"' * 4095,
        "agent:" + "*a" * 2000,
        "agent:" + "a," * 2000,
        "duration>" + "1s" * 2000,
    ],
)
def test_the_longest_texts_are_answered_soon(source: str) -> None:
    """No recursion, nothing exponential: whatever the answer, it comes."""
    got = outcome(source)
    assert not isinstance(got, QueryError) or got.details["column"] >= 1


@pytest.mark.parametrize(
    ("allowed", "refused", "about"),
    [
        ("x" * MAX_BYTES, "x" * (MAX_BYTES + 1), "bytes long"),
        ("é" * (MAX_BYTES // 2), "é" * (MAX_BYTES // 2 + 1), "bytes long"),
        ("-" * (MAX_DEPTH - 1) + "x", "-" * MAX_DEPTH + "x", "nested too deep"),
        ("x " * MAX_TERMS, "x " * (MAX_TERMS + 1), "conditions"),
        ("x under " * MAX_RELATIONS + "x", "x under " * (MAX_RELATIONS + 1) + "x", "under, over and parent"),
        ("name:" + "a*" * MAX_WILDCARDS, "name:" + "a*" * (MAX_WILDCARDS + 1), "wildcards"),
    ],
)
def test_each_limit_refuses_one_more(allowed: str, refused: str, about: str) -> None:
    """At the limit a search is one, beyond it the error names the limit."""
    parse(allowed)
    with pytest.raises(QueryError, match=about):
        parse(refused)


def test_a_field_of_another_kind_is_refused_where_it_stands() -> None:
    """The error says which records know the field; one kind of several is enough."""
    with pytest.raises(QueryError, match=r"column 10: duration asks about spans and events, not about points") as raised:
        parse("metric:a duration>1s", Kind.POINT)
    assert raised.value.details["column"] == 10
    assert parse("metric:cpu or duration>1s", Kind.SPAN, Kind.POINT)
