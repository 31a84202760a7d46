"""What rules ask of the store, and what the answer means: a rule and figures per group in, a verdict per group out. Plain functions; no IO, no clock.

The same functions judge now and the past, so that a test of a rule says what it would have done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import ge, gt, le, lt
from typing import Final, NamedTuple

from spyglass.alert.match import matches
from spyglass.alert.rules import Absence, Change, FindingFilter, Rule, SuccessClasses, SuccessRate, Threshold
from spyglass.model.finding import Severity

__all__ = ["UNNAMED", "Ask", "Figures", "Measured", "Question", "Verdict", "judge", "questions"]

Groups = tuple[str, ...]
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {">": gt, ">=": ge, "<": lt, "<=": le}
UNNAMED: Final = "(none)"  # a group without a value
_SHARES: Final = frozenset({"error_rate", "success_rate"})


@dataclass(frozen=True, slots=True)
class Question:
    """Figures of the windows that end at `first_ns`, `first_ns + step_ns` … (`steps` of them), per group."""

    project: str
    source: str
    query: str
    group_by: Groups
    window_ns: int
    first_ns: int
    step_ns: int = 10**9
    steps: int = 1
    metric: str = ""  # of points


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one window and group. Durations in s. Of points `count` is how many, and `values` what they say: `avg`, `increase`, `p95` … in the metric's unit."""

    count: int = 0
    errors: int = 0
    p50_s: float = 0.0
    p90_s: float = 0.0
    p95_s: float = 0.0
    p99_s: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    values: Mapping[str, float] = field(default_factory=dict)

    def of(self, measure: str, window_s: float) -> float | None:
        """A figure by its name; None: nothing can be said."""
        match measure:
            case "rate_per_min":
                return self.count * 60 / window_s
            case "error_rate":
                return self.errors / self.count if self.count else None
            case "success_rate":
                return 1 - self.errors / self.count if self.count else None
            case "tokens":
                return self.input_tokens + self.output_tokens
            case "p50_s" | "p90_s" | "p95_s" | "p99_s":
                return float(getattr(self, measure)) if self.count else None
            case "rate_per_s":
                return self.values["increase"] / window_s if "increase" in self.values else None
            case "avg" | "min" | "max" | "last" | "increase" | "values" | "p50" | "p90" | "p95" | "p99":
                return self.values.get(measure)
        return float(getattr(self, measure))


class Measured(NamedTuple):
    """A row of an answer."""

    at_ns: int  # end of the window
    groups: Groups
    figures: Figures


