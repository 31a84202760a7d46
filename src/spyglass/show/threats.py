"""How threatened agents are: open security findings, one number for each agent."""

from __future__ import annotations

from typing import Any, Final

from spyglass.analyze.builtin.security.score import risk, threat
from spyglass.model.schema import Kind
from spyglass.show.findings import items_of
from spyglass.show.models.findings import ThreatList
from spyglass.show.numbered import first_row, next_place
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf
from spyglass.show.render import Json, rows
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read.findings import findings, of_security

__all__ = ["router"]

router = resource(tags=["findings"])

_MOST: Final = 5_000
_MOST_HINTS: Final = 10
_WORST_FIRST: Final = ("critical", "error", "warning", "info")


@router.get("/security/threats", response_model=ThreatList, summary="How threatened each agent is, the most threatened first")
def list_threats(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 100, cursor: Cursor = None) -> Json:
    """Of findings with a class of OWASP that nobody mitigated: noisy-or over rules of confidence times impact; docs/security.md has the formula."""
    first = first_row("threats", cursor)
    scope = of_security(scope_of(services, Kind.EVENT, project, window, query))
    found = rows(findings(services.engine.read, scope, _MOST + 1))
    agents: dict[str, list[dict[str, Any]]] = {}
    for item in items_of(services, project, found[:_MOST]):
        agents.setdefault(item["agent"], []).append(item)
    items = sorted((_item(agent, all_of_it) for agent, all_of_it in agents.items()), key=lambda item: (-item["score"], -item["open"], item["agent"]))
    following = next_place("threats", first, limit, len(items) - first)
    return Json({"items": items[first : first + limit], "next_cursor": following, "partial": len(found) > _MOST})


def _item(agent: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    open_ = [one for one in found if one["mitigated"] is None or one["mitigated"]["again"]]
    risks = [risk(one["confidence"], one["impact"], one["severity"]) for one in open_]
    worst = {one["severity"] for one in open_}
    return {
        "agent": agent,
        "score": round(threat((one["rule"], value) for one, value in zip(open_, risks, strict=True)), 4),
        "open": len(open_),
        "mitigated": len(found) - len(open_),
        "severity": next((severity for severity in _WORST_FIRST if severity in worst), ""),
        "last_seen": max(one["last_seen"] for one in found),
        "owasp": sorted({one["owasp"] for one in open_}),
        "hints": _hints(open_, risks),
    }


def _hints(found: list[dict[str, Any]], risks: list[float]) -> list[dict[str, Any]]:
    hints: dict[str, dict[str, Any]] = {}
    for one, value in sorted(zip(found, risks, strict=True), key=lambda pair: (-pair[1], pair[0]["fingerprint"])):
        told = {"rule": one["rule"], "risk": round(value, 4)} | {name: one[name] for name in ("fingerprint", "title", "severity")}
        hints.setdefault(one["rule"], told)
    return list(hints.values())[:_MOST_HINTS]
