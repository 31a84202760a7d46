"""A notice as text for people: a line, and a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import orjson

from spyglass.model.notice import Notice, ToldAlert
from spyglass.model.times import iso

__all__ = ["evidence", "headline", "others", "page", "seen"]

_REASONS: Final = {
    "repeat": "still ",
    "escalated": "nobody has acknowledged: ",
    "snooze_over": "snooze is over: ",
    "acknowledged": "acknowledged: ",
    "action": "action: ",
    "test": "test: ",
}
_HIDDEN: Final = frozenset({"rule", "severity", "project", "cause", "finding"})
_MOST_EVIDENCE: Final = 3


def headline(notice: Notice) -> str:
    """One line, 200 characters at most, without line ends."""
    alerts = [alert for alert in notice.alerts if alert.status == notice.status] or list(notice.alerts)
    more = len(notice.alerts) - 1 + notice.withheld
    first = alerts[0].title if alerts else "alert"
    kind, _, name = (cause := notice.labels.get("cause", "")).partition(" ")
    about = cause if name and name not in first and (more > 0 or kind != "rule") else "" if cause else _shared(notice, first)
    also = (f" and {more} more" if more > 0 else "") + (f" of {about}" if about else "")
    state = f"{notice.severity.upper()}" if notice.status == "firing" else "RESOLVED"
    return " ".join(f"[{state}] {_REASONS.get(notice.reason, '')}{first}{also} ({notice.project})".split())[:200]


def _shared(notice: Notice, but: str) -> str:
    """What the alerts of a group have in common, where that is not its cause and is not in a text."""
    return ", ".join(f"{name} {value}" for name, value in notice.labels.items() if name not in _HIDDEN and value and value not in but)


def seen(alert: ToldAlert) -> str:
    """What a finding measured last and what it expected, `8 rounds; expected 1 to 3`; empty: it measured nothing."""
    known = alert.annotations
    if not known.get("observed") or alert.value is None:
        return ""
    band = f"; expected {known['expected']}" if known.get("expected") else ""
    rare = f"; as rare as {known['probability']} where nothing is wrong" if known.get("probability") else ""
    unit = known.get("unit", "")
    return f"{alert.value:.4g}{f' {unit}' if unit not in ('', '1') else ''}{band}{rare}"


def evidence(alert: ToldAlert) -> str:
    """The first rows that show it: the trace and the span, or the event; a person looks for them by these ids."""
    try:
        ids = orjson.loads(alert.annotations.get("evidence", "") or "[]")
    except orjson.JSONDecodeError:  # cut, as a finding may have many
        ids = [one.strip('[]" ') for one in alert.annotations["evidence"].split(",")[:-1]]
    shown = [str(one) for one in ids[:_MOST_EVIDENCE]] if isinstance(ids, list) else []
    more = len(ids) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def page(notice: Notice) -> str:
    """All of it, in lines."""
    return "\n".join(_lines(notice))


def others(notice: Notice) -> str:
    """What of the group goes on beside it; empty: nothing."""
    many = notice.others > 1
    return (
        f"{notice.others} more alert{'s' if many else ''} of this group still fire{'' if many else 's'}: acknowledged, snoozed or silenced."
        if notice.others
        else ""
    )


def _lines(notice: Notice) -> Iterator[str]:
    yield headline(notice)
    if notice.to:
        yield f"On call: {', '.join(notice.to)}"
    if notice.note:
        yield notice.note
    for alert in notice.alerts:
        yield ""
        yield from _alert_lines(alert)
    if notice.withheld:
        yield f"\n… and {notice.withheld} more alerts of this group."
    if notice.others:
        yield f"\n{others(notice)}"
    yield f"\nNotice {notice.id} of group {notice.group}; the same id twice is the same notice."


def _alert_lines(alert: ToldAlert) -> Iterator[str]:
    yield f"{alert.severity if alert.status == 'firing' else 'resolved'}: {alert.title}"
    if alert.summary != alert.title:
        yield f"  {alert.summary}"
    labels = ", ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()) if name not in _HIDDEN)
    facts = {
        "labels": labels,
        "cause": alert.annotations.get("cause", ""),
        "seen": seen(alert),
        "since": iso(alert.started_ns)[:19] + "Z" if alert.started_ns else "",
        "until": iso(alert.resolved_ns)[:19] + "Z" if alert.resolved_ns else "",
        "what to do": alert.annotations.get("suggestion", ""),
        "about": alert.annotations.get("description", ""),
        "runbook": alert.annotations.get("runbook_url", ""),
        "evidence": evidence(alert),
        "look": alert.url,
    }
    yield from (f"  {name}: {text}" for name, text in facts.items() if text)
