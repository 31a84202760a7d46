"""Where a trouble comes from, as the API tells it."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page

__all__ = ["RootCauses"]


class ChangeItem(Answer):
    """Something that was changed shortly before."""

    what: str = Field(description="version, deployment, callee (a model or tool that was not called before).")
    node: str = Field(description="Of which node.")
    time: str = Field(description="When it was first seen.")
    told: str = Field(description="What, in a sentence.")


class CauseItem(Answer):
    """A node of the call graph."""

    node: str = Field(description="`agent:…`, `model:…`, `tool:…` or `service:…`.")
    score: float = Field(description="What speaks for it; comparable within one answer. 0: nothing.")
    path: list[str] = Field(description="Who calls whom, from the symptom to it.")
    figure: str = Field(description="Which of its figures strayed most: latency, failures, requests; empty: none.")
    before: float | None = Field(description="The figure before: seconds, share, or calls in a bucket.")
    during: float | None = Field(description="And since.")
    strayed: float | None = Field(description="How many times farther than it usually strays.")
    covers: float = Field(description="How much of the symptom it could make up, 0 to 1.")
    explained_by: str = Field(description="A callee of its own that explains a part of it; empty: none.")
    told: str = Field(description="The same in a sentence.")


class RootCauses(Page[CauseItem]):
    """Candidates, the likeliest first. A ranking of where to look, no proof."""

    symptom_at: str = Field(description="Where the symptom is seen.")
    symptom: str = Field(description="latency, failures or requests.")
    onset: str = Field(description="When it began; what came before counts as usual.")
    until: str = Field(description="Up to when it was looked at.")
    buckets_before: int = Field(description="Buckets with calls before it; with fewer than 3 nothing can be said.")
    changes: list[ChangeItem] = Field(description="What was changed shortly before, the latest first: look at these first.")
    items: list[CauseItem] = Field(description="At most ten.")
    nodes: int = Field(description="Nodes that the symptom reaches.")
    told: str = Field(description="The same in a sentence.")
