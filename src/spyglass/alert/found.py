"""Findings in, as rows of events just kept or as the store has them; alerts of the rules that they match, out.

At once, and once: the same finding a second time changes nothing, so that what may have been missed can be read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from spyglass.alert.applying import Seen, apply
from spyglass.alert.evaluate import as_quiet
from spyglass.alert.judge import Verdict
from spyglass.alert.rules import FindingFilter, Rule
from spyglass.alert.setup import Setups
from spyglass.facts.alerts import Alerts
from spyglass.model.batch import Batch
from spyglass.model.clock import Clock
from spyglass.model.columns import flat
from spyglass.model.errors import SpyglassError
from spyglass.model.finding import EVENT_NAME, SERVER_SCOPE, Severity
from spyglass.model.notice import RANKS
from spyglass.model.schema import Kind
from spyglass.search.masks import mask
from spyglass.search.parse import parse
from spyglass.telemetry.metrics import ALERT_EVALUATIONS

__all__ = ["COLUMNS", "GROUPS", "Finder", "Found", "found"]

log = structlog.get_logger()

GROUPS: Final = ("agent", "tool", "model", "service", "environment", "session_id", "user_id", "execution_id")
COLUMNS: Final = ("time", "body", "attributes", *GROUPS)
_PREFIX: Final = "spyglass.finding."
# What a finding is about, where that is no column of its event: the event's own service is the server, which is never what it is about.
_SUBJECTS: Final = {
    "service": f"{_PREFIX}subject.service",
    "source": "client.address",
    "target": f"{_PREFIX}subject.target",
    "server": f"{_PREFIX}subject.server",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One finding."""

    time_ns: int
    title: str
    severity: Severity
    attributes: Mapping[str, str]
    columns: Mapping[str, str] = field(default_factory=dict)

    def group(self, names: Sequence[str]) -> dict[str, str]:
        """What it is about: by default that which findings of the same trouble and subject have in common."""
        if not names:
            about = {name: self.columns[name] for name in (*GROUPS, *_SUBJECTS) if self.columns.get(name)}
            return {"finding": self.attributes.get(f"{_PREFIX}fingerprint", ""), **about}
        return {name: self.attributes.get(name.removeprefix("attr."), "") if name.startswith("attr.") else self.columns.get(name, "") for name in names}


_TOLD: Final = ("suggestion", "analyzer", "rule", "owasp", "evidence", "observed", "unit", "probability", "cause")


class Finder:
    """Shows findings to the rules that want them."""

    def __init__(self, alerts: Alerts, setups: Setups, clock: Clock, most: int) -> None:
        self._alerts, self._setups, self._clock, self._most = alerts, setups, clock, most
        self.withheld: dict[tuple[str, str], int] = {}  # by project and rule, since the server started

    def rules(self) -> list[tuple[str, str, Rule]]:
        """Project, name and rule of all that want findings."""
        wanted = ((project, name, rule) for project, setup in self._setups.all().items() for name, (rule, _) in setup.rules.items())
        return [(project, name, rule) for project, name, rule in wanted if rule.enabled and isinstance(rule.condition, FindingFilter)]

    def observe(self, batch: Batch) -> int:
        """Rows that were just kept; how many alerts changed.

        Raises:
            Refused: the database of the facts is away; what was kept is found again in the store.
        """
        if batch.kind != Kind.EVENT:
            return 0
        told = pc.and_(pc.equal(flat(batch.rows["event_name"]), EVENT_NAME), pc.equal(flat(batch.rows["scope_name"]), SERVER_SCOPE))
        if not told.true_count:
            return 0
        rows = batch.rows.filter(told)
        changed = 0
        for project, name, rule in self.rules():
            some = rows.filter(pc.equal(rows["project"], project))
            if some.num_rows:
                matching = some.filter(mask(parse(rule.query, Kind.EVENT), some, Kind.EVENT, self._clock.now_ns())) if rule.query else some
                told_ns = matching["time"].cast(pa.int64())
                matching = matching.select(list(COLUMNS)).drop_columns(["time"]).append_column("time_ns", told_ns)
                changed += self.take(project, name, rule, map(found, matching.to_pylist()))
        return changed

    def take(self, project: str, name: str, rule: Rule, findings: Iterable[Found]) -> int:
        """Findings that a rule's search matches; how many alerts changed.

        Raises:
            Refused: the database of the facts is away; nothing was kept.
        """
        condition = rule.condition
        assert isinstance(condition, FindingFilter)  # noqa: S101 - `rules` gives no others
        wanted = [one for one in findings if RANKS[one.severity] >= RANKS[condition.severity]]
        if not wanted:
            return 0
        seen = [_seen(one, rule) for one in sorted(wanted, key=lambda one: one.time_ns)]
        try:
            with self._alerts.writing() as book:
                applied = apply(book, self._setups.of(project).routing, project, name, as_quiet(rule), seen, self._clock.now_ns(), self._most, whole=False)
        except SpyglassError:
            ALERT_EVALUATIONS.labels("refused").inc()
            raise
        if applied.withheld:
            self.withheld[project, name] = self.withheld.get((project, name), 0) + applied.withheld
            log.warning("alerts withheld", project=project, rule=name, alerts=applied.withheld)
        return applied.changed


def found(row: Mapping[str, Any]) -> Found:
    """A row with `COLUMNS`, the time as `time_ns`."""
    attributes = {str(key): str(value) for key, value in row["attributes"]} if isinstance(row["attributes"], list) else dict(row["attributes"])
    severity = attributes.get(f"{_PREFIX}severity", "warning")
    columns = {name: str(row[name] or "") for name in GROUPS} | {name: attributes.get(key, "") for name, key in _SUBJECTS.items()}
    return Found(int(row["time_ns"]), str(row["body"]), severity if severity in RANKS else "warning", attributes, columns)  # type: ignore[arg-type]


def _short(number: str) -> str:
    """As people read it."""
    try:
        return f"{float(number):.4g}"
    except ValueError:
        return number


def _seen(one: Found, rule: Rule) -> Seen:
    told = {name: one.attributes.get(f"{_PREFIX}{name}", "") for name in _TOLD}
    low, high = (one.attributes.get(f"{_PREFIX}expected_{which}", "") for which in ("low", "high"))
    told["expected"] = f"{_short(low)} to {_short(high)}" if low and high else ""
    told["probability"] = rare if (rare := _short(told["probability"])) != "0" else ""  # beyond what a number can say
    told["run"] = one.attributes.get(f"{_PREFIX}subject.run", "")  # the trace of the run that it is about
    annotations = {"finding_rule" if name == "rule" else name: value[:1000] for name, value in told.items() if value}
    try:
        value = float(told["observed"])
    except ValueError:
        value = None
    verdict = Verdict(holds=True, clear=False, severity=one.severity, summary=one.title, value=value)
    return Seen(one.group(rule.group_by), verdict, one.time_ns, rule.title or one.title, annotations)
