"""What is done about alerts without anybody asking: JSON or YAML in, a checked policy out. `automatic.py` acts on them.

Nothing is done by default: a policy says what it would do, until its `mode` is `live` and the operator allows it (`alerts.live_actions`).
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spyglass.alert.match import Matchers
from spyglass.alert.rules import NAME
from spyglass.model.errors import InputError
from spyglass.model.finding import Severity

__all__ = ["CHANNEL_KINDS", "Policy", "Work", "read_policy"]

Name = Annotated[str, Field(pattern=NAME)]
Label = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.\-]{0,199}$")]
CHANNEL_KINDS: Final = {"webhook": "webhook", "open_issue": "github"}  # of an action: which kind of channel does it


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CallWebhook(_Part):
    """A webhook is called, signed as its channel says."""

    kind: Literal["webhook"] = Field("webhook", description="Call a webhook.")
    channel: Name = Field(description="Name of a channel of the kind `webhook`.")


class OpenIssue(_Part):
    """An issue is opened; undoing closes it."""

    kind: Literal["open_issue"] = Field("open_issue", description="Open an issue.")
    channel: Name = Field(description="Name of a channel of the kind `github`.")


class StopRun(_Part):
    """An execution is asked to stop; the SDK ends it at its next step."""

    kind: Literal["stop_run"] = Field("stop_run", description="Stop the run of an agent.")
    label: Label = Field("execution_id", description="Label of the alert that holds the id of the execution, or of its trace. Else, of a finding: its run.")


class RestartRunner(_Part):
    """A runner of this server is stopped and started."""

    kind: Literal["restart_runner"] = Field("restart_runner", description="Restart a runner.")
    runner: str = Field("", max_length=64, description="Name of the runner; empty: what the label `runner` of the alert says.")


Work = Annotated[CallWebhook | OpenIssue | StopRun | RestartRunner, Field(discriminator="kind")]


class Policy(_Part):
    """When something is done, and how often at most."""

    description: str = Field("", max_length=2000, description="What it is for.")
    enabled: bool = Field(True, description="Whether it is looked at.")
    mode: Literal["dry_run", "live"] = Field(
        "dry_run", description="`dry_run`: it is only written down what would be done. `live` needs `alerts.live_actions`, too."
    )
    match: Matchers = Field(min_length=1, max_length=20, description="Labels of the alerts that it is about; all must hold.")
    severity: Severity = Field("error", description="The lowest severity that counts.")
    after_s: int = Field(0, ge=0, le=86_400, description="So long an alert must have fired.")
    unless_acknowledged: bool = Field(True, description="Whether nothing is done about what somebody has, or what is silenced.")
    action: Work = Field(description="What is done.")
    per_hour: int = Field(5, ge=1, le=1_000, description="How often in an hour at most.")
    per_subject: int = Field(1, ge=1, le=100, description="How often in an hour at most to the same execution, runner or alert.")


def read_policy(body: dict[str, Any], where: str = "policy") -> Policy:
    """One as it was kept, or as somebody wrote it.

    Raises:
        InputError: says what is wrong, where.
    """
    try:
        return Policy.model_validate(body)
    except ValidationError as error:
        problems = [f"{where}: {'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors(include_url=False)]
        raise InputError("; ".join(problems)) from None
