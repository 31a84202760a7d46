"""Secrets are taken out before anything is stored or streamed: the first stage of refine.

In: a batch of wire columns. Out: the same batch, every secret in every text replaced by `[redacted:<name>]`, rows that had any with the issue `redacted`.

Two tiers. One pass of RE2 over the texts end to end, in blocks of many values, asks cheaply whether there can be a secret at all; mostly there is none.
Only values that hit are read exactly (secrets.py). Where that fails for a value, all of the value is replaced.
"""

from __future__ import annotations

import base64
import fnmatch
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from threading import Lock
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import structlog

from spyglass.config.spec import Redact, SecretPattern
from spyglass.model.batch import Batch
from spyglass.model.errors import ConfigError
from spyglass.refine.issues import with_issue
from spyglass.refine.leaves import Ints, Leaf, Path, data, flat, leaves, offsets, replaced
from spyglass.refine.secrets import Scrubber, Secrets, builtin, marker, names
from spyglass.refine.suspects import Suspects
from spyglass.telemetry.metrics import REDACTED

__all__ = ["Redactor"]

log = structlog.get_logger()

_OURS: Final = frozenset({"span_kind", "status", "severity", "type", "temporality", "value_type", "issues"})  # words of our own
_KNOWN_KEYS: Final = 20_000  # attribute keys whose judgement is remembered
_HOLDS_BYTES: Final = np.isin(np.arange(256), [ord(code) for code in "yAK"])
_BYTES_VALUE: Final = re.compile(r'("bytesValue"\s*:\s*")([A-Za-z0-9+/=_-]*+)(")')

Changes = dict[Path, dict[int, str]]


