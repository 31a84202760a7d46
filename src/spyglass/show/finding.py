"""One finding: the rows that show it, and what people do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Path

from spyglass.analyze.builtin.security.chain import parts
from spyglass.facts.verdicts import Subject
from spyglass.model.errors import NotFound
from spyglass.model.schema import Kind
from spyglass.model.told import Event
from spyglass.show.findings import items_of
from spyglass.show.models.findings import FindingDetail, FindingVerdict, FindingWords
from spyglass.show.parameters import Project, Window, parse_time
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso, rows
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read.findings import about, shown_by

__all__ = ["router"]

router = resource(tags=["findings"])

Fingerprint = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="Fingerprint of the finding, 16 hex digits.")]
_AHEAD_NS: Final = 86_400 * 10**9  # so far may clocks of senders be ahead
_GONE: Final = {"kind": "", "name": "", "agent": "", "tool": "", "status": "", "time": None, "duration_ns": None, "input": "", "output": ""}


@router.get("/findings/{fingerprint}", response_model=FindingDetail, responses=NOT_FOUND, summary="One finding with the rows that show it")
def one_finding(services: Using, fingerprint: Fingerprint, project: Project = "default") -> Json:
    """As it was told last, whenever that was. Of a finding about content of strangers the chain says what was read, and what the agent did then."""
    return _detail(services, project, fingerprint)


@router.post("/findings/{fingerprint}/mitigate", response_model=FindingDetail, responses=NOT_FOUND, summary="Say that something was done about a finding")
def mitigate_finding(services: Using, fingerprint: Fingerprint, told: FindingWords, project: Project = "default") -> Json:
    """It no longer counts in threat scores, until it is found again. Told as an event `audit`; where that cannot be told, nothing is done."""
    found = _found(services, project, fingerprint)
    services.findings.mitigate(project, fingerprint, told.who, told.note, _tell(services, project, "mitigate", found, told))
    return _detail(services, project, fingerprint)


@router.post(
    "/findings/{fingerprint}/reopen", response_model=FindingDetail, responses=NOT_FOUND | CONFLICT, summary="Take back that something was done about a finding"
)
def reopen_finding(services: Using, fingerprint: Fingerprint, told: FindingWords, project: Project = "default") -> Json:
    """Told as an event `audit`, too."""
    found = _found(services, project, fingerprint)
    services.findings.reopen(project, fingerprint, told.who, told.note, _tell(services, project, "reopen", found, told))
    return _detail(services, project, fingerprint)


@router.post(
    "/findings/{fingerprint}/verdict", response_model=FindingDetail, responses=NOT_FOUND | CONFLICT, summary="Say whether a finding was useful or noise"
)
def judge_finding(services: Using, fingerprint: Fingerprint, told: FindingVerdict, project: Project = "default") -> Json:
    """Each telling counts once: the weight of the rule and its subject in the false-alarm budget moves by a factor of ten, within bounds.

    Told as an event `audit`.
    """
    found = _found(services, project, fingerprint)
    if told.verdict == "none":
        services.verdicts.forget(project, fingerprint, told.who, told.note, _tell(services, project, "forget", found, told))
    else:
        told_ns = parse_time(found["last_seen"], services.clock.now_ns(), "last_seen")
        about = Subject(fingerprint, told_ns, found["analyzer"], found["rule"], found["agent"])
        services.verdicts.judge(project, about, told.verdict, told.who, told.note, _tell(services, project, told.verdict, found, told))
    services.analysis.heed()
    return _detail(services, project, fingerprint)


def _tell(services: Services, project: str, action: str, found: dict[str, Any], told: FindingWords) -> Callable[[], None]:
    names = {"action": f"finding.{action}", "subject": found["fingerprint"], "who": told.who, "note": told.note}
    attributes = {f"spyglass.audit.{name}": value for name, value in names.items()}
    event = Event("audit", services.clock.now_ns(), attributes, body=f"finding: {action} of {found['title']}"[:500])
    return lambda: services.announce(project, [event])


def _found(services: Services, project: str, fingerprint: str) -> dict[str, Any]:
    window = Window(0, services.clock.now_ns() + _AHEAD_NS)
    found = rows(about(services.engine.read, scope_of(services, Kind.EVENT, project, window, ""), fingerprint))
    if not found:
        raise NotFound(f"project {project} has no finding {fingerprint}; GET /api/v1/findings lists them, a finding is there about a second after it was told")
    return items_of(services, project, found)[0]


def _detail(services: Services, project: str, fingerprint: str) -> Json:
    found = _found(services, project, fingerprint)
    history = [{"time": iso(step.at_ns), "action": step.action, "who": step.who, "note": step.note} for step in services.findings.history(project, fingerprint)]
    return Json({**found, "chain": _chain(services, project, found), "history": history})


def _chain(services: Services, project: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    now = services.clock.now_ns()
    named = list(dict.fromkeys(str(one) for one in found["evidence"]))
    bounds = (parse_time(found[name], now, name) for name in ("first_seen", "last_seen"))
    known = shown_by(services.engine.read, project, named, *bounds)
    items = [_row(part, one, known.get(one)) for part, one in zip(parts(found["analyzer"], found["rule"], len(named)), named, strict=True)]
    return sorted(items, key=lambda item: (item["time"] is None, item["time"] or ""))


def _row(part: str, named: str, row: dict[str, Any] | None) -> dict[str, Any]:
    trace, _, span = named.partition("/")
    plain = {"part": part, "row": named, "trace_id": trace if span else "", "span_id": span}
    if row is None:
        return _GONE | plain
    same = {name: row[name] for name in ("name", "agent", "tool")} | {"time": iso(row["time_ns"])}
    if "event_id" not in row:
        return _GONE | plain | same | {name: row[name] for name in ("kind", "status", "duration_ns", "input", "output")}
    ids = {name: row[name] if row[name].strip("0") else "" for name in ("trace_id", "span_id")}
    return _GONE | plain | same | ids | {"kind": "event", "status": row["severity"], "output": row["text"]}
