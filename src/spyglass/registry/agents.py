"""What is said of an agent, from an event or a request: attributes or members in, a `Declaration` out. And the names nearest to one that is unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nsmallest
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.facts.agents import Declaration
from spyglass.model.errors import InputError

__all__ = ["LARGEST_BODY_BYTES", "LONGEST_NAME", "RegistrationEvent", "attributes_of", "checked", "from_event", "nearest"]

LONGEST_NAME: Final = 256
LARGEST_BODY_BYTES: Final = 65_536
_PREFIX: Final = "spyglass.agent."
_TEXTS: Final = ("type", "owner", "environment", "version", "model")
_LISTS: Final = ("capabilities", "tools", "tags", "models")
_NEAREST: Final = 3
_MOST_COMPARED: Final = 500


@dataclass(frozen=True, slots=True)
class RegistrationEvent:
    """An event `agent.registered`, as the store gives it; attributes in their own types."""

    project: str
    time_ns: int
    agent: str
    agent_id: str
    version: str
    model: str
    environment: str
    attributes: Mapping[str, Any]


def from_event(event: RegistrationEvent) -> Declaration | None:
    """What it says; None where it names no agent. What is too long is cut: nobody is there who could be told."""
    own = {name.removeprefix(_PREFIX): value for name, value in event.attributes.items() if name.startswith(_PREFIX)}
    name = (event.agent or event.agent_id)[:LONGEST_NAME]
    if not name:
        return None
    texts = {key: str(own.pop(key, "") or "") for key in _TEXTS}
    texts |= {"environment": texts["environment"] or event.environment, "version": event.version or texts["version"], "model": event.model or texts["model"]}
    body: dict[str, Any] = {key: _listed(own.pop(key)) for key in _LISTS if key in own}
    if isinstance(description := own.pop("description", None), str):
        body["description"] = description
    if own:
        body["metadata"] = own
    if len(orjson.dumps(body)) > LARGEST_BODY_BYTES:
        body = {}
    return Declaration(name, agent_id=event.agent_id[:LONGEST_NAME], body=body, **{key: text[:LONGEST_NAME] for key, text in texts.items()})


def checked(declaration: Declaration) -> Declaration:
    """The same, if it can be kept.

    Raises:
        InputError: it says too much.
    """
    size = len(orjson.dumps(declaration.body))
    if size > LARGEST_BODY_BYTES:
        raise InputError(f"what is told of agent {declaration.name} has {size} bytes; at most {LARGEST_BODY_BYTES} are kept: leave metadata out")
    return declaration


def attributes_of(declaration: Declaration) -> dict[str, Any]:
    """The attributes of an event `agent.registered` that says the same."""
    told: dict[str, Any] = {f"{_PREFIX}{key}": getattr(declaration, key) for key in ("type", "owner", "environment")}
    told |= {f"{_PREFIX}{key}": value for key, value in declaration.body.items() if key != "metadata"}
    told |= {f"{_PREFIX}{key}": value for key, value in declaration.body.get("metadata", {}).items()}
    named = {"gen_ai.agent.name": declaration.name, "gen_ai.agent.id": declaration.agent_id, "gen_ai.agent.version": declaration.version}
    return {key: value for key, value in {**named, "gen_ai.request.model": declaration.model, **told}.items() if value not in ("", [], None)}


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The names that look most like it, at most three."""
    by_folded = {one.casefold(): one for one in known}
    folded = name.casefold()
    begun = nsmallest(_NEAREST, (one for one in by_folded if one.startswith(folded) or folded.startswith(one)))
    close = get_close_matches(folded, _alike(folded, list(by_folded)), _NEAREST, cutoff=0.6) if len(begun) < _NEAREST else []
    return [by_folded[one] for one in dict.fromkeys([*close, *begun])][:_NEAREST]


def _alike(name: str, known: list[str]) -> list[str]:
    """Those that share most letters with it, in any order: to compare each of ten thousand letter by letter takes a tenth of a second."""
    if len(known) <= _MOST_COMPARED:
        return known
    names = pa.array(known)
    shared = np.zeros(len(known))
    for letter, count in Counter(name).items():
        shared += np.minimum(pc.count_substring(names, letter).to_numpy(), count)
    alike = shared / (len(name) + pc.utf8_length(names).to_numpy())  # half of what difflib's ratio can be at most
    return [known[at] for at in np.argsort(-alike, kind="stable")[:_MOST_COMPARED]]


def _listed(value: object) -> list[str]:
    """A list of texts, however it was told: a list, JSON, or words with commas."""
    if isinstance(value, str):
        try:
            told = orjson.loads(value)
        except orjson.JSONDecodeError:
            told = [part.strip() for part in value.split(",")]
        value = told if isinstance(told, list) else [value]
    return [str(one) for one in value if one not in (None, "")] if isinstance(value, (list, tuple)) else []
