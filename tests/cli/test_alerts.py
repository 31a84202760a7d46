"""Alerts in the terminal: a file applied, what fires taken in hand, silences, a rule tried on the past."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from spyglass.model.errors import ConfigError, InputError

FILE = """
channels:
  ops: {kind: log}
routing:
  route: {channels: [ops]}
rules:
  never: {condition: {kind: threshold, measure: count, value: 1000000}, interval_s: 5}
  always: {condition: {kind: threshold, measure: count, op: ">=", value: 0}, interval_s: 5, title: Something is always there}
"""


@pytest.fixture
def alerts(run: Any, server: Any, project: str) -> Callable[..., Any]:
    """Run a command against a project of its own."""
    return lambda *arguments: run("alerts", *arguments, "--url", server.url, "--project", project)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What is set up."""
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    return path


def test_a_file_is_applied_again_and_again(alerts: Any, told: Any, file: Path) -> None:
    """The second time nothing changes; rules that are gone are deleted where that is asked for."""
    for _ in range(2):
        assert "alert-rules/always: version 1" in alerts("apply", file).stdout
    file.write_text(FILE.partition("  never")[0] + "  other: {condition: {kind: finding}}\n")
    assert "alert-rules/never: deleted" in alerts("apply", file, "--prune").stdout
    assert [one["name"] for one in told(alerts("rules", "--json"))] == ["other"]
    assert max(map(len, alerts("rules").stdout.splitlines())) <= 80


def test_what_fires_is_taken_and_ended(alerts: Any, told: Any, file: Path) -> None:
    """With whoever did it, and why, in its history."""
    assert alerts("list").exit_code == 4
    alerts("apply", file)
    deadline = time.monotonic() + 60
    while not (found := told(alerts("list", "--json"))):
        assert time.monotonic() < deadline
        threading.Event().wait(0.1)
    (alert,) = found
    assert max(map(len, alerts("list").stdout.splitlines())) <= 80
    assert "ana has it until it is " in alerts("ack", alert["id"], "-m", "mine", "--as", "ana", "--for", "2h").stdout
    alerts("release", alert["id"], "--as", "ana")
    alerts("ack", alert["id"], "--as", "ben")
    (shown,) = told(alerts("show", alert["id"], "--json"))
    steps = [(one["step"], one["who"]) for one in shown["history"] if one["who"]]
    assert steps == [("snoozed", "ana"), ("released", "ana"), ("acknowledged", "ben")]
    assert "Something is always there" in alerts("show", alert["id"]).stdout
    (group,) = told(alerts("groups", "--json"))
    assert ([one["id"] for one in group["alerts"]], group["labels"], group["state"]) == ([alert["id"]], {"cause": "rule always"}, "firing")
    assert shown["groups"][0]["key"] == group["key"]
    assert "cause=rule always" in alerts("groups").stdout
    assert "resolved" in alerts("resolve", alert["id"], "--note", "done").stdout


def test_all_of_a_cause_is_taken_at_once(alerts: Any, told: Any, file: Path) -> None:
    """By the name that the list has; an id and a cause at once are refused."""
    alerts("apply", file)
    deadline = time.monotonic() + 60
    while not (found := told(alerts("causes", "--json"))):
        assert time.monotonic() < deadline
        threading.Event().wait(0.1)
    cause = found[0]["cause"]
    assert cause in alerts("causes").stdout
    assert alerts("ack", "--cause", cause, "--as", "ana").stdout == f"{cause} (alerts: 1): ana has it\n"
    assert alerts("release", "--cause", cause, "--as", "ana").stdout == f"{cause} (alerts: 1): nobody has it\n"
    assert alerts("resolve", "--cause", cause).stdout == f"{cause} (alerts: 1): resolved\n"
    with pytest.raises(InputError, match="--cause"):
        alerts("ack", "an-id", "--cause", cause)
    with pytest.raises(InputError, match="--cause"):
        alerts("resolve")


