"""Rules that are due in, alerts out: what the rules ask is measured in the store, judged, and kept. Blocks: call it in a worker thread.

A rule that fails, or takes long, harms no other: its problem is kept with it, and the next evaluation comes at its time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from spyglass.alert.applying import Applied, Seen, apply, end_all
from spyglass.alert.judge import Ask, Figures, Groups, judge, questions
from spyglass.alert.rules import Absence, Change, FindingFilter, Rule
from spyglass.alert.setup import Project, Setups
from spyglass.facts.alerts import Alerts, RuleMark
from spyglass.model.clock import Clock
from spyglass.model.errors import Refused, SpyglassError
from spyglass.telemetry.metrics import ALERT_EVALUATIONS

__all__ = ["Evaluator", "as_quiet"]

log = structlog.get_logger()

_ORPHANS_S: Final = 10.0
_SHARE: Final = 0.05  # of the time that one rule may take: one that takes long is evaluated less often


class Evaluator:
    """Evaluates what is due."""

    def __init__(
        self,
        alerts: Alerts,
        setups: Setups,
        ask: Ask,
        clock: Clock,
        most: int,
        *,
        behind_ns: Callable[[], int] = lambda: 0,
        after: Callable[[str], None] = lambda _step: None,
    ) -> None:
        """`most`: alerts of one rule at the same time. `behind_ns`: how far the store is behind. `after` is called with the name of each step that is done."""
        self._alerts, self._setups, self._ask, self._clock, self._most, self._after = alerts, setups, ask, clock, most, after
        self._behind_ns, self._began_ns = behind_ns, clock.now_ns()
        self._marks: dict[tuple[str, str], RuleMark] | None = None
        self._looked_at: float | None = None

    def round(self) -> int:
        """Evaluate all that is due; how many rules that were.

        Raises:
            Refused: the database of the facts is away.
        """
        setups, now_ns = self._setups.all(), self._clock.now_ns()
        self._end_orphans(setups, now_ns)
        if self._marks is None:
            with self._alerts.reading() as book:
                self._marks = book.marks()
        due = [
            (project, name)
            for project, setup in setups.items()
            for name, (rule, _) in setup.rules.items()
            if rule.enabled and self._due(project, name, rule, now_ns)
        ]
        for project, name in due:
            self._evaluate(project, name, setups[project], now_ns)
        return len(due)

    def mark(self, project: str, name: str) -> RuleMark:
        """How a rule does."""
        return (self._marks or {}).get((project, name)) or RuleMark(project, name)

    def _due(self, project: str, name: str, rule: Rule, now_ns: int) -> bool:
        mark = (self._marks or {}).get((project, name))
        if mark is None:
            return True
        pause_ns = max(rule.interval_s * 10**9, round(1e6 * mark.took_ms / _SHARE))
        return not 0 <= now_ns - mark.evaluated_ns < pause_ns

    def _evaluate(self, project: str, name: str, setup: Project, now_ns: int) -> None:
        rule, _ = setup.rules[name]
        if self._elsewhere(project, name, rule, now_ns):
            return
        began, problem, applied, groups = time.perf_counter(), "", Applied(0, 0), 0
        try:
            seen = self._measure(project, rule, now_ns)
            self._after("measured")
            groups = len(seen)
            with self._alerts.writing() as book:
                applied = apply(book, setup.routing, project, name, as_quiet(rule), seen, now_ns, self._most)
                mark = self._mark(project, name, now_ns, began, applied, groups, problem)
                book.mark(mark)
            outcome = "done"
        except Refused as error:
            problem, outcome = error.message, "refused"
        except SpyglassError as error:
            problem, outcome = error.message, "failed"
        except Exception as error:  # one rule; the others are evaluated
            log.exception("rule not evaluated", project=project, rule=name)
            problem, outcome = f"{type(error).__name__}: {error}", "failed"
        ALERT_EVALUATIONS.labels(outcome).inc()
        if problem:
            mark = self._mark(project, name, now_ns, began, applied, groups, problem)
            with self._alerts.writing() as book:
                book.mark(mark)
        if self._marks is not None:
            self._marks[project, name] = mark
        self._after("evaluated")

    def _elsewhere(self, project: str, name: str, rule: Rule, now_ns: int) -> bool:
        """Whether another server over the same facts has evaluated it a moment ago."""
        with self._alerts.reading() as book:
            mark = book.mark_of(project, name)
        if mark is None or self._marks is None or mark == self._marks.get((project, name)):
            return False
        self._marks[project, name] = mark
        return not self._due(project, name, rule, now_ns)

    def _mark(self, project: str, name: str, now_ns: int, began: float, applied: Applied, groups: int, problem: str) -> RuleMark:
        if applied.withheld:
            problem = f"it matches too much: {applied.withheld} more alerts than the {self._most} that one rule may have; narrow its search, or group by less"
        return RuleMark(project, name, now_ns, round(1e3 * (time.perf_counter() - began), 2), groups, applied.withheld, problem[:1000])

    def _measure(self, project: str, rule: Rule, now_ns: int) -> list[Seen]:
        complete_ns = now_ns - self._behind_ns()  # what is still on its way is not missing
        answers: list[Mapping[Groups, Figures]] = [{row.groups: row.figures for row in self._ask(one)} for one in questions(project, rule, complete_ns)]
        if not answers:
            return []
        verdicts = judge(rule, answers[0], answers[-1])
        if _looks_for_less(rule, complete_ns - self._began_ns):
            verdicts = {groups: replace(one, holds=False, clear=one.clear and not one.holds) for groups, one in verdicts.items()}
        return [Seen(dict(zip(rule.group_by, groups, strict=True)), verdict, now_ns) for groups, verdict in verdicts.items()]

    def _end_orphans(self, setups: Mapping[str, Project], now_ns: int) -> None:
        """Alerts whose rule was deleted or rests are over."""
        now = self._clock.monotonic()
        if self._looked_at is not None and now - self._looked_at < _ORPHANS_S:
            return
        self._looked_at = now
        with self._alerts.reading() as book:
            raised = book.rules()
        for project, name in sorted(raised):
            setup = setups.get(project, Project())
            broken = ("rule", name) in setup.problems  # what cannot be read may be read again tomorrow
            if not broken and (name not in setup.rules or not setup.rules[name][0].enabled):
                with self._alerts.writing() as book:
                    end_all(book, setup.routing, project, name, now_ns)
                (self._marks or {}).pop((project, name), None)


def _looks_for_less(rule: Rule, running_ns: int) -> bool:
    """Whether a rule is about what is missing, and its window reaches to before the server was started: then nothing could arrive, and nothing new is said."""
    return isinstance(rule.condition, Absence | Change) and running_ns < rule.condition.window_s * 10**9


def as_quiet(rule: Rule) -> Rule:
    """A rule for findings is over when they have been quiet for so long."""
    return rule.model_copy(update={"keep_firing_s": rule.condition.quiet_s}) if isinstance(rule.condition, FindingFilter) else rule
