"""What a dialect file may say (docs/dialects.md): every part as a model that refuses names it does not know."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from spyglass.config.names import nearest
from spyglass.refine.fields import FIELDS
from spyglass.refine.messages.sources import MessageSources
from spyglass.refine.transforms import NUMBERS, TEXTS
from spyglass.refine.vocabulary import KINDS

__all__ = ["Dialect", "Effect", "Marker", "Pair", "Rule", "Source", "UsageFact", "When"]


Record = Literal["span", "event", "point"]


def _pattern(value: str) -> str:
    try:
        re.compile(f"(?:{value})")
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error} (flags must be scoped, as in `(?i:…)`)") from error
    return value


def _kind(value: str) -> str:
    if value not in KINDS[1:]:
        raise ValueError(f"there is no such kind of span{nearest(value, KINDS[1:])}")
    return value


def _transform(value: str) -> str:
    known = {*TEXTS, *NUMBERS, "since_start"}
    if value and value not in known:
        raise ValueError(f"there is no such transform{nearest(value, known)}")
    return value


def _capture(value: str) -> str:
    if value and re.compile(_pattern(value)).groups != 1:
        raise ValueError("expected exactly one group, which is the value; `(?:…)` groups without being one")
    return value


def _path(value: str) -> str:
    if value and not re.fullmatch(r"[^.\s]+(\.[^.\s]+)*", value):
        raise ValueError("expected names, numbers of places or `*`, joined by dots")
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]
Capture = Annotated[str, AfterValidator(_capture)]
KindName = Annotated[str, AfterValidator(_kind)]
Transform = Annotated[str, AfterValidator(_transform)]
Path_ = Annotated[str, AfterValidator(_path)]
Status = Literal["unset", "ok", "error"]


class _Part(BaseModel, extra="forbid", frozen=True):
    """A part of a dialect file: unknown names are errors."""


class Marker(_Part):
    """Decides the kind of a row: by the value of `key`, or by `name`, `scope` and the presence of keys alone."""

    rank: Annotated[int, Field(ge=0, le=999)]  # lower decides first, over all dialects
    records: tuple[Record, ...] = ("span",)
    key: str = ""  # attribute whose value decides; `*` stands for anything
    values: dict[str, KindName | None] = Field(default_factory=dict)  # value, any case, `*` allowed -> kind; null: no decision
    operations: bool = False  # `key` holds an operation's name, as listed in vocabulary.yaml
    kind: KindName | None = None  # the decision where no value is looked at
    name: Pattern = ""  # of the span; of a log record its event name
    scope: Pattern = ""
    has: tuple[tuple[str, ...], ...] = ()  # of each group at least one key is there
    issue: str = ""  # added to the row's issues

    @model_validator(mode="after")
    def _one_decision(self) -> Self:
        ways = [bool(self.values), self.operations, self.kind is not None]
        if sum(ways) != 1:
            raise ValueError("expected exactly one of values, operations, kind")
        if not self.key and (self.values or self.operations):
            raise ValueError("values and operations need a key")
        if not (self.key or self.name or self.scope or self.has):
            raise ValueError("expected a condition: key, name, scope or has")
        return self


class Source(_Part):
    """One place where a canonical field may be found: exactly one of `key`, `event`, `resource`, `pattern`, `constant`."""

    rank: Annotated[int, Field(ge=0, le=9999)]  # lower is looked at first, over all dialects
    records: tuple[Record, ...] = ("span", "event", "point")
    key: str = ""  # attribute; `*` stands for anything
    event: str = ""  # span event of that name; with `attribute` its attribute, else its time
    attribute: str = ""
    resource: str = ""  # resource attribute
    pattern: Pattern = ""  # over the name of the row; its first group is the value
    constant: str = ""
    path: Path_ = ""  # into the JSON of the value
    sum: tuple[str, ...] = ()  # names in a JSON mapping whose numbers are added; the first one must be there
    match: Capture = ""  # over the value; its group is the value then, and where it does not match there is none
    transform: Transform = Field(default="", alias="as")
    kinds: tuple[KindName, ...] = ()  # only for rows of these kinds
    scope: Pattern = ""  # only for rows of these scopes
    name: Pattern = ""  # only for rows of these names
    reject: Pattern = ""  # values that match are no values

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = [self.key, self.event, self.resource, self.pattern, self.constant]
        if sum(bool(place) for place in places) != 1:
            raise ValueError("expected exactly one of key, event, resource, pattern, constant")
        if self.attribute and not self.event:
            raise ValueError("attribute needs an event")
        if self.event and not self.attribute and self.transform not in ("since_start", "present"):
            raise ValueError("an event needs an attribute, or `as: since_start`, or `as: present`")
        if self.path and self.sum:
            raise ValueError("expected path or sum, not both")
        return self


class When(_Part):
    """Conditions on a row; all that are given must hold."""

    kinds: tuple[KindName, ...] = ()
    scope: Pattern = ""
    name: Pattern = ""
    service: Pattern = ""
    span_kind: tuple[str, ...] = ()
    status: tuple[Status, ...] = ()
    status_message: Pattern = ""
    keys: dict[str, bool | tuple[str, ...]] = Field(default_factory=dict)  # attribute -> is there, is not there, or has one of these values
    matches: dict[str, Pattern] = Field(default_factory=dict)  # attribute -> its value, in lower case, begins so
    lacks: dict[str, Pattern] = Field(default_factory=dict)  # attribute -> it is not there, or its value begins otherwise
    events: tuple[str, ...] = ()  # one of these span events is there
    fields: dict[str, bool | tuple[str, ...]] = Field(default_factory=dict)  # canonical field -> has a value, has none, or is one of these
    name_is: str = ""  # the name of the row is the value of this field

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        known = {*FIELDS, "has_usage", "finish_reasons"}
        for name in (*self.fields, *filter(None, [self.name_is])):
            if name not in known:
                raise ValueError(f"{name}: there is no such field{nearest(name, known)}")
        return self


class Effect(_Part):
    """What a rule changes in a row."""

    kind: KindName | None = None
    plumbing: bool | None = None
    pending: bool | None = None
    status: Status | None = None
    issue: str = ""
    pair: Literal["", "request", "result"] = ""  # a half of one call that shares no id with the other half


class Rule(_Part):
    """Rows to which `when` applies are changed as `then` says; later rules see what earlier ones changed."""

    records: tuple[Record, ...] = ("span",)
    when: When
    then: Effect


class UsageFact(_Part):
    """What the token counts of a source mean, where they mean something else than here (semconv.md 8.2)."""

    when: When = When()
    input_excludes_cache: bool = False
    output_excludes_reasoning: bool = False


class Pair(_Part):
    """What makes the two halves of one call equal (`then: {pair: …}`): the values of these attributes."""

    keys: tuple[str, ...] = ()


class Dialect(_Part):
    """One dialect file."""

    title: str
    about: str = ""
    kinds: tuple[Marker, ...] = ()
    fields: dict[str, tuple[Source, ...]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    usage: tuple[UsageFact, ...] = ()
    pair: Pair = Pair()
    messages: MessageSources = MessageSources()

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        for name, sources in self.fields.items():
            if name not in FIELDS:
                raise ValueError(f"fields.{name}: there is no such field{nearest(name, FIELDS)}")
            for source in sources:
                _fits(name, source)
        return self


def _fits(name: str, source: Source) -> None:
    numeric = FIELDS[name].shape == "number"
    if source.match and FIELDS[name].shape not in ("text", "content"):
        raise ValueError(f"fields.{name}: match makes a text, and {name} is a {FIELDS[name].shape}")
    if source.sum and not numeric:
        raise ValueError(f"fields.{name}: sum makes a number, and {name} is a {FIELDS[name].shape}")
    if source.transform in NUMBERS.keys() - TEXTS.keys() and not numeric and source.transform != "iso_time":
        raise ValueError(f"fields.{name}: `as: {source.transform}` makes a number, and {name} is a {FIELDS[name].shape}")
