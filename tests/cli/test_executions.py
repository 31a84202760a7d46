"""Runs of agents in the terminal."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.cli.otlp import Sender
from spyglass.model.clock import SystemClock
from spyglass.story.day import Day
from spyglass.story.telling import pieces


@pytest.fixture(scope="module")
def ran(server: Any) -> str:
    """A project in which agents ran."""
    sender, now_ns = Sender(server.endpoint, "executions"), SystemClock().now_ns()
    for piece in pieces(Day(1, now_ns - 600 * 10**9, now_ns, 10).until(now_ns)):
        sender.add(piece)
    sender.flush()
    sender.close()
    server.settled()
    return "executions"


@pytest.fixture
def ask(run: Any, server: Any, ran: str) -> Any:
    """Run the command against the project."""
    return lambda *arguments: run("executions", *arguments, "--url", server.url, "--project", ran)


def test_the_list_fits_80_columns(ask: Any, told: Any) -> None:
    """As a table for people and as JSON for programs."""
    lines = ask("-n", "5").stdout.splitlines()
    assert 2 <= len(lines) <= 6
    assert max(map(len, lines)) <= 80
    assert len(told(ask("-n", "5", "--json"))) == len(lines) - 1


def test_lists_are_chosen(ask: Any, told: Any) -> None:
    """By status and agent; nothing ends with code 4."""
    every = told(ask("--json", "-n", "100"))
    agent = every[0]["agent"]
    assert {item["agent"] for item in told(ask("--agent", agent, "--json"))} == {agent}
    assert {item["status"] for item in told(ask("--status", "succeeded", "--status", "failed", "--json"))} <= {"succeeded", "failed"}
    assert ask("--agent", "nobody").exit_code == 4
    assert ask("--status", "odd").exit_code == 2


def test_one_is_shown_with_its_steps(ask: Any, told: Any) -> None:
    """In 80 columns, or as JSON; an unknown one ends with code 4."""
    run_ = next(item for item in told(ask("--json", "-n", "100")) if item["steps"])
    shown = ask(run_["id"])
    assert run_["agent"] in shown.stdout
    assert "Steps" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    (item,) = told(ask(run_["id"], "--json"))
    assert len(item["steps_told"]) == item["steps"]
    assert ask("nobody").exit_code == 4
