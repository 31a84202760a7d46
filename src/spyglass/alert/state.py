"""The state of one alert: what it was and a verdict in, what it is and what happened out. A pure function of both and the time.

pending → firing → resolved. One that comes back soon is the same alert again, and the oftener it did the longer it must be quiet before it counts as over:
that is what keeps a flapping alert from being told each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import xxhash

from spyglass.alert.judge import Verdict
from spyglass.alert.rules import Rule
from spyglass.facts.alerts import Alert, Step
from spyglass.model.notice import RANKS

__all__ = ["REOPEN_NS", "advance", "fingerprint", "quiet_ns"]

REOPEN_NS: Final = 1_800 * 10**9  # one that returns so soon after its end is the same alert
_MOST_DOUBLINGS: Final = 6
_LONGEST_QUIET_NS: Final = 3_600 * 10**9  # that flapping may add


def fingerprint(project: str, rule: str, group: Mapping[str, str]) -> str:
    """What an alert of a rule is about, 16 hex digits; the severity is no part of it."""
    return xxhash.xxh3_64_hexdigest("\0".join([project, rule, *(f"{name}={group[name]}" for name in sorted(group))]).encode())


def quiet_ns(rule_keep_s: int, flaps: int) -> int:
    """How long it must not have held: doubled each time that it came back."""
    keep_ns = rule_keep_s * 10**9
    return keep_ns if not flaps else max(keep_ns, min(max(keep_ns, 30 * 10**9) * 2 ** min(flaps, _MOST_DOUBLINGS), _LONGEST_QUIET_NS))


def advance(old: Alert | None, new: Alert, verdict: Verdict, rule: Rule, now_ns: int) -> tuple[Alert | None, list[Step]]:
    """What becomes of an alert.

    Args:
        old: as it is kept; None: there is none.
        new: what it would be if it began now: id, labels, title.
        verdict: on its group.
        rule: for how long it has to hold, or not to.
        now_ns: of the evaluation.

    Returns:
        What it is now (None: nothing, or nothing any more), and what happened; no step means that nobody has to be told.
    """
    if old is None or (old.state == "resolved" and now_ns - old.resolved_ns > REOPEN_NS):
        return _begun(new, verdict, rule, now_ns) if verdict.holds else (old, [])
    if old.state == "resolved":
        return _again(old, verdict, now_ns) if verdict.holds else (old, [])
    if verdict.holds or not verdict.clear:
        return _holding(old, verdict, rule, now_ns)
    if old.state == "pending":
        return None, []
    if now_ns - old.true_ns < quiet_ns(rule.keep_firing_s, old.flaps):
        return replace(old, updated_ns=now_ns), []
    return replace(old, state="resolved", resolved_ns=now_ns, updated_ns=now_ns), [Step("resolved", now_ns)]


def _begun(new: Alert, verdict: Verdict, rule: Rule, now_ns: int) -> tuple[Alert, list[Step]]:
    begun = replace(_with(new, verdict), state="pending", started_ns=now_ns, true_ns=now_ns, updated_ns=now_ns, count=1)
    if rule.for_s:
        return begun, [Step("pending", now_ns, note=verdict.summary)]
    return replace(begun, state="firing", fired_ns=now_ns), [Step("firing", now_ns, note=verdict.summary)]


def _again(old: Alert, verdict: Verdict, now_ns: int) -> tuple[Alert, list[Step]]:
    back = replace(_with(old, verdict), state="firing", resolved_ns=0, true_ns=now_ns, updated_ns=now_ns, flaps=old.flaps + 1, count=old.count + 1)
    return back, [Step("firing again", now_ns, note=f"{verdict.summary}; it came back {back.flaps}×")]


def _holding(old: Alert, verdict: Verdict, rule: Rule, now_ns: int) -> tuple[Alert, list[Step]]:
    if not verdict.holds:  # between the two bounds of hysteresis: as it was
        return replace(old, true_ns=now_ns if old.state == "firing" else old.true_ns, updated_ns=now_ns), []
    held = replace(_with(old, verdict), true_ns=now_ns, updated_ns=now_ns, count=old.count + 1)
    if old.state == "pending":
        if now_ns - old.started_ns < rule.for_s * 10**9:
            return held, []
        return replace(held, state="firing", fired_ns=now_ns), [Step("firing", now_ns, note=verdict.summary)]
    if RANKS[verdict.severity] > RANKS.get(old.severity, 0):
        return held, [Step("worse", now_ns, note=f"{old.severity} → {verdict.severity}: {verdict.summary}")]
    return replace(held, severity=old.severity, labels=old.labels), []  # what was critical stays so until it is over


def _with(alert: Alert, verdict: Verdict) -> Alert:
    labels = {**alert.labels, "severity": verdict.severity}
    return replace(alert, severity=verdict.severity, labels=labels, summary=verdict.summary[:2000], value=verdict.value)
