"""What analyzers find, and the analyzers themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Annotated, Any, Final

import orjson
from fastapi import Path, Query

from spyglass.facts.findings import Mitigation
from spyglass.facts.verdicts import Judged
from spyglass.model.errors import InputError, NotFound
from spyglass.model.finding import Heard
from spyglass.model.schema import Kind
from spyglass.show.models.findings import AnalyzerItem, AnalyzerList, Change, FindingList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, Window, WindowOf
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read.findings import Standing
from spyglass.store.read.findings import findings as read

__all__ = ["items_of", "router"]

router = resource(tags=["findings"])

_FIGURES = ("observed", "probability", "budget", "confidence")
_MOST_HEARD: Final = 100
_MOST_MARKS: Final = 10_000  # that one question takes along


@router.get("/findings", response_model=FindingList, summary="What analyzers have found, last seen first")
def list_findings(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    mitigated: Annotated[
        bool | None,
        Query(description="true: those that somebody did something about; false: the open ones, which nobody did or which were found again; left out: all."),
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """One per kind of trouble and subject; each time that it was found is an event `finding`."""
    first, marks = first_row("findings", cursor), services.findings.of(project)
    standing = None if mitigated is None else _standing(mitigated, marks, window)
    found = read(services.engine.read, scope_of(services, Kind.EVENT, project, window, query), limit + 1, first, standing)
    told = page("findings", found, first, limit)
    return Json({**told, "items": items_of(services, project, told["items"])})


@router.get("/analyzers", response_model=AnalyzerList, summary="The analyzers, and how they do")
def list_analyzers(services: Using) -> Json:
    """In the order in which they run."""
    standing, heard = services.analysis.standing(), services.verdicts.heard()
    items = [_analyzer(services, name, heard) for name in services.analysis.members()]
    until = iso(standing.until_ns) if standing.until_ns else None
    how = {"until": until, "waiting_batches": standing.waiting_batches, "lost_rows": standing.lost_rows}
    broken = [{"origin": one.origin, "problem": one.problem} for one in services.analyzers.broken]
    return Json({"items": items, "next_cursor": None, **how, "broken": broken})


@router.put("/analyzers/{name}", response_model=AnalyzerItem, responses=NOT_FOUND, summary="Let an analyzer rest, run again, or go on with other settings")
def change_analyzer(services: Using, name: Annotated[str, Path(max_length=64, description="Its name.")], change: Change) -> Json:
    """One that was suspended because it failed or was too slow runs again at once, and not only when its rest is over."""
    if name not in services.analysis.members():
        raise NotFound(f"there is no analyzer {name}; there are {', '.join(services.analysis.members())}")
    if change.settings is not None:
        services.analysis.configure(name, change.settings)
    if change.running:
        services.analysis.resume(name)
    elif change.running is not None:
        services.analysis.suspend(name, "somebody let it rest")
    return Json(_analyzer(services, name, services.verdicts.heard()))


def _standing(mitigated: bool, marks: Mapping[str, Mitigation], window: Window) -> Standing:
    """What was mitigated before the time range holds for nothing that was found in it."""
    done_ns = {fingerprint: mark.at_ns for fingerprint, mark in marks.items() if mark.at_ns >= window.from_ns}
    if len(done_ns) > _MOST_MARKS:
        raise InputError(f"mitigated: {len(done_ns):,} findings were mitigated in this time range, expected at most {_MOST_MARKS:,}; ask for a shorter one")
    return Standing(mitigated, done_ns)


def _analyzer(services: Services, name: str, heard: Iterable[Heard]) -> dict[str, Any]:
    member = services.analysis.members()[name]
    moved = sorted((one for one in heard if one.analyzer == name and one.rule in member.kind.heeds), key=lambda one: (one.factor, one.fingerprint))
    kind, status = member.kind, member.status
    return {
        "name": kind.name,
        "origin": services.analyzers.origins[name],
        "version": kind.version,
        "description": kind.description,
        "reads": sorted(kind.reads),
        "makes": list(kind.makes),
        "rules": list(kind.rules),
        "heeds": list(kind.heeds),
        "heard": [{field: getattr(one, field) for field in ("fingerprint", "project", "rule", "agent", "factor")} for one in moved[:_MOST_HEARD]],
        "every_s": kind.every_s,
        "settings": kind.settings.model_json_schema(),
        "values": member.settings.model_dump(mode="json"),
        "running": not status.suspended,
        "suspended": status.suspended,
        "resumes": iso(services.clock.now_ns() + round(rest_s * 1e9)) if (rest_s := status.rest_s()) is not None else None,
        "rows": status.rows,
        "old_rows": status.old_rows,
        "missed_rows": status.missed_rows,
        "findings": status.findings,
        "withheld": status.withheld,
        "failures": status.failures,
        "problem": status.problem,
        "seconds": round(status.seconds, 3),
        "load": round(status.load, 4),
    }


def items_of(services: Services, project: str, found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings as the API tells them, with what people did about them and made of them."""
    marks, verdicts = services.findings.of(project), services.verdicts.of(project)
    heeds = {name: frozenset(member.kind.heeds) for name, member in services.analysis.members().items()}
    return [_item(row, marks.get(row["fingerprint"]), _verdict(row, verdicts.get(row["fingerprint"]), heeds)) for row in found]


def _verdict(row: Mapping[str, Any], said: Judged | None, heeds: Mapping[str, Set[str]]) -> dict[str, Any] | None:
    if said is None:
        return None
    heeded = row["rule"] in heeds.get(row["analyzer"], ())
    return {"verdict": said.verdict, "who": said.who, "note": said.note, "at": iso(said.at_ns), "factor": said.factor, "heeded": heeded}


def _item(row: dict[str, Any], mark: Mitigation | None, verdict: dict[str, Any] | None) -> dict[str, Any]:
    """Its figures are attributes, which the store keeps as text."""
    low, high = row.pop("expected_low"), row.pop("expected_high")
    evidence = orjson.loads(row["evidence"]) if row["evidence"] else []
    mitigated = {"who": mark.who, "note": mark.note, "at": iso(mark.at_ns), "again": row["last_seen"] > iso(mark.at_ns)} if mark else None
    return (
        row
        | {name: _figure(row[name]) for name in _FIGURES}
        | {name: int(row[name]) if row[name] else None for name in ("peers", "compared")}
        | {"expected": [_figure(low), _figure(high)] if low and high else None, "evidence": evidence, "mitigated": mitigated, "verdict": verdict}
    )


def _figure(text: str) -> float | None:
    return float(text) if text else None
