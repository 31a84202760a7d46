"""All dialects, made ready to run: sources by field and rank, markers by rank, rules and usage facts in order.

In: `Dialects`. Out: `Plan`, made once per process; batches only read it. (Its converters remember texts: two threads may
convert the same text twice, nothing worse.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from typing import Any, Final

import numpy as np
import pyarrow as pa

from spyglass.model.schema import Kind
from spyglass.refine import transforms
from spyglass.refine.dialect import Dialects
from spyglass.refine.fields import FIELDS, Field
from spyglass.refine.grammar import Dialect, Effect, Marker, Rule, Source, UsageFact, When
from spyglass.refine.messages.sources import keys as message_keys
from spyglass.refine.patterns import Mask, Patterns, globbed
from spyglass.refine.picks import Converter, Doubtful
from spyglass.refine.vocabulary import KINDS

__all__ = ["KIND_CODES", "MarkerPlan", "Plan", "RulePlan", "SourcePlan", "UsagePlan", "WhenPlan"]

KIND_CODES: Final = {kind: code for code, kind in enumerate(KINDS)}
_NO_PATTERN: Final = -1
_REMEMBERED: Final = 256  # sets of keys whose sources are remembered


@dataclass(frozen=True, slots=True)
class Key:
    """An attribute's name, or a pattern for names."""

    name: str
    number: int  # of the pattern; -1: a plain name


@dataclass(frozen=True, slots=True)
class MarkerPlan:
    """A marker, ready."""

    dialect: int
    key: Key | None
    decide: Converter | None  # value -> code of a kind, 0: none
    code: int  # decision where no value is looked at
    name: int
    scope: int
    has: tuple[tuple[Key, ...], ...]
    issue: str


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """A source, ready. `kinds` has one truth value per kind code, or is None for all kinds."""

    source: Source
    key: Key | None
    kinds: Mask | None
    scope: int
    name: int
    pattern: int
    convert: Converter | None  # None: values are taken as they are, but for quotes
    numbers: Callable[[str], float | None] | None


@dataclass(frozen=True, slots=True)
class WhenPlan:
    """Conditions, ready."""

    kinds: Mask | None
    scope: int
    name: int
    service: int
    span_kind: frozenset[str]
    status: frozenset[str]
    status_message: int
    keys: tuple[tuple[Key, bool, re.Pattern[str] | None], ...]  # name, wanted there, wanted value
    events: frozenset[str]
    fields: tuple[tuple[str, bool, re.Pattern[str] | None], ...]
    name_is: str

    @property
    def early(self) -> bool:
        """Whether it can be decided before the fields are filled."""
        return not (self.fields or self.name_is)


@dataclass(frozen=True, slots=True)
class RulePlan:
    """A rule, ready."""

    on: frozenset[str]
    when: WhenPlan
    then: Effect
    pair: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """A usage fact, ready."""

    when: WhenPlan
    fact: UsageFact


