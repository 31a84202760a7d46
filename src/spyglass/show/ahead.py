"""What a page asks the API for first, told to the browser with the page itself. In: the address of a page. Out: the value of a `Link` header, empty for none.

The browser asks for it before any script of the page is there, so that the store answers while they load. The addresses are those that
web/src/data/first-page.ts makes, letter for letter: another one would be asked for in vain, and the browser would say so in its console.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote_plus

__all__ = ["ahead"]

_PLAIN: Final = {"project": re.compile(r"[A-Za-z0-9_.-]{1,128}"), "from": re.compile(r"-[0-9]{1,6}[smhdw]")}  # what else an address may hold is left to the app
_PROJECTS: Final = "/api/v1/projects?from=-30d&to=now&limit=200"


def ahead(path: str, search: str) -> str:
    """Of the page at a path, with the text behind `?`. Only for pages that need it in any case; an address with a search or an order is left to the app."""
    if path == "/":  # which page it leads to depends on the answer
        return _link(_PROJECTS)
    asked = _plain(search)
    if path != "/traces" or asked is None:
        return ""
    project, begin = asked.get("project", "default"), asked.get("from", "-24h")
    return _link(f"/api/v1/traces?project={quote_plus(project)}&from={begin}&to=now&sort=start&limit=50")


def _plain(search: str) -> Mapping[str, str] | None:
    """The parameters; None where one is not plain, or comes twice."""
    pairs = parse_qsl(search, keep_blank_values=True, max_num_fields=10) if search.count("&") < 10 else [("", "")]
    plain = all(name in _PLAIN and _PLAIN[name].fullmatch(value) for name, value in pairs)
    return dict(pairs) if plain and len(dict(pairs)) == len(pairs) else None


def _link(address: str) -> str:
    return f"<{address}>; rel=preload; as=fetch; crossorigin"
