"""What a mail says: a notice and a list's templates in; subject, text, HTML and attachments out.

Templates are texts with `$name`; what is in the values is never read as a template, and in HTML it is escaped.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Annotated, Final, Literal

import orjson
from pydantic import AfterValidator

from spyglass.alert.notify.text import headline, page
from spyglass.model.notice import Notice, ToldAlert
from spyglass.model.times import iso

__all__ = ["ALERT_FIELDS", "FIELDS", "AlertTemplate", "Attached", "Format", "TemplateText", "attached", "filled", "html_of"]

Format = Literal["json", "csv"]
FIELDS: Final = frozenset({"alerts", "count", "headline", "link", "on_call", "project", "reason", "runbook", "severity", "status", "text"})
ALERT_FIELDS: Final = frozenset(
    {"description", "evidence", "labels", "link", "rule", "runbook", "severity", "since", "status", "suggestion", "summary", "title", "until", "value"}
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet would begin to compute
_COLUMNS: Final = "id rule status severity title summary value started resolved labels suggestion runbook evidence url".split()
_HIDDEN: Final = frozenset({"rule", "severity", "project", "cause"})


def _checked(fields: frozenset[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        template = Template(text)
        if not template.is_valid() or not fields.issuperset(template.get_identifiers()):
            raise ValueError(f"expected text with ${', $'.join(sorted(fields))} and no other $ (write $$ for one)")
        return text

    return check


TemplateText = Annotated[str, AfterValidator(_checked(FIELDS))]
AlertTemplate = Annotated[str, AfterValidator(_checked(ALERT_FIELDS))]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail."""

    name: str
    subtype: str  # of application/ or text/
    content: bytes


def filled(template: str, alert_template: str, notice: Notice, escape: Callable[[str], str] = str) -> str:
    """A template with what is known of a notice; `escape` is applied to every value.

    Args:
        template: with `FIELDS`.
        alert_template: with `ALERT_FIELDS`, for each alert: `$alerts` is all of them. Empty: `$alerts` is empty.
        notice: what is told.
        escape: of values.
    """
    known = {name: escape(value) for name, value in _known(notice).items()}
    each = [Template(alert_template).substitute({name: escape(value) for name, value in _of(alert).items()}) for alert in notice.alerts]
    return Template(template).substitute(known | {"alerts": "\n".join(each) if alert_template else ""})


def html_of(text: str, notice: Notice) -> str:
    """Plain text as HTML; runbooks and our own pages are links, and nothing that came from telemetry is."""
    told = html.escape(text)
    urls = {url for alert in notice.alerts for url in (alert.url, alert.annotations.get("runbook_url", "")) if url.startswith(("http://", "https://"))}
    for url in sorted(urls, key=len):
        safe = html.escape(url)
        told = "\n".join(line[: -len(safe)] + f'<a href="{safe}">{safe}</a>' if line.endswith(f": {safe}") else line for line in told.split("\n"))
    return f"<pre style='font-family:monospace;white-space:pre-wrap'>{told}</pre>"


def attached(formats: Sequence[Format], notice: Notice) -> list[Attached]:
    """The notice as files: all of it as JSON, a line for each alert as CSV."""
    files = {"json": lambda: Attached("alerts.json", "json", orjson.dumps(notice.json(), option=orjson.OPT_INDENT_2)), "csv": lambda: _csv(notice)}
    return [files[name]() for name in dict.fromkeys(formats)]


def _csv(notice: Notice) -> Attached:
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for alert in notice.alerts:
        known = _of(alert) | {"id": alert.id, "started": _time(alert.started_ns), "resolved": _time(alert.resolved_ns), "url": alert.url}
        writer.writerow([_cell(known[name]) for name in _COLUMNS])
    return Attached("alerts.csv", "csv", told.getvalue().encode("utf-8-sig"))


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known(notice: Notice) -> Mapping[str, str]:
    runbooks = dict.fromkeys(alert.annotations.get("runbook_url", "") for alert in notice.alerts)
    return {
        "headline": headline(notice),
        "project": notice.project,
        "severity": notice.severity,
        "status": notice.status,
        "reason": notice.reason,
        "count": str(len(notice.alerts) + notice.withheld),
        "on_call": ", ".join(notice.to),
        "runbook": " ".join(filter(None, runbooks)),
        "link": next((alert.url for alert in notice.alerts if alert.url), ""),
        "text": page(notice),
    }


def _of(alert: ToldAlert) -> dict[str, str]:
    told = alert.annotations
    return {
        "title": alert.title,
        "summary": alert.summary,
        "severity": alert.severity,
        "status": alert.status,
        "rule": alert.rule,
        "labels": ", ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()) if name not in _HIDDEN),
        "value": "" if alert.value is None else f"{alert.value:g}",
        "since": _time(alert.started_ns),
        "until": _time(alert.resolved_ns),
        "suggestion": told.get("suggestion", ""),
        "description": told.get("description", ""),
        "runbook": told.get("runbook_url", ""),
        "evidence": told.get("evidence", ""),
        "link": alert.url,
    }


def _time(at_ns: int) -> str:
    return iso(at_ns)[:19] + "Z" if at_ns else ""
