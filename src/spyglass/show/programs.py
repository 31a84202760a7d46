"""Paths at the root that the API and the web app share: programs get JSON, browsers the page. Who prefers HTML says so in the Accept header."""

from __future__ import annotations

from typing import Final

from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

__all__ = ["ForPrograms", "prefers_page"]

_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_JSON: Final = frozenset({"application/json", "application/*", "application/problem+json"})


class ForPrograms(APIRoute):
    """A route that is not there for those who prefer HTML: the web app answers them."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route's, but never for a browser that opens a page."""
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and prefers_page(Headers(scope=scope).get("accept", "")):
            return Match.NONE, {}
        return super().matches(scope)


def prefers_page(accept: str) -> bool:
    """Whether HTML is named, and wanted more than JSON; `*/*` names neither."""
    html, json = (max((weight for kind, weight in _weights(accept) if kind in kinds), default=0.0) for kinds in (_HTML, _JSON))
    return html > json


def _weights(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.lower().split(",")[:32]:
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        told = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
        try:
            found.append((kind, float(told)))
        except ValueError:
            found.append((kind, 0.0))
    return found