class Plan:
    """What normalise does, for each kind of record."""

    def __init__(self, dialects: Dialects) -> None:
        self.words = dialects.vocabulary
        self.names: list[str] = ["", *dialects.by_name]  # dialects by code
        self.patterns = Patterns()  # over names of rows, scopes and services
        self.keys = Patterns()  # over attribute keys
        self.doubtful = Doubtful(self.words.absent)
        self.unquote = Converter(self._plain)
        self.flag = Converter(transforms.flag)
        self.number = Converter(transforms.number)
        self.provider_of_model = Converter(self.words.provider_of_model)
        self.message_keys = message_keys(dialect.messages for _, dialect in dialects)
        self.markers = {kind: self._markers(dialects, kind) for kind in Kind}
        self.sources = {kind: self._sources(dialects, kind) for kind in Kind}
        self._named = {kind: _named(sources) for kind, sources in self.sources.items()}
        self.small = self._small()
        self._active: dict[tuple[Kind, frozenset[str]], list[tuple[str, list[SourcePlan]]]] = {}
        self.rules = [self._rule(rule, dialect) for _, dialect in dialects for rule in dialect.rules]
        self.usage = [UsagePlan(self._when(fact.when), fact) for _, dialect in dialects for fact in dialect.usage]
        self.resource_keys = pa.array(sorted({source.resource for source in _all_sources(dialects) if source.resource}), pa.string())

    def _small(self) -> dict[Kind, frozenset[str]]:
        """The attributes that are read in any batch that has them and are short: values of many are gathered at once."""
        found = {}
        for kind in Kind:
            long = {source.key.name for name in ("input", "output") for source in self.sources[kind][name] if source.key is not None}
            markers = {marker.key.name for marker in self.markers[kind] if marker.key is not None and marker.decide is not None}
            found[kind] = (self._named[kind] | markers) - long - self.message_keys
        return found

    def active(self, kind: Kind, keys: Iterable[str]) -> list[tuple[str, list[SourcePlan]]]:
        """The fields and their sources, in order, without those whose attribute is not among `keys`."""
        named = self._named[kind]
        at = (kind, frozenset(key for key in keys if key in named))
        found = self._active.get(at)
        if found is None:
            if len(self._active) >= _REMEMBERED:
                self._active.clear()
            pairs = [(name, [source for source in sources if _may(source, at[1])]) for name, sources in self.sources[kind].items()]
            found = self._active[at] = [(name, sources) for name, sources in pairs if sources]
        return found

    def _markers(self, dialects: Dialects, record: Kind) -> list[MarkerPlan]:
        found = [
            (marker.rank, self._marker(marker, code))
            for code, (_, dialect) in enumerate(dialects, start=1)
            for marker in dialect.kinds
            if record.value in marker.records
        ]
        return [marker for _, marker in sorted(found, key=lambda pair: pair[0])]

    def _marker(self, marker: Marker, dialect: int) -> MarkerPlan:
        return MarkerPlan(
            dialect=dialect,
            key=self._key(marker.key) if marker.key else None,
            decide=self._decision(marker),
            code=KIND_CODES[marker.kind] if marker.kind else 0,
            name=self._pattern(marker.name),
            scope=self._pattern(marker.scope),
            has=tuple(tuple(self._key(key) for key in group) for group in marker.has),
            issue=marker.issue,
        )

    def _decision(self, marker: Marker) -> Converter | None:
        if marker.operations:
            return Converter(lambda text: KIND_CODES[self.words.kind_of_operation(self._said(text)) or ""])
        if not marker.values:
            return None
        exact = {value.lower(): KIND_CODES[kind or ""] for value, kind in marker.values.items() if "*" not in value}
        globs = [(re.compile(translate(value.lower())), KIND_CODES[kind or ""]) for value, kind in marker.values.items() if "*" in value]

        def decide(text: str) -> int:
            word = self._said(text).strip().lower()
            return exact[word] if word in exact else next((code for glob, code in globs if glob.match(word)), 0)

        return Converter(decide)

    def _said(self, text: str) -> str:
        return self.unquote(text) or ""

    def _sources(self, dialects: Dialects, record: Kind) -> dict[str, list[SourcePlan]]:
        found: dict[str, list[tuple[int, SourcePlan]]] = {name: [] for name in FIELDS}
        for _, dialect in dialects:
            for name, sources in dialect.fields.items():
                found[name] += [(source.rank, self._source(name, source, record)) for source in sources if _for(source, record)]
        return {name: [plan for _, plan in sorted(plans, key=lambda pair: pair[0])] for name, plans in found.items()}

    def _source(self, name: str, source: Source, record: Kind) -> SourcePlan:
        field = FIELDS[name]
        numbers = self._numbers(source) if field.shape == "number" else None
        return SourcePlan(
            source=source,
            key=self._key(source.key) if source.key else None,
            kinds=self._source_kinds(field, source) if record is not Kind.POINT else None,
            scope=self._pattern(source.scope),
            name=self._pattern(source.name),
            pattern=self._pattern(source.pattern),
            convert=None if numbers else self._converter(field, source),
            numbers=numbers,
        )

    def _source_kinds(self, field: Field, source: Source) -> Mask | None:
        """The kinds a source is for; the messages of model calls are columns of their own and no `input` and `output`."""
        kinds = _kinds(source.kinds)
        if field.shape != "content" or source.key not in self.message_keys:
            return kinds
        no_call: Mask = np.arange(len(KINDS)) != KIND_CODES["llm"]
        return no_call if kinds is None else kinds & no_call

    def _numbers(self, source: Source) -> Callable[[str], float | None]:
        last = transforms.NUMBERS.get(source.transform, transforms.number)
        if source.sum:
            return Converter(lambda text: transforms.total(text, source.sum))
        return Converter(_chain([_digger(source.path), last]) if source.path else last)

    def _converter(self, field: Field, source: Source) -> Converter | None:
        """Path, transform, words and rejects as one function; None where a text is only unquoted."""
        steps: list[Callable[[Any], Any]] = []
        if source.path:
            steps.append(_digger(source.path))
        if field.shape == "list":
            return Converter(_chain([*steps, transforms.strings, _each(self.words.finish_reason)]))
        if field.shape == "flag":
            return Converter(_chain([*steps, *([transforms.TEXTS[source.transform]] if source.transform else []), transforms.flag]))
        steps.append(self._plain)
        if source.match:
            steps += [_captor(source.match), self._plain]
        if source.transform:
            steps += [transforms.TEXTS[source.transform], self._plain]
        if field.words:
            steps.append(getattr(self.words, field.words))
        if source.reject:
            reject = re.compile(source.reject)
            steps.append(lambda value: None if reject.search(value) else value)
        return Converter(_chain(steps)) if len(steps) > 1 else None

    def _plain(self, value: Any) -> str | None:
        return transforms.text(value, self.words.absent)

    def _rule(self, rule: Rule, dialect: Dialect) -> RulePlan:
        return RulePlan(frozenset(rule.records), self._when(rule.when), rule.then, dialect.pair.keys)

    def _when(self, when: When) -> WhenPlan:
        return WhenPlan(
            kinds=_kinds(when.kinds),
            scope=self._pattern(when.scope),
            name=self._pattern(when.name),
            service=self._pattern(when.service),
            span_kind=frozenset(when.span_kind),
            status=frozenset(when.status),
            status_message=self._pattern(when.status_message),
            keys=tuple(
                [(self._key(key), wanted is not False, _values(wanted)) for key, wanted in when.keys.items()]
                + [(self._key(key), True, re.compile(pattern, re.DOTALL)) for key, pattern in when.matches.items()]
                + [(self._key(key), False, re.compile(pattern, re.DOTALL)) for key, pattern in when.lacks.items()]
            ),
            events=frozenset(when.events),
            fields=tuple((name, wanted is not False, _values(wanted)) for name, wanted in when.fields.items()),
            name_is=when.name_is,
        )

    def _pattern(self, pattern: str) -> int:
        return self.patterns.add(pattern) if pattern else _NO_PATTERN

    def _key(self, key: str) -> Key:
        return Key(key, self.keys.add(globbed(key)) if "*" in key else _NO_PATTERN)


