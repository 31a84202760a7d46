"""`spyglass runners` against a server that follows a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with logs."""
    return tmp_path_factory.mktemp("watched")


@pytest.fixture(scope="module")
def following(run_server: Any, watched: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server that follows its logs; one of its plugins is broken."""
    plugins = tmp_path_factory.mktemp("plugins")
    (plugins / "bad.py").write_text("x = 1")
    entries = [{"kind": "tail", "id": "logs", "settings": {"paths": [f"{watched}/*.log"], "interval_s": 0.05}}, {"kind": "lost"}]
    folder = tmp_path_factory.mktemp("following")
    with run_server(folder, RUNNERS__ENTRIES=json.dumps(entries), RUNNERS__PLUGINS_DIR=str(plugins), STORE__COMMIT_INTERVAL_S="0.05") as running:
        yield running


def test_they_are_listed_at_80_columns(run: Any, following: Any) -> None:
    """With their state; what cannot be used is told below."""
    result = run("runners", "list", "--url", following.url)
    lines = result.stdout.splitlines()
    assert (result.exit_code, max(map(len, lines)) <= 80) == (0, True)
    assert [line.split()[:3] for line in lines[1:3]] == [["logs", "tail", "running"], ["lost", "lost", "failed"]]
    assert "bad.py" in result.stdout
    assert "has no `runner`" in " ".join(result.stdout.split())


def test_they_are_json_where_wanted(run: Any, told: Any, following: Any) -> None:
    """One object each, as the API has them."""
    items = told(run("runners", "list", "--url", following.url, "--json"))
    assert [item["id"] for item in items] == ["logs", "lost"]
    assert told(run("runners", "show", "logs", "--url", following.url, "--json"))[0]["settings"]["interval_s"] == 0.05


def test_kinds_are_listed(run: Any, following: Any) -> None:
    """With what each looks at."""
    result = run("runners", "kinds", "--url", following.url)
    assert {"host", "tail", "scrape", "poll"} <= {line.split()[0] for line in result.stdout.splitlines() if line}
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_one_is_shown_stopped_and_started(run: Any, following: Any, watched: Path) -> None:
    """What it told is in the store, what came while it was stopped too, and nothing twice."""
    url = ("--url", following.url)
    (watched / "a.log").write_text("first\n")
    await_kept(run, following, 1)
    stopped = run("runners", "stop", "logs", *url)
    with (watched / "a.log").open("a") as file:
        file.write("second [bold]\n")
    started = run("runners", "start", "logs", *url)
    assert ("stopped since" in stopped.stdout, "running since" in started.stdout) == (True, True)
    await_kept(run, following, 2)
    following.settled()
    events = following.get("/api/v1/events", query="service:logs").json()["items"]
    assert sorted(event["body"] for event in events) == ["first", "second [bold]"]


def await_kept(run: Any, following: Any, count: int) -> None:
    """Until the runner has kept so many records."""
    import threading

    for _ in range(400):
        if following.get("/api/v1/runners/logs").json()["kept"] >= count:
            return
        threading.Event().wait(0.025)
    raise AssertionError(run("runners", "show", "logs", "--url", following.url).stdout)


def test_a_name_that_is_none_is_told(run: Any, following: Any) -> None:
    """With those that there are."""
    with pytest.raises(Exception, match="there are logs, lost"):
        run("runners", "show", "nobody", "--url", following.url)


def test_wrong_settings_fail_the_check(run: Any, tmp_path: Path) -> None:
    """With their paths, and plugins that are broken too."""
    (tmp_path / "bad.py").write_text("1 / 0")
    (tmp_path / "c.yaml").write_text(f"""
runners:
  plugins_dir: {tmp_path}
  entries:
    - {{kind: tail, settings: {{paths: []}}}}
    - {{kind: scrape, settings: {{target: x}}}}
""")
    with pytest.raises(Exception, match=r"runners\.entries\.0\.settings\.paths") as caught:
        run("config", "check", "--config", tmp_path / "c.yaml")
    lines = str(caught.value).splitlines()
    assert "ZeroDivisionError" in lines[0]
    assert "runners.entries.1.settings.target: there is no such setting; did you mean `targets`?" in lines


def test_secrets_of_runners_are_not_shown(run: Any, tmp_path: Path) -> None:
    """By `spyglass config show`."""
    (tmp_path / "c.yaml").write_text("runners: {entries: [{kind: poll, settings: {url: 'http://bob:hush@x/', headers: {X-Key: hush}, token: hush}}]}")
    shown = run("config", "show", "--config", tmp_path / "c.yaml").stdout
    assert "bob" in shown
    assert "hush" not in shown
