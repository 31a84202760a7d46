"""Controls over what arrived in a time range: pass, fail or no data, each with what shows it."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from spyglass.analyze.controls.checks import CONTROLS, Control, Settings, Verdict, question, verdict
from spyglass.show.models.compliance import Compliance
from spyglass.show.parameters import Project, Window, WindowOf
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using

__all__ = ["router"]

router = resource(tags=["findings"])

_ORDER: Final = ("fail", "no_data", "pass")


@router.get("/compliance", response_model=Compliance, summary="Controls, each with its verdict and what shows it")
def get_compliance(services: Using, window: WindowOf, project: Project = "default") -> Json:
    """Over what arrived in the time range. A control is evidence for something; none of them says that anything is compliant."""
    settings = Settings.model_validate(services.settings.analyzers.settings.get("compliance", {}))
    verdicts = [_asked(services, control, settings, project, window) for control in CONTROLS]
    counts = Counter(one.state for one in verdicts)
    items = [_item(one) for one in sorted(verdicts, key=lambda one: _ORDER.index(one.state))]
    told = {"project": project, "since": iso(window.from_ns), "until": iso(window.to_ns)}
    return Json(told | {"passed": counts["pass"], "failed": counts["fail"], "no_data": counts["no_data"], "items": items, "next_cursor": None})


def _asked(services: Services, control: Control, settings: Settings, project: str, window: Window) -> Verdict:
    asked = question(control, settings, project, window.from_ns, window.to_ns)
    if asked is None:
        return verdict(control, None, asked=False)
    return verdict(control, next(iter(services.engine.read(*asked).to_pylist()), None))


def _item(one: Verdict) -> dict[str, Any]:
    about = {"control": one.control.id, "version": one.control.version, "title": one.control.title, "evidence_for": one.control.why}
    found = {"state": one.state, "seen": one.seen, "failed": one.failed, "evidence": list(one.evidence), "told": one.told}
    return about | found | {"suggestion": one.control.advice if one.state == "fail" else ""}
