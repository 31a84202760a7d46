"""Search text, project and window of a request -> the scope of its queries."""

from __future__ import annotations

from spyglass.model.schema import Kind
from spyglass.search.parse import parse
from spyglass.search.tree import Everything
from spyglass.show.parameters import Window
from spyglass.show.services import Services
from spyglass.store.filters import compile as compile_filter
from spyglass.store.read.asking import Scope

__all__ = ["scope_of"]


def scope_of(services: Services, kind: Kind, project: str, window: Window, query: str) -> Scope:
    """What a list reads.

    Raises:
        QueryError: the search text is wrong; its place is told.
    """
    tree = parse(query, kind)
    if isinstance(tree, Everything):
        return Scope(project, window.from_ns, window.to_ns)
    made = compile_filter(tree, kind, services.clock.now_ns(), from_ns=window.from_ns, to_ns=window.to_ns)
    return Scope(project, window.from_ns, window.to_ns, made.sql, made.parameters)