class Redactor:
    """The stage. Safe to share between threads."""

    def __init__(self, settings: Redact | None = None) -> None:
        """Read the patterns.

        Raises:
            ConfigError: `disabled` names no pattern, or an extra pattern matches its own replacement.
        """
        self._settings = settings or Redact()
        secrets = builtin()
        self._scrubber = Scrubber(_with_keys(secrets, self._settings.extra_keys), frozenset(self._settings.disabled))
        self._suspects = Suspects(self._scrubber.hint)
        _check(self._settings, names(secrets))
        self._whole = re.compile("|".join(fnmatch.translate(key) for key in (*secrets.names.keys, *self._settings.extra_keys)))
        self._judged: dict[str, bool] = {}  # attribute key → may its value be a secret because of it
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def counts(self) -> dict[str, int]:
        """How many secrets were replaced since the start, by name; names that never were are left out."""
        with self._lock:
            return dict(self._counts)

    def __call__(self, batch: Batch) -> Batch:
        """`batch` without secrets; the same object when there were none."""
        if not self._settings.enabled or not len(batch):
            return batch
        columns = {field.name: flat(batch.rows[i]) for i, field in enumerate(batch.rows.schema) if field.name not in _OURS and _holds_text(field.type)}
        found = [leaf for name, column in columns.items() for leaf in leaves(name, column) if len(leaf.bytes)]
        changes, counts = self._changes(found)
        if not changes:
            return batch
        self._count(counts)
        return batch.with_rows(_rebuilt(batch.rows, columns, found, changes))

    def _changes(self, found: list[Leaf]) -> tuple[Changes, Counter[str]]:
        """The values that change, by leaf and index."""
        counts: Counter[str] = Counter()
        changes: Changes = {}
        texts = [leaf for leaf in found if leaf.role != "types"]
        for keys, values in pairwise(found):
            if values.role == "value" and (by_key := self._by_key(keys, values, counts)):
                changes[values.path] = by_key
        for leaf, indexes in self._suspects(texts):
            self._scrub(leaf, indexes.tolist(), changes, counts)
        for leaf, indexes in _encoded(found):
            self._scrub(leaf, indexes.tolist(), changes, counts, encoded=True)
        for pattern in self._settings.extra:
            for leaf in texts:
                _apply(pattern, leaf, changes, counts)
        return changes, counts

    def _by_key(self, keys: Leaf, values: Leaf, counts: Counter[str]) -> dict[int, str]:
        """Attribute values that are replaced wholly because of their key."""
        suspicious = [key for key in keys.distinct if self._may_name_a_secret(key)]
        if not suspicious:
            return {}
        changed: dict[int, str] = {}
        for i in np.flatnonzero(pc.is_in(keys.values, pa.array(suspicious, pa.string())).to_numpy(zero_copy_only=False)).tolist():
            name = self._name_of(_text(keys.values, i), _text(values.values, i))
            if name:
                changed[i] = marker(name)
                counts[name] += 1
        return changed

    def _may_name_a_secret(self, key: str) -> bool:
        known = self._judged.get(key)
        if known is None:
            if len(self._judged) >= _KNOWN_KEYS:
                self._judged.clear()
            known = self._judged[key] = self._whole.match(key) is not None or self._scrubber.pairs.ending(key.lower()) is not None
        return known

    def _name_of(self, key: str, value: str) -> str:
        if self._whole.match(key):
            return "" if not value or (value.startswith("[redacted:") and value.endswith("]")) else "attribute"
        return self._scrubber.pairs.of_key(key, value)

    def _scrub(self, leaf: Leaf, indexes: Iterable[int], changes: Changes, counts: Counter[str], *, encoded: bool = False) -> None:
        """Read these values exactly and note those that change."""
        mine = changes.get(leaf.path, {})
        seen: dict[str, str] = {}  # agents repeat themselves
        for i in indexes:
            old = mine.get(i) or _text(leaf.values, i)
            new = seen.get(old)
            if new is None:
                new = seen[old] = self._safely(old, counts, encoded=encoded)
            if new != old:
                mine[i] = new
        if mine:
            changes[leaf.path] = mine

    def _safely(self, text: str, counts: Counter[str], *, encoded: bool) -> str:
        own: Counter[str] = Counter()
        try:
            result = self._encoded(text, own) if encoded else self._scrubber.scrub(text, own)
        except Exception as error:  # whatever went wrong: what cannot be read must not be kept
            log.warning("value replaced, because redaction failed on it", error=type(error).__name__, size=len(text))
            own, result = Counter({"error": 1}), marker("error")
        counts.update(own)
        return result

    def _encoded(self, text: str, counts: Counter[str]) -> str:
        """Bytes values: base64 on its own, or inside the OTLP/JSON form of a list or map."""
        if "bytesValue" in text:
            return _BYTES_VALUE.sub(lambda match: match[1] + self._plain(match[2], counts) + match[3], text)
        return self._plain(text, counts)

    def _plain(self, text: str, counts: Counter[str]) -> str:
        try:
            plain = base64.b64decode(text, validate=True).decode()
        except ValueError:
            return text  # not a text inside
        clean = self._scrubber.scrub(plain, counts)
        return text if clean == plain else base64.b64encode(clean.encode()).decode()

    def _count(self, counts: Counter[str]) -> None:
        with self._lock:
            self._counts.update(counts)
        for name, count in counts.items():
            REDACTED.labels(pattern=name).inc(count)


def _with_keys(secrets: Secrets, keys: tuple[str, ...]) -> Secrets:
    """The operator's keys are looked for in texts as well."""
    more = secrets.names.model_copy(update={"strong": (*secrets.names.strong, *(key for key in keys if "*" not in key))})
    return secrets.model_copy(update={"names": more})


def _check(settings: Redact, known: frozenset[str]) -> None:
    unknown = sorted(set(settings.disabled) - known)
    if unknown:
        raise ConfigError(f"redact.disabled: expected names of built-in patterns ({', '.join(sorted(known))}), got {', '.join(unknown)}")
    for pattern in settings.extra:
        if pc.match_substring_regex(pa.array([marker(pattern.name)]), pattern.regex)[0].as_py():
            raise ConfigError(f"redact.extra: {pattern.name}: expected a regex that does not match its own replacement {marker(pattern.name)}")


