"""What an alert rule is: JSON or YAML in, a checked rule out. `judge.py` says when one holds.

Names of figures: `count`, `rate_per_min`, `errors`, `error_rate` (share of 1), `success_rate`, `p50_s` … `p99_s` (durations), `tokens`, `cost_usd`;
of points of a metric `avg`, `min`, `max`, `last`, `increase`, `rate_per_s`, `values` (of histograms: how many), `p50` … `p99`, in its own unit.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from spyglass.alert.match import Matchers, label_of
from spyglass.model.errors import InputError
from spyglass.model.finding import Severity

__all__ = ["MEASURES", "NAME", "Absence", "Change", "Condition", "FindingFilter", "Rule", "Source", "SuccessClasses", "SuccessRate", "Threshold", "read_rule"]

Source = Literal["spans", "calls", "tools", "events", "points"]
Counted = Literal["spans", "calls", "tools", "events"]
Measure = Literal[
    "count",
    "rate_per_min",
    "errors",
    "error_rate",
    "success_rate",
    "p50_s",
    "p90_s",
    "p95_s",
    "p99_s",
    "tokens",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "avg",
    "min",
    "max",
    "last",
    "increase",
    "rate_per_s",
    "values",
    "p50",
    "p90",
    "p95",
    "p99",
]
Operator = Literal[">", ">=", "<", "<="]
NAME: Final = r"^[a-z0-9][a-z0-9._-]{0,99}$"
_COUNTS: Final = frozenset({"count", "rate_per_min", "errors", "error_rate", "success_rate"})
_TIMES: Final = frozenset({"p50_s", "p90_s", "p95_s", "p99_s"})
_SPENT: Final = frozenset({"tokens", "input_tokens", "output_tokens", "cost_usd"})
MEASURES: Final[dict[str, frozenset[str]]] = {
    "spans": _COUNTS | _TIMES,
    "calls": _COUNTS | _TIMES | _SPENT,
    "tools": _COUNTS | _TIMES,
    "events": _COUNTS,
    "points": frozenset({"count", "rate_per_min", "avg", "min", "max", "last", "increase", "rate_per_s", "values", "p50", "p90", "p95", "p99"}),
}

WindowS = Annotated[int, Field(ge=10, le=604_800, description="Seconds that are looked at.")]
MinCount = Annotated[int, Field(ge=0, le=10**9, description="Records below which nothing is said of a group.")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


MetricName = Annotated[
    str, Field(max_length=255, description="With the source `points`: name of the metric. Its attributes are searched and grouped by as `attr.<name>`.")
]


class _Measured(_Part):
    source: Source = Field("spans", description="What is measured: spans, model calls and tool calls (each counted once), events, or points of a metric.")
    metric: MetricName = ""
    measure: Measure = Field(
        "count",
        description="Which figure of them. Rates are shares of 1, durations seconds; of points: their unit, `increase` and `rate_per_s` what they grew by.",
    )
    window_s: WindowS = 300
    min_count: MinCount = 0

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.measure not in MEASURES[self.source]:
            raise ValueError(f"measure: {self.source} have no {self.measure}; they have {', '.join(sorted(MEASURES[self.source]))}")
        _check_metric(self.source, self.metric)
        return self


def _check_metric(source: str, metric: str) -> None:
    if bool(metric) != (source == "points"):
        raise ValueError("metric: expected the name of a metric with the source `points`, and with no other")


class Threshold(_Measured):
    """A figure passes a bound. It is over when the figure is back behind `clear`, so that one at the bound does not flap."""

    kind: Literal["threshold"] = Field("threshold", description="A figure passes a bound.")
    op: Operator = Field(">", description="How the figure compares with `value` when there is trouble.")
    value: float = Field(description="The bound.")
    clear: float | None = Field(None, description="The trouble lasts until the figure is behind this one; null: behind `value`.")

    @model_validator(mode="after")
    def _behind(self) -> Self:
        if self.clear is not None and (self.clear > self.value if self.op.startswith(">") else self.clear < self.value):
            raise ValueError(f"clear: expected a figure {'below' if self.op.startswith('>') else 'above'} value ({self.value}), got {self.clear}")
        return self


class Change(_Measured):
    """A figure is otherwise than it was a while before."""

    kind: Literal["change"] = Field("change", description="A figure is otherwise than it was.")
    by: float = Field(0.5, gt=0, le=1000, description="Share by which it has changed: 0.5 is half as much again, or half as much less.")
    direction: Literal["rise", "fall", "both"] = Field("both", description="Which change is trouble.")
    before_s: int = Field(0, ge=0, le=2_592_000, description="How much earlier the window is that it is compared with; 0: the one just before.")

    @property
    def shift_s(self) -> int:
        """How much earlier the other window ends."""
        return self.before_s or self.window_s


class Absence(_Part):
    """Nothing matches any more."""

    kind: Literal["absence"] = Field("absence", description="Nothing matches any more.")
    source: Source = Field("spans", description="What is looked for.")
    metric: MetricName = ""
    window_s: WindowS = 300
    known_s: int = Field(86_400, ge=60, le=2_592_000, description="With `group_by`: groups that were seen within so many seconds are expected.")

    @model_validator(mode="after")
    def _known(self) -> Self:
        _check_metric(self.source, self.metric)
        return self


class _Classes(_Part):
    warning: float = Field(0.95, gt=0, le=1, description="Below it is a warning.")
    error: float = Field(0.90, gt=0, le=1, description="Below it is an error.")
    critical: float = Field(0.80, gt=0, le=1, description="Below it is critical.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.critical <= self.error <= self.warning:
            raise ValueError(f"expected critical <= error <= warning, got {self.critical}, {self.error}, {self.warning}")
        return self


class SuccessClasses(_Classes):
    """What is expected of some groups: a module, an agent, a tool."""

    match: Matchers = Field(min_length=1, max_length=10, description="Of which groups, as `agent=billing-*`; names of `group_by`.")
    min_count: MinCount | None = Field(None, description="Records below which nothing is said of such a group; null: as of others.")


class SuccessRate(_Classes):
    """The share that goes well falls: below 95 % a warning, below 90 % an error, below 80 % critical; or what is said of its module."""

    kind: Literal["success_rate"] = Field("success_rate", description="The share that goes well falls.")
    source: Counted = Field("spans", description="What should go well.")
    window_s: WindowS = 900
    min_count: MinCount = 20
    modules: tuple[SuccessClasses, ...] = Field((), max_length=50, description="Other classes for some groups; the first that matches counts.")


class FindingFilter(_Part):
    """An analyzer has found something that the rule's search matches. Told at once; over when it was not found again for a while."""

    kind: Literal["finding"] = Field("finding", description="An analyzer has found something.")
    severity: Severity = Field("warning", description="The lowest severity that counts.")
    quiet_s: int = Field(3_600, ge=10, le=604_800, description="Seconds without the same finding after which it is over.")


