"""Rules of alerts: kept with versions, evaluated, tried on the past."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import Path, Query, Response

from spyglass.alert.found import GROUPS
from spyglass.alert.judge import questions
from spyglass.alert.rehearse import Episode, Rehearsal, rehearse, rehearse_findings
from spyglass.alert.rules import NAME, FindingFilter, Rule, read_rule
from spyglass.facts.alerts_documents import Document
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind
from spyglass.search.parse import parse
from spyglass.show.models.alerts import RehearsalAnswer, RuleDraft, RuleItem, RuleList, RuleTest, RuleVersionList
from spyglass.show.parameters import Project, WindowOf
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using

__all__ = ["router"]

router = resource(tags=["alerts"])

Name = Annotated[str, Path(pattern=NAME, description="Name of the rule.")]
_MOST_PAGES: Final = 25


@router.get("/alert-rules", response_model=RuleList, summary="The rules of alerts, and how they do")
def list_rules(services: Using, project: Project = "default") -> Json:
    """By name. `problem` says where a rule cannot be evaluated, or matches too much."""
    items = [_item(services, one) for one in services.alerts.documents.all("rule", project)]
    return Json({"items": items, "next_cursor": None})


@router.get("/alert-rules/{name}", response_model=RuleItem, responses=NOT_FOUND, summary="One rule")
def one_rule(services: Using, name: Name, project: Project = "default") -> Json:
    """As it is now."""
    return Json(_item(services, services.alerts.documents.one(project, "rule", name)))


@router.put("/alert-rules/{name}", response_model=RuleItem, responses=CONFLICT, summary="Make or change a rule")
def put_rule(services: Using, name: Name, draft: RuleDraft, project: Project = "default") -> Json:
    """A search that is wrong is refused. Saying the same again changes nothing; `version` keeps two people from overwriting each other."""
    _check(services, project, draft.rule)
    body = draft.rule.model_dump(mode="json")
    kept = services.alerts.documents.put(project, "rule", name, body, author=draft.author, version=draft.version)
    services.alerts.wake()
    return Json(_item(services, kept))


@router.delete("/alert-rules/{name}", status_code=204, responses=NOT_FOUND, summary="Delete a rule")
def remove_rule(
    services: Using, name: Name, project: Project = "default", author: Annotated[str, Query(max_length=256, description="Who says so.")] = ""
) -> Response:
    """Its alerts are resolved; its versions stay."""
    services.alerts.documents.remove(project, "rule", name, author)
    services.alerts.wake()
    return Response(status_code=204)


@router.get("/alert-rules/{name}/versions", response_model=RuleVersionList, summary="Versions of a rule, latest first")
def rule_versions(services: Using, name: Name, project: Project = "default") -> Json:
    """The latest hundred, also of one that was deleted."""
    found = services.alerts.documents.versions(project, "rule", name)
    items = [{"version": one.version, "body": one.body, "author": one.author, "deleted": one.deleted, "time": iso(one.at_ns)} for one in found]
    return Json({"items": items, "next_cursor": None})


@router.post("/alert-rules/test", response_model=RehearsalAnswer, summary="Try a rule on the past")
def try_rule(services: Using, told: RuleTest, window: WindowOf, project: Project = "default") -> Json:
    """Evaluated at every interval between `from` and `to`, as it would have been live; nothing is kept, and nobody is told."""
    _check(services, project, told.rule)
    to_ns = min(window.to_ns, services.clock.now_ns())
    return Json(_rehearsed(_rehearse(services, project, told.rule, window.from_ns, to_ns)))


def _rehearse(services: Services, project: str, rule: Rule, from_ns: int, to_ns: int) -> Rehearsal:
    if not isinstance(rule.condition, FindingFilter):
        return rehearse(project, rule, services.alerts.ask, from_ns, to_ns)
    pages = islice(services.alerts.findings(project, rule.query, from_ns, to_ns), _MOST_PAGES)
    return rehearse_findings(project, rule, (one for page in pages for one in page), from_ns, to_ns)


def _check(services: Services, project: str, rule: Rule) -> None:
    """Whether the store understands it.

    Raises:
        QueryError: the search or the grouping is wrong.
        InputError: findings have no such column.
    """
    if isinstance(rule.condition, FindingFilter):
        parse(rule.query, Kind.EVENT)
        strangers = [name for name in rule.group_by if name not in GROUPS and not name.startswith("attr.")]
        if strangers:
            raise InputError(f"group_by: findings have no {strangers[0]!r}; they have {', '.join(GROUPS)}, attr.<name>")
    for question in questions(project, rule, services.clock.now_ns()):
        services.alerts.ask(question)


def _item(services: Services, document: Document) -> dict[str, Any]:
    mark = services.alerts.evaluator.mark(document.project, document.name)
    withheld = services.alerts.finder.withheld.get((document.project, document.name), 0)
    rule, problem = _read(document)
    if withheld:
        problem = problem or f"it matches too much: {withheld} alerts were withheld; narrow its search, or group by less"
    return {
        "name": document.name,
        "rule": rule.model_dump(mode="json") if rule else None,
        "version": document.version,
        "author": document.author,
        "created": iso(document.created_ns),
        "updated": iso(document.updated_ns),
        "evaluated": iso(mark.evaluated_ns) if mark.evaluated_ns else None,
        "took_ms": mark.took_ms,
        "groups": mark.groups,
        "withheld": mark.withheld or withheld,
        "problem": problem or mark.problem,
    }


def _read(document: Document) -> tuple[Rule | None, str]:
    try:
        return read_rule(document.body, document.name), ""
    except InputError as error:
        return None, error.message


def _rehearsed(found: Rehearsal) -> dict[str, Any]:
    hours = (found.to_ns - found.from_ns) / 3_600e9
    span = _number(hours / 24, "day") if hours >= 48 else _number(hours, "hour")
    fired = {0: "would never have fired", 1: "would have fired once"}.get(found.fired, f"would have fired {found.fired} times")
    again = f", and have come back {found.told - found.fired}×" if found.told > found.fired else ""
    return {
        "says": f"it {fired} in {span}{again}",
        "fired": found.fired,
        "told": found.told,
        "evaluations": found.evaluations,
        "step_s": found.step_s,
        "episodes": _episodes(found.episodes),
    }


def _number(amount: float, unit: str) -> str:
    told = f"{amount:.3g}"
    return f"{told} {unit}" if told == "1" else f"{told} {unit}s"


def _episodes(episodes: Sequence[Episode]) -> list[dict[str, Any]]:
    return [
        {
            "group": dict(one.group),
            "severity": one.severity,
            "summary": one.summary,
            "fired": iso(one.fired_ns),
            "resolved": iso(one.resolved_ns) if one.resolved_ns else None,
            "flaps": one.flaps,
        }
        for one in episodes
    ]
