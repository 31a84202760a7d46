"""What stands out in an agent's past, as the API tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import Page

__all__ = ["Detected", "Detection"]


class Detection(Body):
    """What shall be looked at."""

    method: Literal["bands", "pca", "isolation_forest", "lof", "autoencoder"] = Field(
        "bands", description="`bands` looks at one figure; the others at all figures of a bucket together, for what is unusual beside the other buckets."
    )
    figure: Literal["calls", "failures", "duration", "output_tokens", "cost"] = Field(
        "calls", description="Which figure of the agent, one value per bucket; only of `bands`."
    )
    kind: Literal["llm", "tool", "embedding"] = Field("llm", description="Of which calls.")
    bucket_s: int = Field(0, ge=0, le=31_536_000, description="Seconds of one bucket; 0 chooses so that about 300 fit.")
    false_alarms_a_day: float = Field(1.0, gt=0, le=1_000, description="That `point` may raise in this series where nothing is wrong.")


class DetectedPoint(Answer):
    """One bucket."""

    time: str = Field(description="Where it begins.")
    value: float | None = Field(description="What was measured, or the score of all figures together; null: nothing.")
    expected: float | None = Field(description="What was to be expected.")
    low: float | None = Field(description="The band beyond which `point` alarms; null: it has no end.")
    high: float | None = Field(description="Its upper end.")
    deviations: float | None = Field(description="How far the value lies off, in usual deviations.")
    probability: float | None = Field(description="Of one as far off where nothing is wrong.")
    channels: list[str] = Field(description="What alarms here: point, new, change, or profile of all figures together; empty: nothing.")
    features: dict[str, float] | None = Field(None, description="Of all figures together: what share of it each figure is, beyond what the others explain.")
    group: int | None = Field(None, description="Of all figures together: which of `groups` an alarm belongs to; null: it is like no other.")


class AlarmGroup(Answer):
    """Alarms in which the same figures are off in the same proportion (HDBSCAN)."""

    number: int = Field(description="Its number, the largest group first.")
    alarms: int = Field(description="So many buckets.")
    first: str = Field(description="Where the first of them begins.")
    last: str = Field(description="And the last.")
    deviations: dict[str, float] = Field(description="How far each figure lies from what the others lead to expect, in deviations of that, the median.")


class Rule(Answer):
    """A textbook rule, and what it would have raised."""

    name: str = Field(description="Which rule.")
    alarms: int = Field(description="Alarms in this series.")
    a_day: float = Field(description="That is so many a day.")


class Detected(Page[DetectedPoint]):
    """An agent's series, and what stands out in it."""

    agent: str = Field(description="Which agent.")
    method: str = Field(description="Which method.")
    figure: str = Field(description="Which figure; empty: all together.")
    unit: str = Field(description="Of the values.")
    kind: str = Field(description="Of which calls.")
    bucket_s: int = Field(description="Seconds of one bucket.")
    budget: float = Field(description="False alarms a day that `point` may raise.")
    budget_here: float = Field(description="That is so many in this series.")
    limit: float | None = Field(
        description="Deviations beyond which `point` alarms, or the score beyond which `profile` does; null: the series is too even to say."
    )
    periods: list[int] = Field(description="What repeats, in buckets; it is expected.")
    alarms: int = Field(description="Buckets in which something alarms.")
    items: list[DetectedPoint] = Field(description="Every bucket, in order of time.")
    groups: list[AlarmGroup] = Field(description="Of all figures together: alarms of one kind; empty where they are too few, or all alike.")
    rules: list[Rule] = Field(description="What textbook rules would have raised.")
    told: str = Field(description="The same in a sentence.")