def _named(sources: dict[str, list[SourcePlan]]) -> frozenset[str]:
    """The attributes that sources name in full."""
    return frozenset(source.key.name for plans in sources.values() for source in plans if source.key is not None and source.key.number < 0)


def _for(source: Source, record: Kind) -> bool:
    """Whether a source can have something for such a record: names and events with meaning are those of spans."""
    return record.value in source.records and (record is Kind.SPAN or not (source.pattern or source.event))


def _may(source: SourcePlan, keys: frozenset[str]) -> bool:
    return source.key is None or source.key.number >= 0 or source.key.name in keys


def _all_sources(dialects: Dialects) -> Iterable[Source]:
    return (source for _, dialect in dialects for sources in dialect.fields.values() for source in sources)


def _kinds(kinds: Iterable[str]) -> Mask | None:
    codes = [KIND_CODES[kind] for kind in kinds]
    return np.isin(np.arange(len(KINDS)), codes) if codes else None


def _values(wanted: bool | tuple[str, ...]) -> re.Pattern[str] | None:
    """The values of a condition as one pattern, any case."""
    if isinstance(wanted, bool):
        return None
    return re.compile("|".join(translate(value.lower()) for value in wanted))


def _chain(steps: list[Callable[[Any], Any]]) -> Callable[[str], Any]:
    def run(value: Any) -> Any:
        for step in steps:
            if value is None:
                return None
            value = step(value)
        return value

    return run


def _digger(path: str) -> Callable[[str], Any]:
    """What lies at a path in a JSON text; a text without the names in it is not parsed."""
    steps = tuple(path.split("."))
    names = [step for step in steps if step != "*" and not step.lstrip("-").isdigit()]

    def dig(text: str) -> Any:
        return transforms.dig(text, steps) if all(name in text for name in names) else None

    return dig


def _captor(pattern: str) -> Callable[[str], str | None]:
    """The first group of the first match in a text."""
    search = re.compile(pattern).search
    return lambda text: found.group(1) if (found := search(text)) is not None else None


def _each(function: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    return lambda values: [word for value in values if (word := function(value))]
