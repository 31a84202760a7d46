"""What tools say about themselves, pinned: lists of definitions in, findings out when one changes, hides another, or talks to the model.

A definition is a part of the prompt that somebody else writes. The first one seen of a tool is kept by its hash; another one later is told, with less
weight when the server says that it is another version. Lists that were read before are not read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import BaseModel

from spyglass.analyze.builtin.security.instructions import Attempt, attempts, hidden_characters, sureness
from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.threat import Impact, Owasp, severity
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Definitions", "Settings", "analyzer"]

_VERSION: Final = "1.0.0"
_KEYS: Final = pa.array(["gen_ai.tool.definitions", "gen_ai.agent.tools", "ai.prompt.tools", "mlflow.chat.tools"])
_MOST_LISTS: Final = 10_000
_MOST_PINS: Final = 50_000
_MOST_TOOLS: Final = 500  # of one list
_LARGEST: Final = 1 << 22
# What a description has no reason to do; a role or a rule of style it may give.
_STRANGE: Final = frozenset(("hides something", "cancels earlier orders", "poses as system text", "has work done elsewhere", "asks for the prompt or a secret"))


class Settings(BaseModel, extra="forbid", frozen=True):
    """There is nothing to set."""


class _Tool(NamedTuple):
    name: str
    says: str  # its description and those of its parameters
    digest: str


class _Owner(NamedTuple):
    """Who offers tools."""

    project: str
    name: str  # MCP server, else agent, else service
    is_server: bool


class _Pin(NamedTuple):
    digest: str
    version: str


class _Pins:
    """What each tool of each owner was last seen to say; of so many, those seen longest ago are forgotten."""

    def __init__(self) -> None:
        self._pins: dict[tuple[_Owner, str], _Pin] = {}
        self._servers: dict[tuple[str, str], dict[_Owner, None]] = {}  # who offers it, by project and tool: to look through all pins takes milliseconds

    def put(self, owner: _Owner, tool: str, pin: _Pin) -> _Pin | None:
        """Keep it; what was kept before."""
        before = self._drop(owner, tool)
        self._pins[owner, tool] = pin
        if owner.is_server:
            self._servers.setdefault((owner.project, tool), {})[owner] = None
        if len(self._pins) > _MOST_PINS:
            self._drop(*next(iter(self._pins)))
        return before

    def elsewhere(self, owner: _Owner, tool: str) -> tuple[_Owner, _Pin] | None:
        """Another server of the project that offers a tool of that name, the one seen longest ago."""
        other = next((one for one in self._servers.get((owner.project, tool), ()) if one != owner), None)
        return None if other is None else (other, self._pins[other, tool])

    def table(self) -> pa.Table:
        """A row each."""
        rows = [(*owner, tool, *pin) for (owner, tool), pin in self._pins.items()]
        columns = zip(*rows, strict=True) if rows else ((),) * len(_PINNED)
        return pa.table({field.name: pa.array(values, field.type) for field, values in zip(_PINNED, columns, strict=True)})

    def _drop(self, owner: _Owner, tool: str) -> _Pin | None:
        servers = self._servers.get((owner.project, tool), {})
        servers.pop(owner, None)
        if not servers:
            self._servers.pop((owner.project, tool), None)
        return self._pins.pop((owner, tool), None)


_PINNED: Final = pa.schema(
    {"project": pa.string(), "owner": pa.string(), "is_server": pa.bool_(), "tool": pa.string(), "digest": pa.string(), "version": pa.string()}
)


class Definitions:
    """The hash of every tool of every owner."""

    def __init__(self, settings: Settings) -> None:
        del settings
        self._read: dict[str, None] = {}
        self._pins = _Pins()
        self._quiet = Quiet()

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Spans that carry lists of tools."""
        if not isinstance(seen, Batch) or not len(seen):
            return
        self._quiet.heed(seen)
        if seen.kind is not Kind.SPAN:
            return
        columns = ["project", "agent", "agent_version", "service", "received", "trace_id", "span_id", "attributes"]
        rows = seen.rows.select(columns)
        at = columns.index("received")
        rows = rows.set_column(at, "received", rows["received"].cast(pa.int64()))  # a time in nanoseconds is no value of Python's without pandas
        for batch in rows.combine_chunks().to_batches():
            attributes = batch["attributes"]
            hits = np.flatnonzero(pc.is_in(attributes.keys, _KEYS).to_numpy(zero_copy_only=False))
            offsets = attributes.offsets.to_numpy()
            hits = hits[(hits >= offsets[0]) & (hits < offsets[-1])]
            places = np.searchsorted(offsets, hits, "right") - 1
            for hit, place in zip(hits.tolist(), places.tolist(), strict=True):
                text: str = attributes.items[hit].as_py() or ""
                mark = f"{batch['project'][place]}\0{batch['agent'][place]}\0{batch['service'][place]}\0{xxhash.xxh3_64_hexdigest(text.encode())}"
                if mark not in self._read:
                    _kept(self._read, mark, None, _MOST_LISTS)
                    yield from self._list(batch.slice(place, 1).to_pylist()[0], text)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Nothing waits for time."""
        del now_ns
        return ()

    def save(self) -> State:
        """Pins, lists that were read, and what was told."""
        return {
            "pins": self._pins.table(),
            "read": pa.table({"mark": pa.array(self._read, pa.string())}),
            "told": self._quiet.save(),
        }

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._quiet.restore(state.get("told"))
        if "read" in state:
            self._read = dict.fromkeys(state["read"]["mark"].to_pylist())
        if "pins" in state:
            for project, owner, is_server, tool, digest, version in zip(*(column.to_pylist() for column in state["pins"].columns), strict=True):
                self._pins.put(_Owner(project, owner, is_server), tool, _Pin(digest, version))

    def _list(self, row: dict[str, Any], text: str) -> Iterator[Finding]:
        told = dict(row["attributes"])
        server = told.get("mcp.server.name") or ""
        version = told.get("mcp.server.version") or "" if server else row["agent_version"] or ""
        owner = _Owner(row["project"] or "", server or row["agent"] or row["service"] or "", bool(server))
        names: set[str] = set()
        for tool in _tools(text):
            if tool.name in names:
                yield from self._told("tool_shadowed", row, owner, tool, f"{owner.name} offers two tools named {tool.name}, of which the model sees one", 0.6)
            names.add(tool.name)
            yield from self._pinned(row, owner, version, tool)
            yield from self._poisoned(row, owner, tool)

    def _pinned(self, row: dict[str, Any], owner: _Owner, version: str, tool: _Tool) -> Iterator[Finding]:
        before = self._pins.put(owner, tool.name, _Pin(tool.digest, version))
        if before is not None and before.digest != tool.digest:
            same = before.version == version
            unsaid = "and tells no version" if not version else "although its version is the same"
            said = unsaid if same else f"with version {version or 'unknown'} in place of {before.version or 'unknown'}"
            yield from self._told(
                "tool_changed", row, owner, tool, f"{owner.name} describes its tool {tool.name} otherwise than before, {said}", 0.7 if same else 0.3
            )
        if before is None and owner.is_server:
            other = self._pins.elsewhere(owner, tool.name)
            if other is not None and other[1].digest != tool.digest:
                yield from self._told("tool_shadowed", row, owner, tool, f"{owner.name} offers a tool named {tool.name}, as {other[0].name} does", 0.6)

    def _poisoned(self, row: dict[str, Any], owner: _Owner, tool: _Tool) -> Iterator[Finding]:
        hidden = hidden_characters(tool.says)
        found = [one for one in attempts(tool.says) if one.does in _STRANGE]
        if hidden:
            found = [Attempt("hides something", 0.95), *(one for one in found if one.does != "hides something")]
        sure = sureness(found)
        if sure >= 0.7:
            said = f"has {hidden} character{'s' if hidden > 1 else ''} that nobody sees" if hidden else f"{', '.join(one.does for one in found[:3])}"
            yield from self._told("tool_poisoned", row, owner, tool, f"The description of the tool {tool.name} of {owner.name} {said}", sure)

    def _told(self, rule: str, row: dict[str, Any], owner: _Owner, tool: _Tool, title: str, confidence: float) -> Iterator[Finding]:
        at_ns = row["received"]
        weight = severity(Impact.HIGH, confidence)
        if not self._quiet.speaks(at_ns, rule, owner.project, owner.name, tool.name, tool.digest):
            return
        yield self._quiet.tells(
            Finding(
                analyzer=analyzer.name,
                version=_VERSION,
                rule=rule,
                project=owner.project,
                time_ns=at_ns,
                title=title,
                severity=weight,
                subject={key: name for key, name in (("tool", tool.name), ("server" if owner.is_server else "agent", owner.name)) if name},
                evidence=(Evidence(row["trace_id"].hex(), row["span_id"].hex()),),
                suggestion=_ADVICE[rule],
                owasp=Owasp.SUPPLY_CHAIN.value,
                details={"confidence": round(confidence, 3), "digest": tool.digest, "impact": "high"},
            )
        )


_ADVICE: Final = {
    "tool_changed": "Read the new definition before agents go on with it; pin the version of the server.",
    "tool_shadowed": "Give each tool a name of its own, or offer only one of the two servers to the agent: it may send to one what is meant for the other.",
    "tool_poisoned": "Take the tool away from agents until its description has been read by a person.",
}


def _kept(memory: dict[Any, Any], key: Any, value: Any, most: int) -> None:
    memory[key] = value
    if len(memory) > most:
        del memory[next(iter(memory))]


def _tools(text: str) -> Iterator[_Tool]:
    """The tools of a list, in whatever of the usual forms; none where it is not JSON."""
    try:
        told = orjson.loads(text) if len(text) <= _LARGEST else []
    except orjson.JSONDecodeError:
        return
    listed = told.get("tools") if isinstance(told, dict) else told
    for one in listed[:_MOST_TOOLS] if isinstance(listed, list) else ():
        inner = one.get("function") if isinstance(one, dict) and isinstance(one.get("function"), dict) else one
        if isinstance(inner, dict) and isinstance(inner.get("name"), str) and inner["name"]:
            schema = inner.get("parameters") or inner.get("inputSchema") or inner.get("input_schema")
            description = inner.get("description") if isinstance(inner.get("description"), str) else ""
            whole = orjson.dumps([description, schema], option=orjson.OPT_SORT_KEYS)
            says = f"{description}\n{orjson.dumps(schema).decode() if schema else ''}"
            yield _Tool(inner["name"][:200], says, xxhash.xxh3_64_hexdigest(whole))


analyzer: Final = AnalyzerKind(
    name="tool_definitions",
    version=_VERSION,
    description="Definitions of tools that change, hide another one, or talk to the model.",
    reads=frozenset({"span", "event"}),
    settings=Settings,
    make=Definitions,
    rules=tuple(_ADVICE),
)
