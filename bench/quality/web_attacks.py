"""Web attacks of three public collections: what the detectors of tool arguments find of them, and what they take for one that is none.

Requests of the rule set are taken apart as a server would: path, parameters, headers, body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from spyglass.analyze.builtin.security.addresses import forbidden
from spyglass.analyze.builtin.security.paths import climbs
from spyglass.analyze.builtin.security.shell import harmful, starts_command
from spyglass.analyze.builtin.security.sql import break_out

_PLAIN_HEADERS = frozenset(("host", "accept", "content-type", "content-length", "connection", "accept-encoding"))


_DETECTORS: dict[str, Callable[[str], object]] = {
    "sqli": break_out,
    "rce": lambda text: starts_command(text) or harmful(text),
    "lfi": climbs,
    "rfi": forbidden,
}


def main(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    texts = _lines(folder / "libinjection.jsonl")
    found = {label: [break_out(one["text"]) is not None for one in texts if one["label"] == label] for label in ("sqli", "benign")}
    yield f"SQL recall, {len(found['sqli'])} of libinjection", _share(found["sqli"]), "≥ 0.97"
    yield f"  false, {len(found['benign'])} look-alikes", _share(found["benign"]), "≤ 0.05"
    requests = _lines(folder / "coreruleset.jsonl")
    for category, detector in _DETECTORS.items():
        for attack, bar in ((True, "≥ 0.60" if category == "sqli" else ""), (False, "")):
            hits = [any(detector(part) for part in parts(one)) for one in requests if one["category"] == category and one["attack"] is attack]
            yield f"{category} {'recall' if attack else 'told of must-not-match'}, {len(hits)} of the rule set", _share(hits), bar


def parts(request: Mapping[str, Any]) -> list[str]:
    """The values that a sender chose in a request of the rule set."""
    address = urlsplit(str(request["uri"]))
    found = [
        unquote(address.path),
        *(unquote(one) for one in address.path.split("/")),
        *(value for pair in parse_qsl(address.query, keep_blank_values=True) for value in pair),
    ]
    for name, value in request["headers"].items():
        if name.lower() == "cookie":
            found += [piece.partition("=")[2] for piece in str(value).split(";")]
        elif name.lower() == "referer":
            found += [value for pair in parse_qsl(urlsplit(str(value)).query) for value in pair] + [str(value)]
        elif name.lower() not in _PLAIN_HEADERS:
            found.append(str(value))
    body = str(request["data"] or "")
    if "=" not in body:  # a form, escaped as a whole
        body = unquote_plus(body)
    found.append(body)
    found += [value for pair in parse_qsl(body, keep_blank_values=True) for value in pair]
    if body[:1] in "{[":
        found += _leaves(body)
    if body[:1] == "<":
        found += re.findall(r'="([^"]*)"|>([^<]+)<', body)
        found = [one if isinstance(one, str) else "".join(one) for one in found]
    return [one for one in found if one]


def _leaves(body: str) -> list[str]:
    try:
        waiting, found = [json.loads(body)], []
    except ValueError:
        return []
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            found.append(one)
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _share(hits: list[bool]) -> str:
    return f"{sum(hits) / max(len(hits), 1):.3f}"
