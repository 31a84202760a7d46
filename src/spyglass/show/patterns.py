"""What log records say again and again."""

from __future__ import annotations

from spyglass.model.schema import Kind
from spyglass.show.models.patterns import PatternList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read.patterns import MOST_RECORDS, patterns

__all__ = ["router"]

router = resource(tags=["events"])


@router.get("/events/patterns", response_model=PatternList, summary="What log records say again and again, most frequent first")
def list_patterns(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 100, cursor: Cursor = None) -> Json:
    """Records that differ only in numbers, ids, times and quoted texts are one pattern. Of the latest 50,000 that match; `partial`: there may be more."""
    first = first_row("patterns", cursor)
    told = page("patterns", patterns(services.engine.read, scope_of(services, Kind.EVENT, project, window, query), limit + 1, first), first, limit)
    looked_at = max((item.pop("looked_at") for item in told["items"]), default=0)
    return Json({**told, "looked_at": looked_at, "partial": looked_at >= MOST_RECORDS})
