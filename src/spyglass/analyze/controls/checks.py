"""The controls there are, and what their answers mean: settings in, questions for the store out; rows in, verdicts out.

A control is evidence for something, never a certificate: it says what was looked at, how much of it did not hold, and which rows show it. Its version goes
up whenever its question changes, so that verdicts of different versions are not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from spyglass.model.finding import Severity

__all__ = ["CONTROLS", "Control", "Settings", "Verdict", "question", "verdict"]

State = Literal["pass", "fail", "no_data"]
_ALL: Final = 10_000  # projects


class Settings(BaseModel, extra="forbid", frozen=True):
    """What is risky here, and what is allowed."""

    allowed_models: tuple[str, ...] = Field((), description="How the names of models begin that may be used. Empty: `models.allowed` has nothing to go by.")
    risky_tools: str = Field("", description="Regular expression of tools that a human must approve. Empty: `oversight.approved` has nothing to go by.")
    tells: tuple[str, ...] = Field(
        ("secrets.absent", "models.allowed", "oversight.approved"), description="Controls of which a failure becomes a finding, once an hour."
    )


@dataclass(frozen=True, slots=True)
class Control:
    """One of them."""

    id: str
    version: int
    title: str  # what holds when it passes
    why: str  # what it is evidence for
    file: str  # of the question
    advice: str
    severity: Severity = "warning"
    needs: str = ""  # the setting without which there is nothing to go by


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a control says of one project."""

    control: Control
    state: State
    seen: int  # how many it is about
    failed: int
    evidence: tuple[str, ...]  # `trace/span`
    told: str  # in a sentence


CONTROLS: Final = (
    Control(
        "records.attributed",
        1,
        "Every call of a model or a tool is one of a named agent",
        "Traceability: who did it (EU AI Act, Article 12)",
        "attributed",
        "Let the agents name themselves: `gen_ai.agent.name` on the spans above their calls.",
    ),
    Control(
        "records.versioned",
        1,
        "Every run says which version of the agent it was",
        "Traceability: what was running (EU AI Act, Article 12)",
        "versioned",
        "Set `gen_ai.agent.version` where agents are started.",
    ),
    Control(
        "records.complete",
        1,
        "Records arrive whole",
        "Records that can be relied on (EU AI Act, Articles 12 and 19)",
        "complete",
        "Raise the limits of the sender's SDK: attributes, events and links of a span.",
    ),
    Control(
        "records.timed",
        1,
        "Records have times that can be right",
        "Records that can be relied on (EU AI Act, Articles 12 and 19)",
        "timed",
        "Look at the clocks of the senders; GET /api/v1/sources says which ones.",
    ),
    Control(
        "records.usage",
        1,
        "Successful calls of models tell their tokens",
        "Costs that can be accounted for",
        "usage",
        "Update the instrumentation; with streams, ask the provider for usage (`stream_options`).",
    ),
    Control(
        "failures.explained",
        1,
        "What failed says why",
        "Incidents that can be looked into (EU AI Act, Article 26)",
        "explained",
        "Record exceptions on spans, or set a status message.",
    ),
    Control(
        "secrets.absent",
        1,
        "No keys or passwords in kept texts",
        "Confidentiality: what must not be kept is not kept",
        "secrets",
        "Change the key, add its shape to `redact`, and delete the rows.",
        "critical",
    ),
    Control(
        "models.allowed",
        1,
        "Only models that may be used are used",
        "Use as intended (EU AI Act, Article 26)",
        "models",
        "See which agent calls it; put it on the list or take it away from the agent.",
        "error",
        "allowed_models",
    ),
    Control(
        "oversight.approved",
        1,
        "A human approved each call of a risky tool, in its trace",
        "Human oversight (EU AI Act, Article 14)",
        "approved",
        "Ask before the call, and tell the answer as an event `human.approval` in its trace.",
        "error",
        "risky_tools",
    ),
)


def question(control: Control, settings: Settings, project: str, lo_ns: int, hi_ns: int) -> tuple[str, dict[str, Any]] | None:
    """SQL and what it binds; None: the settings give it nothing to go by. `project` empty: all of them."""
    if control.needs and not getattr(settings, control.needs):
        return None
    bound: dict[str, Any] = {"project": project, "lo_ns": lo_ns, "hi_ns": hi_ns, "limit": _ALL}
    extra = {"allowed_models": ("models", list(settings.allowed_models)), "risky_tools": ("risky", settings.risky_tools)}
    if control.needs:
        name, value = extra[control.needs]
        bound[name] = value
    return _sql(control.file), bound


def verdict(control: Control, row: Mapping[str, Any] | None, *, asked: bool = True) -> Verdict:
    """Of a row of the answer; None: there was none."""
    if not asked:
        told = f"Nothing to go by: set `analyzers.settings.compliance.{control.needs}`."
        return Verdict(control, "no_data", 0, 0, (), told)
    if row is None or not row["seen"]:
        return Verdict(control, "no_data", 0, 0, (), "Nothing that it is about arrived.")
    seen, failed = int(row["seen"]), int(row["failed"])
    if not failed:
        return Verdict(control, "pass", seen, 0, (), f"Held for all of {seen}.")
    return Verdict(control, "fail", seen, failed, tuple(row["examples"]), f"Did not hold for {failed} of {seen}.")


@cache
def _sql(name: str) -> str:
    return files("spyglass.analyze.controls").joinpath(f"{name}.sql").read_text(encoding="utf-8")
