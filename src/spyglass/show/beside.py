"""The same search for log records, beside the one for spans: search text, project and window of a request -> a scope, or none."""

from __future__ import annotations

from spyglass.model.errors import QueryError
from spyglass.model.schema import Kind
from spyglass.show.parameters import Window
from spyglass.show.scope import scope_of
from spyglass.show.services import Services
from spyglass.store.read.asking import Scope

__all__ = ["events_beside"]


def events_beside(services: Services, project: str, window: Window, query: str) -> Scope | None:
    """Which log records a search for spans means as well; None where it asks what they do not know (`root`, `tool under agent:planner`).

    Whether the text is right at all, `scope_of` has said before.
    """
    try:
        return scope_of(services, Kind.EVENT, project, window, query)
    except QueryError:
        return None