def test_silences_come_and_go(alerts: Any, told: Any) -> None:
    """Also those that begin later."""
    assert alerts("silences").exit_code == 4
    alerts("silence", "rule=a*", "--for", "2h", "-m", "load test")
    assert ": from " in alerts("silence", "rule=b", "severity!=critical", "--in", "1h").stdout
    made = told(alerts("silences", "--json"))
    assert sorted((one["active"], *one["silence"]["matchers"]) for one in made) == [(False, "rule=b", "severity!=critical"), (True, "rule=a*")]
    active = next(one["id"] for one in made if one["active"])
    alerts("silences", "--end", active)
    assert not any(one["active"] for one in told(alerts("silences", "--json")))


def test_who_is_on_call_is_said(alerts: Any, told: Any, tmp_path: Path) -> None:
    """By schedule, with who stands in; a gap is nobody."""
    assert alerts("on-call").exit_code == 4
    routing = tmp_path / "routing.yaml"
    routing.write_text(
        """routing:
  schedules:
    week:
      members: [ana]
      starts: "2026-01-05T08:00:00Z"
      overrides: [{who: ben, starts: "2020-01-01T00:00:00Z", ends: "2099-01-01T00:00:00Z"}]
    never: {members: [ana], starts: "2026-01-05T08:00:00Z", hours: [{from: "24:00", to: "00:00"}]}
"""
    )
    alerts("apply", routing)
    assert told(alerts("on-call", "--json")) == [
        {"schedule": "week", "who": "ben", "until": "2099-01-01T00:00:00.000000000Z", "then": "ana"},
        {"schedule": "never", "who": "", "until": None, "then": ""},
    ]
    assert "nobody" in alerts("on-call").stdout


def test_rules_and_channels_are_tried(alerts: Any, file: Path) -> None:
    """A rule of a file need not be kept."""
    assert alerts("test", "never", "--file", file, "--from", "-1h").stdout == "it would never have fired in 1 hour\n"
    assert "it would have fired once" in alerts("test", "always", "--file", file, "--from", "-1h").stdout
    alerts("apply", file)
    assert alerts("test", "ops", "--channel").stdout == "delivered: logged\n"
    assert "ops" in alerts("channels").stdout
    assert alerts("deliveries", "--channel", "another").exit_code == 4


def test_a_wrong_file_is_told(alerts: Any, tmp_path: Path) -> None:
    """With what was expected."""
    path = tmp_path / "wrong.yaml"
    for text, error in (("rule: {}", "expected channels, routing, rules"), ("rules: [1]", "expected `name:`")):
        path.write_text(text)
        with pytest.raises(InputError, match=error):
            alerts("apply", path)
    with pytest.raises(ConfigError):
        alerts("apply", tmp_path / "none.yaml")


def test_policies_say_that_they_do_nothing_and_a_run_is_asked_to_stop_by_hand(alerts: Any, told: Any, tmp_path: Path) -> None:
    """Until the operator allows it; what was asked can be taken back."""
    path = tmp_path / "policies.yaml"
    path.write_text('policies:\n  stop-loops: {match: ["rule=loops"], mode: live, action: {kind: stop_run}}\n')
    assert "alert-policies/stop-loops: version 1" in alerts("apply", path).stdout
    shown = alerts("policies").stdout
    assert "dry run" in shown
    assert "alerts.live_actions" in shown
    assert [one["acts"] for one in told(alerts("policies", "--json"))] == [False]
    assert alerts("actions").exit_code == 4
    assert "run-9: asked to stop" in alerts("stop-run", "run-9", "--as", "ana", "-m", "it loops").stdout
    assert "run-9: goes on" in alerts("stop-run", "run-9", "--withdraw").stdout
    with pytest.raises(InputError, match="nobody has asked"):
        alerts("stop-run", "run-9", "--withdraw")


def test_a_new_key_is_one_and_the_servers_is_rotated(run: Any, server: Any) -> None:
    """One is printed and kept nowhere; the other is made by the server, and never shown."""
    Fernet(run("alerts", "new-key").stdout.strip())
    assert "versions of channels sealed" in run("alerts", "rotate-key", "--url", server.url).stdout