Ask = Callable[[Question], Sequence[Measured]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a group. `holds`: there is trouble; `clear`: there is none, beyond hysteresis. Neither: it stays as it was."""

    holds: bool
    clear: bool
    severity: Severity
    summary: str
    value: float | None = None


def questions(project: str, rule: Rule, first_ns: int, step_ns: int = 10**9, steps: int = 1) -> list[Question]:
    """What has to be asked for windows that end at these times; the first is about now, the second about before."""
    condition = rule.condition
    if isinstance(condition, FindingFilter):
        return []
    asked = Question(
        project, condition.source, rule.query, rule.group_by, condition.window_s * 10**9, first_ns, step_ns, steps, getattr(condition, "metric", "")
    )
    match condition:
        case Change():
            return [asked, replace(asked, first_ns=first_ns - condition.shift_s * 10**9)]
        case Absence() if rule.group_by:
            return [asked, replace(asked, window_ns=condition.known_s * 10**9)]
    return [asked]


def judge(rule: Rule, now: Mapping[Groups, Figures], before: Mapping[Groups, Figures]) -> dict[Groups, Verdict]:
    """The verdict on each group that anything can be said of. `before`: the answer to the second question."""
    match rule.condition:
        case Threshold() as condition:
            return dict(_threshold(rule, condition, now))
        case Change() as condition:
            return dict(_change(rule, condition, now, before))
        case Absence() as condition:
            expected: Iterable[Groups] = before if rule.group_by else [()]
            return {groups: _absence(rule, condition, groups, now.get(groups, Figures())) for groups in expected}
        case SuccessRate() as condition:
            return dict(_success_rates(rule, condition, now))
    return {}


def _threshold(rule: Rule, condition: Threshold, now: Mapping[Groups, Figures]) -> Iterable[tuple[Groups, Verdict]]:
    compare = _COMPARE[condition.op]
    bound = condition.value if condition.clear is None else condition.clear
    told = now if rule.group_by else {(): now.get((), Figures())}  # of nothing at all the count is zero
    for groups, figures in told.items():
        value = figures.of(condition.measure, condition.window_s)
        if value is None or figures.count < condition.min_count:
            continue
        limit = f"{condition.op} {_shown(condition.measure, condition.value)}"
        summary = f"{_named(rule, condition.measure)}{_of(rule, groups)} is {_shown(condition.measure, value)} over {_span(condition.window_s)} ({limit})"
        yield groups, Verdict(compare(value, condition.value), not compare(value, bound), rule.severity, summary, value)


def _change(rule: Rule, condition: Change, now: Mapping[Groups, Figures], before: Mapping[Groups, Figures]) -> Iterable[tuple[Groups, Verdict]]:
    for groups in {**before, **now}:
        one, other = now.get(groups, Figures()), before.get(groups, Figures())
        value, past = one.of(condition.measure, condition.window_s), other.of(condition.measure, condition.window_s)
        if value is None or not past or max(one.count, other.count) < max(1, condition.min_count):
            continue
        share = (value - past) / abs(past)
        rises, falls = share >= condition.by and condition.direction != "fall", -share >= condition.by and condition.direction != "rise"
        told = f"{_shown(condition.measure, value)}, {abs(share):.0%} {'more' if share > 0 else 'less'} than {_shown(condition.measure, past)}"
        summary = f"{_named(rule, condition.measure)}{_of(rule, groups)} is {told} {_span(condition.shift_s)} before"
        yield groups, Verdict(rises or falls, not (rises or falls), rule.severity, summary, value)


def _absence(rule: Rule, condition: Absence, groups: Groups, figures: Figures) -> Verdict:
    what = f"points of {condition.metric}" if condition.metric else condition.source
    summary = f"no {what}{_of(rule, groups)} for {_span(condition.window_s)}"
    return Verdict(not figures.count, bool(figures.count), rule.severity, summary, float(figures.count))


def _success_rates(rule: Rule, condition: SuccessRate, now: Mapping[Groups, Figures]) -> Iterable[tuple[Groups, Verdict]]:
    for groups, figures in now.items():
        labels = dict(zip(rule.group_by, groups, strict=True))
        own = next((one for one in condition.modules if matches(one.match, labels)), None)
        least = condition.min_count if own is None or own.min_count is None else own.min_count
        if figures.count >= max(1, least):
            yield groups, _success(rule, condition, own or condition, groups, figures)


def _success(rule: Rule, condition: SuccessRate, wanted: SuccessRate | SuccessClasses, groups: Groups, figures: Figures) -> Verdict:
    share = 1 - figures.errors / figures.count
    classes: tuple[tuple[float, Severity], ...] = ((wanted.critical, "critical"), (wanted.error, "error"), (wanted.warning, "warning"))
    bound, severity = next(((bound, name) for bound, name in classes if share < bound), (wanted.warning, rule.severity))
    of_them = f"{figures.count - figures.errors} of {figures.count} {condition.source}"
    summary = f"{share:.1%} went well{_of(rule, groups)} over {_span(condition.window_s)} ({of_them}; wanted {bound:.0%})"
    return Verdict(share < wanted.warning, share >= wanted.warning, severity, summary, share)


def _named(rule: Rule, measure: str) -> str:
    metric = getattr(rule.condition, "metric", "")
    if metric:
        return f"{measure} of {metric}" + (f" where {rule.query[:100]}" if rule.query else "")
    return f"{measure} of {rule.query[:100]}" if rule.query else measure


def _of(rule: Rule, groups: Groups) -> str:
    return f" of {', '.join(f'{name} {value or UNNAMED}' for name, value in zip(rule.group_by, groups, strict=True))}" if groups else ""


def _shown(measure: str, value: float) -> str:
    if measure in _SHARES:
        return f"{value:.1%}"
    if measure == "cost_usd":
        return f"${value:,.4g}"
    return f"{value:,.3g} s" if measure.endswith("_s") else f"{value:,.6g}"


def _span(seconds: int) -> str:
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
