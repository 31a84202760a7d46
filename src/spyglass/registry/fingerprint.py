"""What an agent is, as one short text: a sighting comes in, its parts and their fingerprint go out.

Parts of a prompt that change with every run (dates, times, ids) are left out of the fingerprint, so that a prompt which names the day is one version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from spyglass.model.sighting import Sighting

__all__ = ["LONGEST_PROMPT", "fingerprint", "kept", "parts_of"]

LONGEST_PROMPT: Final = 200_000  # characters that are kept; all of it counts for the fingerprint
_DIGITS: Final = 16
_VARYING: Final = re.compile(
    r"""\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b                                   # UUID
      | \b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?      # ISO 8601
      | \b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b                                                                      # 31.12.2026, 12/31/2026
      | \b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?(?:\d{1,2}(?:st|nd|rd|th)?\s+)?
        (?:january|february|march|april|may|june|july|august|september|october|november|december)
        \s+\d{1,2}(?:st|nd|rd|th)?,?(?:\s+\d{4})?\b                                                          # Thursday, December 31, 2026
      | \b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b)?                                                         # 23:59, 11:59 pm
      | \b\d{10,19}\b                                                                                        # Unix time, ids""",
    re.VERBOSE | re.IGNORECASE,
)


def parts_of(seen: Sighting) -> dict[str, Any]:
    """What it was seen to be: prompt, tools by name, model, settings. Only what was told is there."""
    tools = sorted((dict(tool) for tool in seen.tools), key=lambda tool: str(tool.get("name", "")))
    told = {"prompt": "\n\n".join(seen.prompts), "tools": tools, "model": seen.model, "settings": dict(seen.settings)}
    return {name: value for name, value in told.items() if value}


def fingerprint(parts: Mapping[str, Any]) -> str:
    """16 hex digits, the same for the same parts; empty where nothing is known.

    Example:
        >>> fingerprint({"prompt": "Today is 2026-01-02."}) == fingerprint({"prompt": "Today is 2027-03-04."})
        True
    """
    if not parts:
        return ""
    steady = {**parts, "prompt": _VARYING.sub("#", str(parts.get("prompt", "")))}
    return hashlib.sha256(orjson.dumps(steady, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)).hexdigest()[:_DIGITS]


def kept(parts: Mapping[str, Any]) -> dict[str, Any]:
    """The parts as they are kept: a prompt of unusual length is cut, and said to be."""
    prompt = str(parts.get("prompt", ""))
    if len(prompt) <= LONGEST_PROMPT:
        return dict(parts)
    return {**parts, "prompt": prompt[:LONGEST_PROMPT], "prompt_cut": len(prompt)}