Condition = Annotated[Threshold | Change | Absence | SuccessRate | FindingFilter, Field(discriminator="kind")]
Text = Annotated[str, Field(max_length=2000)]


class Rule(_Part):
    """One rule."""

    title: str = Field("", max_length=200, description="What people read; empty: the rule's name.")
    enabled: bool = Field(True, description="Whether it is evaluated.")
    query: str = Field("", max_length=4096, description="A search; see docs/search.md. For findings it is one over events.")
    group_by: tuple[Annotated[str, Field(max_length=200)], ...] = Field(
        (), max_length=4, description="Columns, or `attr.<name>`: each group is an alert of its own."
    )
    condition: Condition = Field(description="When there is trouble.")
    interval_s: int = Field(30, ge=5, le=86_400, description="Seconds between two evaluations.")
    for_s: int = Field(0, ge=0, le=604_800, description="It must hold so long before the alert fires.")
    keep_firing_s: int = Field(60, ge=0, le=604_800, description="It must not have held for so long before the alert is over.")
    severity: Severity = Field("warning", description="How bad it is; success rates and findings say that themselves.")
    labels: dict[Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_.]{0,63}$")], Annotated[str, Field(max_length=200)]] = Field(
        default_factory=dict,
        max_length=20,
        description="What routes, silences and inhibitions look at, beside the group, `rule`, `severity`, `project` and `cause`.",
    )
    runbook_url: str = Field("", max_length=2000, pattern=r"^(https?://\S*)?$", description="Where it says what to do.")
    description: Text = Field("", description="What it means, for whoever gets it.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        taken = {"rule", "severity", "project"} & self.labels.keys()
        if taken:
            raise ValueError(f"labels: {', '.join(sorted(taken))} are given by the alert itself; choose other names")
        if isinstance(self.condition, SuccessRate):
            named = {label_of(matcher) for one in self.condition.modules for matcher in one.match}
            if strangers := sorted(named - set(self.group_by)):
                raise ValueError(f"condition.modules: group_by has no {strangers[0]!r}; groups are told apart by {', '.join(self.group_by) or 'nothing'}")
        return self


def read_rule(body: dict[str, Any], where: str = "rule") -> Rule:
    """A rule as it was kept, or as somebody wrote it.

    Raises:
        InputError: says what is wrong, where.
    """
    try:
        return Rule.model_validate(body)
    except ValidationError as error:
        problems = [f"{where}: {'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors(include_url=False)]
        raise InputError("; ".join(problems)) from None
