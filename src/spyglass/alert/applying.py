"""Verdicts of a rule in; alerts that are kept, with their history and their groups, out. One transaction for each evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import xxhash

from spyglass.alert.cause import LABEL, cause_of, shared_cause
from spyglass.alert.grouping import regroup
from spyglass.alert.judge import Verdict
from spyglass.alert.route import Routing
from spyglass.alert.rules import Rule
from spyglass.alert.state import REOPEN_NS, advance, fingerprint
from spyglass.facts.alerts import Alert, Book, Step
from spyglass.model.notice import RANKS
from spyglass.telemetry.metrics import ALERTS_CHANGED, ALERTS_WITHHELD

__all__ = ["Applied", "Seen", "apply", "end_all"]

_NOTHING: Final = "nothing is known of it any more"


@dataclass(frozen=True, slots=True)
class Seen:
    """A group and the verdict on it."""

    group: Mapping[str, str]
    verdict: Verdict
    at_ns: int
    title: str = ""  # empty: that of the rule
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it."""

    changed: int  # alerts of which something may have to be told
    withheld: int  # beyond the bound


def apply(book: Book, routing: Routing, project: str, name: str, rule: Rule, seen: Sequence[Seen], now_ns: int, most: int, *, whole: bool = True) -> Applied:
    """Let verdicts become alerts.

    Args:
        book: of the transaction.
        routing: of the project.
        project: whose.
        name: of the rule.
        rule: what it says.
        seen: verdicts, in the order of their times.
        now_ns: of the evaluation.
        most: alerts of the rule that may be there at the same time.
        whole: whether groups that were not seen are clear; else nothing is said of them.
    """
    keys = [fingerprint(project, name, one.group) for one in seen]
    old = book.of_rule(project, name, now_ns - REOPEN_NS) if whole else book.latest(project, name, keys)
    there = len(book.of_rule(project, name, now_ns)) if not whole else sum(alert.state != "resolved" for alert in old.values())
    shared = shared_cause(name, [one.group for one in seen if one.verdict.holds]) if whole else ""  # who finds says itself what is shared
    changed = withheld = 0
    for key, one in sorted(zip(keys, seen, strict=True), key=lambda pair: _order(pair[1])) if whole else zip(keys, seen, strict=True):
        present = old.get(key)
        fresh = present is None or present.state == "resolved"
        if fresh and one.verdict.holds and there >= most:
            withheld += 1
            continue
        if not whole and present is not None and one.at_ns <= present.true_ns:
            continue  # it is known already: findings come again after a restart
        now = _step(book, routing, present, _new(project, name, rule, key, one, shared), one, rule)
        changed += now is not present
        there += fresh and now is not None and now.state != "resolved"
        if now is not None:
            old[key] = now
    if whole:
        gone = Verdict(holds=False, clear=True, severity=rule.severity, summary=_NOTHING)
        for key in old.keys() - set(keys):
            _step(book, routing, old[key], old[key], Seen({}, gone, now_ns), rule)
    ALERTS_WITHHELD.inc(withheld)
    return Applied(changed, withheld)


def end_all(book: Book, routing: Routing, project: str, name: str, now_ns: int) -> None:
    """Resolve whatever a rule has raised: it is gone, or is not evaluated any more."""
    for alert in book.of_rule(project, name, now_ns).values():
        if alert.state == "pending":
            book.drop(alert)
        elif alert.state == "firing":
            ended = book.keep(
                replace(alert, state="resolved", resolved_ns=now_ns, updated_ns=now_ns), Step("resolved", now_ns, note="its rule is gone or rests")
            )
            regroup(book, routing, ended, now_ns)
    book.unmark(project, name)


def _step(book: Book, routing: Routing, old: Alert | None, new: Alert, one: Seen, rule: Rule) -> Alert | None:
    now, steps = advance(old, new, one.verdict, rule, one.at_ns)
    if now is None:
        if old is not None:
            book.drop(old)
        return None
    if now is not old:
        if one.annotations and one.verdict.holds:
            now = replace(now, annotations={**now.annotations, **one.annotations}, title=new.title)
        now = book.keep(now, *steps)
    for step in steps:
        ALERTS_CHANGED.labels(step.step).inc()
    if steps and now.state != "pending":
        regroup(book, routing, now, one.at_ns)
    return now


def _new(project: str, name: str, rule: Rule, key: str, one: Seen, shared: str) -> Alert:
    cause = shared or cause_of({**one.group, "rule": name}, one.annotations)
    labels = {LABEL: cause, **one.group, **rule.labels, "rule": name, "project": project, "severity": one.verdict.severity}
    about = {"runbook_url": rule.runbook_url, "description": rule.description, **one.annotations}
    return Alert(
        id=xxhash.xxh3_64_hexdigest(f"{project}\0{name}\0{key}\0{one.at_ns}".encode()),
        project=project,
        rule=name,
        fingerprint=key,
        state="pending",
        severity=one.verdict.severity,
        title=(one.title or rule.title or name)[:300],
        summary=one.verdict.summary[:2000],
        labels={label: value[:200] for label, value in labels.items()},
        annotations={label: value for label, value in about.items() if value},
    )


def _order(one: Seen) -> tuple[int, float]:
    """The worst first, where not all fit."""
    return -RANKS[one.verdict.severity], -abs(one.verdict.value or 0.0)
