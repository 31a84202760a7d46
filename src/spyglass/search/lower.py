"""Tree + kind of record + now -> predicate: aliases become columns, relative times become times, dates become their two ends.

This is the one place that says what a search means; `masks` and `store.filters` only answer its predicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from spyglass.model.schema import SCHEMAS, Kind
from spyglass.search import predicates as p
from spyglass.search.fields import FAILED, NAMES, Field, Type
from spyglass.search.mistakes import mistake
from spyglass.search.tree import And, Comparison, Everything, Has, Is, Match, Not, Or, Over, Parent, Range, Tree, Under, walk
from spyglass.search.values import EARLIEST_NS, LATEST_NS, Ago, Duration, Moment, Number, Pattern, Value

__all__ = ["check", "lower"]

_NOTHING: Final = p.Constant(False)
_STATES: Final[Mapping[str, Mapping[Kind, p.Predicate]]] = {
    "root": {Kind.SPAN: p.IdOneOf("parent_span_id", (bytes(8),))},
    "error": FAILED,
    "pending": {Kind.SPAN: p.IsTrue("pending")},
    "plumbing": {Kind.SPAN: p.IsTrue("plumbing")},
    "stream": {Kind.SPAN: p.IsTrue("stream"), Kind.EVENT: p.IsTrue("stream")},
}
_PLURAL: Final = {Kind.SPAN: "spans", Kind.EVENT: "events", Kind.POINT: "points"}


def check(tree: Tree, *kinds: Kind) -> None:
    """Refuse a search that asks what none of `kinds` can answer; without kinds, refuse nothing.

    Raises:
        QueryError: names the condition and the kinds of record that know it.
    """
    for node, _ in walk(tree):
        known = _kinds(node)
        if kinds and not known & set(kinds):
            about, not_about = (" and ".join(_PLURAL[kind] for kind in Kind if kind in group) for group in (known, kinds))
            raise mistake(getattr(node, "column", 0), f"{_name(node)} asks about {about}, not about {not_about}")


def lower(tree: Tree, kind: Kind, now_ns: int) -> p.Predicate:
    """What the tree asks of a row of `kind` at the time `now_ns`. A condition on a field that the kind does not have is never met."""
    match tree:
        case Everything():
            return p.Constant(True)
        case And(terms):
            return p.AllOf(tuple(lower(term, kind, now_ns) for term in terms))
        case Or(terms):
            return p.AnyOf(tuple(lower(term, kind, now_ns) for term in terms))
        case Not(term):
            return p.Negation(lower(term, kind, now_ns))
        case Is(state):
            return _STATES[state].get(kind, _NOTHING)
        case Under(span, other) | Over(span, other):
            relation = p.Beneath if isinstance(tree, Under) else p.Above
            found = p.AllOf((lower(span, kind, now_ns), relation(lower(other, kind, now_ns))))
        case Parent(term):
            return p.ChildOf(lower(term, kind, now_ns)) if kind is Kind.SPAN else _NOTHING
        case _:
            return _condition(tree, kind, now_ns)
    return found if kind is Kind.SPAN else _NOTHING


@dataclass(frozen=True, slots=True)
class _Target:
    """A field as one kind of record has it."""

    field: Field
    columns: tuple[str, ...]
    key: str
    kind: Kind
    now_ns: int


def _condition(tree: Match | Comparison | Range | Has, kind: Kind, now_ns: int) -> p.Predicate:
    field = NAMES[tree.ref.name]
    if kind not in field.columns:
        return _NOTHING
    target = _Target(field, field.columns[kind], tree.ref.key, kind, now_ns)
    match tree:
        case Has():
            return _told(target)
        case Comparison(_, op, value):
            return _compared(target, (op, value))
        case Range(_, low, high):
            return _compared(target, (">=", low), ("<=", high))
        case Match(_, values):
            return _matched(target, values)


def _matched(target: _Target, values: tuple[Value, ...]) -> p.Predicate:
    columns, column = target.columns, target.columns[0]
    patterns = [value for value in values if isinstance(value, Pattern)]
    exact = tuple(value.parts[0] for value in patterns if value.exact is not None)
    wild = [value for value in patterns if value.exact is None]
    match target.field.type:
        case Type.TEXT | Type.CHOICE:
            known = [p.OneOf(one, exact) for one in columns] if exact else []
            return _any([*known, *(p.Like(one, pattern) for one in columns for pattern in wild)])
        case Type.ATTRIBUTE:
            equal = [p.AttributeOneOf(column, target.key, exact)] if exact else []
            return _any([*equal, *(p.AttributeLike(column, target.key, pattern) for pattern in wild)])
        case Type.LIST:
            return _any(p.Listed(column, pattern) for pattern in patterns)
        case Type.WORDS:
            return _any(p.Words(columns, text, _messages(target)) for text in exact)
        case Type.ID:
            return p.IdOneOf(column, tuple(bytes.fromhex(text) for text in exact))
        case Type.BOOL:
            is_true = p.IsTrue(column)
            return _any(is_true if text == "true" else p.Negation(is_true) for text in exact)
        case Type.TIME:
            return _any(_compared(target, (">=", value), ("<=", value)) for value in values)
        case _:
            return _any(_compared(target, ("=", value)) for value in values)


def _compared(target: _Target, *bounds: tuple[p.Relation, Value]) -> p.Predicate:
    """All of the bounds, on a number that was told."""
    told = target.field.told.get(target.kind)
    terms = [_bound(target, relation, value) for relation, value in bounds]
    return _all(terms if told is None else [told, *terms])


def _bound(target: _Target, relation: p.Relation, value: Value) -> p.Predicate:
    match value:
        case Pattern():
            return p.OneOf(target.columns[0], _choices(target.field, relation, value.parts[0]))
        case Moment() | Ago():
            return p.Number(target.columns, *_time_bound(relation, value, target.now_ns))
        case Duration(ns):
            return p.Number(target.columns, relation, ns / 10**9 if target.columns[0].endswith("_s") else ns)
        case Number(number) if target.field.type is Type.ATTRIBUTE:
            return p.AttributeNumber(target.columns[0], target.key, relation, float(number))
        case Number(number):
            return p.Number(target.columns, relation, number)


def _choices(field: Field, relation: p.Relation, value: str) -> tuple[str, ...]:
    at = field.values.index(value)
    return {"<": field.values[:at], "<=": field.values[: at + 1], ">": field.values[at + 1 :], ">=": field.values[at:]}[relation]


def _time_bound(relation: p.Relation, value: Moment | Ago, now_ns: int) -> tuple[p.Relation, int]:
    """A moment is an interval: after a day means after its end, and until a day includes it."""
    if isinstance(value, Ago):
        return relation, min(max(now_ns - value.ns, EARLIEST_NS), LATEST_NS)
    end_ns = value.ns + value.span_ns
    bounds: dict[p.Relation, tuple[p.Relation, int]] = {"<": ("<", value.ns), "<=": ("<", end_ns), ">": (">=", end_ns), ">=": (">=", value.ns)}
    return bounds[relation]


def _told(target: _Target) -> p.Predicate:
    columns, kind = target.columns, target.kind
    if kind in target.field.told:
        return target.field.told[kind]
    match target.field.type:
        case Type.TEXT | Type.CHOICE | Type.WORDS:
            texts = [p.Negation(p.OneOf(column, ("",))) for column in columns]
            return _any([*texts, *(p.NotEmpty(f"{direction}_messages") for direction in _messages(target))])
        case Type.ID:
            return p.Negation(p.IdOneOf(columns[0], (bytes(SCHEMAS[kind].field(columns[0]).type.byte_width),)))
        case Type.LIST:
            return p.NotEmpty(columns[0])
        case Type.BOOL:
            return p.IsTrue(columns[0])
        case Type.ATTRIBUTE:
            return p.Attribute(columns[0], target.key)
        case _:
            return p.Constant(True)


def _messages(target: _Target) -> tuple[str, ...]:
    """The directions in which a span's messages belong to a full-text field."""
    if target.kind is not Kind.SPAN or target.field.type is not Type.WORDS:
        return ()
    return ("input", "output") if target.field.name == "text" else (target.field.name,)


def _name(node: Tree) -> str:
    match node:
        case Match(ref) | Comparison(ref) | Range(ref) | Has(ref):
            return str(ref)
        case Is(state):
            return f"is:{state}"
        case _:
            return type(node).__name__.lower()


def _kinds(node: Tree) -> set[Kind]:
    match node:
        case Match(ref) | Comparison(ref) | Range(ref) | Has(ref):
            return set(NAMES[ref.name].columns)
        case Is(state):
            return set(_STATES[state])
        case Under() | Over() | Parent():
            return {Kind.SPAN}
        case _:
            return set(Kind)


def _any(terms: Iterable[p.Predicate]) -> p.Predicate:
    terms = tuple(terms)
    return p.AnyOf(terms) if len(terms) > 1 else terms[0] if terms else _NOTHING


def _all(terms: list[p.Predicate]) -> p.Predicate:
    return p.AllOf(tuple(terms)) if len(terms) > 1 else terms[0]
