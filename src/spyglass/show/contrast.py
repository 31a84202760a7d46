"""What is different about the failed, slow or costly traces, or about any that a search finds."""

from __future__ import annotations

from math import sqrt
from typing import Annotated, Any

import numpy as np
from fastapi import Query

from spyglass.analyze.stats.contrast import Contrast, contrasts
from spyglass.model.schema import Kind
from spyglass.show.models.contrast import ContrastList
from spyglass.show.parameters import Project, SearchText, WindowOf
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read import contrast as read

__all__ = ["router"]

router = resource(tags=["search"])

_SURE = 1.959964  # deviations that hold 19 of 20


@router.get("/contrast", response_model=ContrastList, summary="What some traces have in common that the others have not")
def list_contrasts(
    services: Using,
    window: WindowOf,
    picked: Annotated[str, Query(max_length=4096, description="A search expression, `status:error`: traces with a span that matches.")],
    project: Project = "default",
    query: SearchText = "",
    limit: Annotated[int, Query(ge=1, le=200, description="Most items.")] = 50,
) -> Json:
    """Compared with all other traces in the time range of which a span matches `query`. More often is told, less often is not."""
    every, some = (scope_of(services, Kind.SPAN, project, window, text) for text in (query, picked))
    table = read.traces(services.engine.read, every, some)
    flags = table["picked"].to_numpy().astype(np.bool_)
    traces = table["trace"].to_pylist()
    items = [_item(one, traces) for one in contrasts(table["features"].to_pylist(), flags, limit)]
    return Json(
        {"items": items, "next_cursor": None, "traces": len(traces), "picked": int(flags.sum()), "sampled": len(traces) >= read.MOST_TRACES},
    )


def _item(one: Contrast, traces: list[str]) -> dict[str, Any]:
    low, high = _interval(one.picked_with, one.all_with)
    return {
        "features": [dict(zip(("field", "value"), feature.split("\t", 1), strict=True)) for feature in one.features],
        "traces": one.all_with,
        "picked": one.picked_with,
        "share": one.share_with,
        "share_low": low,
        "share_high": high,
        "share_without": one.share_without,
        "explained": one.explained,
        "probability": one.probability,
        "false_share": one.false_share,
        "examples": [traces[at] for at in one.examples],
    }


def _interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's, which holds for few, too."""
    share, square = hits / count, _SURE**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _SURE * sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)
