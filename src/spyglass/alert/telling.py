"""A group and what is to be told of it in; notices in the outbox, one for each channel, out. Within the transaction that remembers that it was told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote

import xxhash

from spyglass.facts.alerts import Alert, Book, Group
from spyglass.model.notice import Notice, Reason, ToldAlert

__all__ = ["Hears", "queue", "tell_acknowledged", "told_alert"]

Hears = Callable[[str, str], bool]
"""Whether a project's channel is told of acknowledgements."""


def queue(book: Book, group: Group, channels: Sequence[str], reason: Reason, alerts: Sequence[ToldAlert], now_ns: int, **more: object) -> None:
    """Put a notice for each channel into the outbox; `more`: other fields of it."""
    for channel in channels:
        notice_id = xxhash.xxh3_128_hexdigest(f"{group.key}\0{group.sequence}\0{now_ns}\0{channel}".encode())
        notice = Notice(notice_id, group.project, group.key, channel, reason, now_ns, group.labels, tuple(alerts), **more)  # type: ignore[arg-type]
        book.queue(notice_id, channel, group, notice.json(), now_ns)


def tell_acknowledged(book: Book, group: Group, hears: Hears, public_url: str, note: str, now_ns: int) -> bool:
    """Tell channels that want to know it that somebody has all that fires of a group; whether anything was told."""
    known = [member.alert for member in book.members(group.key) if member.told not in ("", "resolved") and member.alert.state == "firing"]
    if not known or not all(alert.owner and not (alert.snoozed_ns or alert.snoozed_version) for alert in known):
        return False
    channels = [name for name in book.told_channels(group.key) if hears(group.project, name)]
    queue(book, group, channels, "acknowledged", [told_alert(alert, public_url) for alert in known[:50]], now_ns, note=note)
    return bool(channels)


def told_alert(alert: Alert, public_url: str) -> ToldAlert:
    """An alert as people are told of it; `public_url`: of the web app, empty: there are no links."""
    url = f"{public_url}/alerts/{alert.id}?project={quote(alert.project, safe='')}" if public_url else ""
    return ToldAlert(
        alert.id,
        alert.rule,
        alert.title,
        "resolved" if alert.state == "resolved" else "firing",
        alert.severity,  # type: ignore[arg-type]  # kept as it was judged
        alert.summary,
        alert.labels,
        alert.annotations,
        alert.value,
        alert.started_ns,
        alert.resolved_ns,
        url,
    )
