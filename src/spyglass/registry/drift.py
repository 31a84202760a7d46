"""Declared beside observed: a deployed configuration and a sighting of the agent come in, what differs goes out. Texts of prompts stay here.

A configuration may hold anything; compared is what it says in the usual places: `prompt` (`system_prompt`, `instructions`), `model`, `tools`, and `settings` or
`temperature`, `top_p`, `max_tokens` … beside them. What the agent does not show is not held against it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from spyglass.model.sighting import Sighting

__all__ = ["SETTINGS", "differences"]

SETTINGS: Final = ("temperature", "top_p", "top_k", "max_tokens", "frequency_penalty", "presence_penalty", "stop_sequences", "reasoning_effort")
_PROMPTS: Final = ("prompt", "system_prompt", "instructions")
_PLACEHOLDER: Final = re.compile(r"\{\{.*?\}\}|\{[^{}\n]{0,64}\}|\$\{[^}\n]{0,64}\}")
_MOST_PLACEHOLDERS: Final = 50  # a prompt with more is not compared: the pattern would be slow

Difference = dict[str, Any]


def differences(number: int, body: Mapping[str, Any], seen: Sighting) -> list[Difference]:
    """What the run shows otherwise than its configuration says: `what`, `declared`, `observed`. Empty: it is as deployed."""
    found: list[Difference] = []
    if seen.configuration and seen.configuration != str(number):
        found.append({"what": "configuration", "declared": str(number), "observed": seen.configuration})
    found += _prompt(body, seen)
    model = body.get("model")
    if isinstance(model, str) and model and seen.model and seen.model != model:
        found.append({"what": "model", "declared": model, "observed": seen.model})
    return [*found, *_settings(body, seen), *_tools(body, seen)]


def _prompt(body: Mapping[str, Any], seen: Sighting) -> Iterator[Difference]:
    declared = next((body[name] for name in _PROMPTS if isinstance(body.get(name), str) and body[name].strip()), None)
    if declared is None or not seen.prompts:
        return
    whole = "\n\n".join(seen.prompts)
    if not any(_is_said(declared, one) for one in (whole, *seen.prompts)):
        yield {"what": "prompt", "declared": _short(declared), "observed": _short(whole)}


def _is_said(declared: str, said: str) -> bool:
    """Whether it is the text, with anything in the place of `{name}`, `{{name}}` and `${name}`."""
    pieces = _PLACEHOLDER.split(declared.strip())
    if len(pieces) > _MOST_PLACEHOLDERS:
        return True
    at, text = 0, said.strip()
    if not text.startswith(pieces[0]) or not text.endswith(pieces[-1]):
        return False
    for piece in pieces:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(pieces) > 1 or text == pieces[0]


def _settings(body: Mapping[str, Any], seen: Sighting) -> Iterator[Difference]:
    nested = body.get("settings")
    declared = {name: body[name] for name in SETTINGS if name in body} | (dict(nested) if isinstance(nested, dict) else {})
    for name in sorted(declared.keys() & seen.settings.keys()):
        if declared[name] != seen.settings[name]:
            yield {"what": f"settings.{name}", "declared": declared[name], "observed": seen.settings[name]}


def _tools(body: Mapping[str, Any], seen: Sighting) -> Iterator[Difference]:
    told = body.get("tools")
    if not isinstance(told, list) or not seen.tools:
        return
    declared = {name for name in map(_name, told) if name}
    observed = {str(tool.get("name", "")) for tool in seen.tools}
    if declared != observed:
        yield {"what": "tools", "declared": sorted(declared - observed), "observed": sorted(observed - declared)}


def _name(tool: object) -> str:
    match tool:
        case str():
            return tool
        case {"name": str(name)} | {"function": {"name": str(name)}}:
            return name
    return ""


def _short(text: str) -> str:
    """A prompt's place in an event: its hash, by which two can be told apart."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
