"""`spyglass agents` against a server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from spyglass.model.errors import InputError


@pytest.fixture
def agents(run: Any, server: Any, project: str) -> Any:
    """`spyglass agents …` in a project of its own; a planner is registered."""
    said = {"name": "planner", "owner": "ann", "version": "2", "tags": ["[beta]"]}
    httpx.post(f"{server.url}/api/v1/agents/planner-1/register", params={"project": project}, json=said, timeout=60, verify=False).raise_for_status()
    return lambda command, *more: run("agents", command, *more, "--url", server.url, "--project", project)


def wide(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_agents_are_listed_at_80_columns(agents: Any, told: Any) -> None:
    """Or as JSON; 4 where there are none."""
    result = agents("list")
    assert (result.exit_code, wide(result.stdout) <= 80, result.stdout.splitlines()[1].split()[:2]) == (0, True, ["planner", "declared"])
    assert [item["owner"] for item in told(agents("list", "--json"))] == ["ann"]
    assert agents("list", "nobody").exit_code == 4


def test_one_is_shown(agents: Any, told: Any) -> None:
    """By name or id, and text of others is no markup."""
    result = agents("show", "planner-1")
    assert ("ann" in result.stdout, "[beta]" in result.stdout, wide(result.stdout) <= 80) == (True, True, True)
    assert told(agents("show", "planner", "--json"))[0]["latest_version"] == 1
    result = agents("versions", "planner")
    assert (result.exit_code, wide(result.stdout) <= 80, result.stdout.splitlines()[1].split()[:2]) == (0, True, ["1", "2"])


def test_a_configuration_is_kept_deployed_and_rolled_back(agents: Any, told: Any, tmp_path: Path) -> None:
    """Each step says what runs now."""
    for at in (1, 2):
        (tmp_path / "body.json").write_text(json.dumps({"model": f"m{at}"}))
        assert f"number {at}" in agents("configure", "planner", tmp_path / "body.json", "--comment", "new").stdout
        assert f"runs configuration {at} " in " ".join(agents("deploy", "planner", at, "--why", "better").stdout.split())
    assert "(before: 2)" in " ".join(agents("rollback", "planner", "--why", "worse").stdout.split())
    listed = told(agents("configurations", "planner", "--json"))
    assert [(item["number"], item["environments"]) for item in listed] == [(2, []), (1, ["production"])]
    assert wide(agents("configurations", "planner").stdout) <= 80
    assert "configuration 1" in agents("show", "planner").stdout


def test_an_environment_is_pinned_and_unpinned(agents: Any, told: Any, tmp_path: Path) -> None:
    """While it is, nothing moves it, and the answer says so."""
    for at in (1, 2):
        (tmp_path / "body.json").write_text(json.dumps({"model": f"m{at}"}))
        agents("configure", "planner", tmp_path / "body.json")
    agents("deploy", "planner", 1)
    assert "is pinned to configuration 1 " in " ".join(agents("pin", "planner", "--why", "a release").stdout.split())
    with pytest.raises(InputError, match="unpin it first"):  # which `main` shows
        agents("deploy", "planner", 2)
    assert told(agents("unpin", "planner", "--json"))[0]["action"] == "unpin"
    assert agents("deploy", "planner", 2).exit_code == 0


def test_the_same_does_not_differ(agents: Any, told: Any) -> None:
    """Code 4, as where there is nothing to show."""
    assert agents("diff", "planner", "1", "2").exit_code == 4
    assert told(agents("diff", "planner", "1", "2", "--json"))[0]["same"] is True


def test_a_file_that_is_no_json_is_told(agents: Any, tmp_path: Path) -> None:
    """With its place."""
    (tmp_path / "body.json").write_text("{")
    for name in ("body.json", "missing.json"):
        result = agents("configure", "planner", tmp_path / name)
        assert (result.exit_code, name in re.sub(r"[\s│]", "", result.stderr)) == (2, True)
