"""`spyglass config` in a process of its own, with a real environment: what it says, and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Config = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def config(forks: Any, tmp_path: Path) -> Config:
    """`spyglass config …` with these settings, in an empty folder."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SPYGLASS_")}
        environment |= {f"SPYGLASS_{name}": value for name, value in settings.items()}
        done: subprocess.CompletedProcess[str] = forks.run(["config", *arguments], cwd=tmp_path, env=environment)
        return done

    return run


def test_the_environment_is_read_once_and_as_documented(config: Config) -> None:
    """Lists are separated by commas, keys and passwords are masked."""
    done = config("show", "--json", HOST="0.0.0.0,::", API_KEYS="topsecret", RECEIVE__API_KEYS="a-secret,b-secret", STORE__URL="clickhouse://bob:geheim@h/d")
    told = json.loads(done.stdout)
    assert (told["host"], told["store"]["url"], len(told["receive"]["api_keys"])) == (["0.0.0.0", "::"], "clickhouse://bob:***@h/d", 2)
    assert not any(secret in done.stdout + done.stderr for secret in ("topsecret", "-secret", "geheim"))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HOST", "[bad", "SPYGLASS_HOST: host: expected a list"),
        ("STORE__URL", "mysql://bob:topsecret@x", "store.url: expected `chdb:///path`"),
        ("REDACT__DISABLED", "nosuch", "redact.disabled: expected names of built-in patterns"),
        ("REDACT__EXTRA", '[{"name": "words", "regex": "[a-z]+"}]', "redact.extra: words: expected a regex that does not match its own replacement"),
        ("DIALECTS_DIR", "/nowhere/at/all", "/nowhere/at/all"),
    ],
)
def test_what_would_stop_the_start_fails_the_check(config: Config, name: str, value: str, told: str) -> None:
    """Exit code 2, one line with the path, no traceback, no secret."""
    done = config("check", **{name: value, "API_KEYS": "topsecret"})
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "topsecret" not in done.stderr


def test_right_settings_pass_the_check(config: Config, tmp_path: Path) -> None:
    """Nothing is made by it."""
    done = config("check", DATA_DIR=str(tmp_path / "data"), HOST="0.0.0.0")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
