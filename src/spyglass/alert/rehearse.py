"""A rule and a past in; when it would have fired, out. The same questions, the same judge, the same states as live; nothing is kept, nobody is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from spyglass.alert.evaluate import as_quiet
from spyglass.alert.found import Found
from spyglass.alert.judge import Ask, Figures, Groups, Measured, Verdict, judge, questions
from spyglass.alert.rules import FindingFilter, Rule
from spyglass.alert.state import advance
from spyglass.facts.alerts import Alert
from spyglass.model.notice import RANKS

__all__ = ["Episode", "Rehearsal", "rehearse", "rehearse_findings"]

_MOST_STEPS: Final = 20_160  # a week of half minutes
_MOST_WINDOWS: Final = 120
_MOST_EPISODES: Final = 1_000
_CLEAR: Final = Verdict(holds=False, clear=True, severity="info", summary="")


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert that there would have been; 0: it would still fire."""

    group: Mapping[str, str]
    severity: str
    summary: str
    fired_ns: int
    resolved_ns: int
    flaps: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would have been."""

    from_ns: int
    to_ns: int
    step_s: int
    evaluations: int
    fired: int  # alerts that would have been raised
    told: int  # of them those that came back soon count again
    episodes: tuple[Episode, ...]  # the latest 1,000


def rehearse(project: str, rule: Rule, ask: Ask, from_ns: int, to_ns: int) -> Rehearsal:
    """Evaluate a rule at every interval of a past; where that would be too often, at a multiple of it (`step_s` says at which).

    Raises:
        QueryError: the search is wrong, or asks for too much.
    """
    step_s = _step_s(rule, (to_ns - from_ns) // 10**9)
    step_ns = step_s * 10**9
    steps = max(1, (to_ns - from_ns) // step_ns)
    first_ns = to_ns - (steps - 1) * step_ns
    asked = questions(project, rule, first_ns, step_ns, steps)
    answers = [_by_time(ask(one)) for one in asked]
    shift_ns = asked[-1].first_ns - first_ns  # the second question may be about earlier windows
    life = _Life(project, rule)
    for now_ns in range(first_ns, to_ns + 1, step_ns):
        now, before = answers[0].get(now_ns, {}), answers[-1].get(now_ns + shift_ns, {})
        life.observe(judge(rule, now, before), now_ns)
    return life.told(from_ns, to_ns, step_s, steps)


def rehearse_findings(project: str, rule: Rule, findings: Iterable[Found], from_ns: int, to_ns: int) -> Rehearsal:
    """The same for a rule that wants findings, in the order of their times."""
    condition = rule.condition
    assert isinstance(condition, FindingFilter)  # noqa: S101 - the caller has looked
    quiet = as_quiet(rule)
    life = _Life(project, quiet)
    last: dict[Groups, int] = {}
    count = 0
    for one in sorted((one for one in findings if RANKS[one.severity] >= RANKS[condition.severity]), key=lambda one: one.time_ns):
        groups = tuple(one.group(rule.group_by).values())
        count += 1
        if groups in last and one.time_ns - last[groups] >= condition.quiet_s * 10**9:
            life.step(groups, _CLEAR, last[groups] + condition.quiet_s * 10**9)
        life.step(groups, Verdict(holds=True, clear=False, severity=one.severity, summary=one.title), one.time_ns)
        last[groups] = one.time_ns
    for groups, seen_ns in last.items():
        if to_ns - seen_ns >= condition.quiet_s * 10**9:
            life.step(groups, _CLEAR, seen_ns + condition.quiet_s * 10**9)
    return life.told(from_ns, to_ns, rule.interval_s, count)


def _step_s(rule: Rule, span_s: int) -> int:
    """Each row of the store is counted in as many windows as it falls into: at most 120."""
    longest_s = max((question.window_ns // 10**9 for question in questions("", rule, 0)), default=0)
    least_s = max(-(-span_s // _MOST_STEPS), -(-longest_s // _MOST_WINDOWS))
    return rule.interval_s * max(1, -(-least_s // rule.interval_s))


class _Life:
    def __init__(self, project: str, rule: Rule) -> None:
        self._project, self._rule = project, rule
        self._present: dict[Groups, Alert] = {}
        self._done: list[tuple[Groups, Alert]] = []

    def observe(self, verdicts: Mapping[Groups, Verdict], now_ns: int) -> None:
        for groups, verdict in verdicts.items():
            self.step(groups, verdict, now_ns)
        for groups in [one for one, alert in self._present.items() if one not in verdicts and alert.state != "resolved"]:
            self.step(groups, _CLEAR, now_ns)

    def step(self, groups: Groups, verdict: Verdict, now_ns: int) -> None:
        old = self._present.get(groups)
        if old is None and not verdict.holds:
            return
        new = Alert("", self._project, "", "", "pending", verdict.severity, "", verdict.summary)
        now, _ = advance(old, new, verdict, self._rule, now_ns)
        if old is not None and old.state == "resolved" and now is not old and now is not None and now.started_ns != old.started_ns:
            self._done.append((groups, old))
        if now is None:
            self._present.pop(groups, None)
        else:
            self._present[groups] = now

    def told(self, from_ns: int, to_ns: int, step_s: int, evaluations: int) -> Rehearsal:
        fired = [(groups, alert) for groups, alert in (*self._done, *self._present.items()) if alert.fired_ns]
        fired.sort(key=lambda pair: pair[1].fired_ns)
        episodes = tuple(
            Episode(self._named(groups), alert.severity, alert.summary, alert.fired_ns, alert.resolved_ns, alert.flaps)
            for groups, alert in fired[-_MOST_EPISODES:]
        )
        return Rehearsal(from_ns, to_ns, step_s, evaluations, len(fired), sum(1 + alert.flaps for _, alert in fired), episodes)

    def _named(self, groups: Groups) -> dict[str, str]:
        names: Sequence[str] = self._rule.group_by or [f"group{number}" for number in range(len(groups))]
        return dict(zip(names, groups, strict=True)) if len(names) == len(groups) else {}


def _by_time(rows: Sequence[Measured]) -> dict[int, dict[Groups, Figures]]:
    found: dict[int, dict[Groups, Figures]] = defaultdict(dict)
    for row in rows:
        found[row.at_ns][row.groups] = row.figures
    return found