def _holds_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_nested(kind))


def _text(values: pa.StringArray, i: int) -> str:
    try:
        return values[i].as_py() or ""
    except UnicodeDecodeError:
        return str(values[i].cast(pa.binary()).as_py(), "utf-8", "replace")


def _encoded(found: list[Leaf]) -> Iterator[tuple[Leaf, Ints]]:
    """Values that hold bytes: by their type code `y`, or inside the OTLP/JSON form `A` and `K`."""
    by_path = {leaf.path: leaf for leaf in found}
    for leaf in found:
        codes = by_path.get(_types_path(leaf))
        if codes is None:
            continue
        raw = np.frombuffer(data(codes.values), np.uint8)
        if len(raw) == len(leaf.values) and len(at := np.flatnonzero(_HOLDS_BYTES[raw])):
            yield leaf, at


def _types_path(leaf: Leaf) -> Path:
    """Where the type codes of these values are: `attributes` has `attribute_types` beside it, `body` has `body_type`."""
    if leaf.role == "value":
        return (*leaf.path[:-2], f"{leaf.path[-2].removesuffix('s')}_types")
    return ("body_type",) if leaf.path == ("body",) else ()


def _apply(pattern: SecretPattern, leaf: Leaf, changes: Changes, counts: Counter[str]) -> None:
    """Replace what a pattern of the operator matches, in values as the other patterns left them."""
    mine = changes.get(leaf.path, {})
    values = _substituted(leaf.values, mine)
    hits = np.flatnonzero(pc.fill_null(pc.match_substring_regex(values, pattern.regex), False).to_numpy(zero_copy_only=False))
    if not len(hits):
        return
    chosen = values.take(pa.array(hits))
    new = pc.replace_substring_regex(chosen, pattern.regex, marker(pattern.name))
    counts[pattern.name] += pc.sum(pc.count_substring_regex(chosen, pattern.regex)).as_py()
    changes[leaf.path] = {**mine, **dict(zip(hits.tolist(), new.to_pylist(), strict=True))}


def _substituted(values: pa.StringArray, new: Mapping[int, str]) -> pa.StringArray:
    if not new:
        return values
    mask = np.zeros(len(values), bool)
    places = sorted(new)
    mask[places] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array([new[i] for i in places], pa.string()))


def _rebuilt(rows: pa.Table, columns: Mapping[str, pa.Array], found: list[Leaf], changes: Changes) -> pa.Table:
    """The table with the changed values, their type codes, and the issue."""
    by_path = {leaf.path: leaf for leaf in found}
    new: dict[Path, pa.Array] = {}
    touched = np.zeros(rows.num_rows, bool)
    for path, mine in changes.items():
        leaf = by_path[path]
        new[path] = _substituted(leaf.values, mine)
        touched[leaf.row_of(np.fromiter(mine, np.int64, len(mine)))] = True
        codes = by_path.get(_types_path(leaf))
        if codes is not None and (retyped := _retyped(codes.values, mine)) is not None:
            new[codes.path] = retyped
    for name in {path[0] for path in new}:
        column = replaced((name,), columns[name], new)
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), column)
    return with_issue(rows, "redacted", touched)


def _retyped(codes: pa.StringArray, changed: Mapping[int, str]) -> pa.StringArray | None:
    """Type codes in which wholly replaced values are strings, whatever they were; None where nothing changes."""
    raw = np.frombuffer(data(codes), np.uint8).copy()
    whole = [i for i, text in changed.items() if text.startswith("[redacted:") and text.endswith("]") and i < len(raw) and raw[i] != ord("s")]
    if not whole:
        return None
    raw[whole] = ord("s")
    return pa.StringArray.from_buffers(len(codes), pa.py_buffer(offsets(codes).astype(np.int32)), pa.py_buffer(raw))
