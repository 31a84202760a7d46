"""A server that cannot start says why in one line, and ends with exit code 2."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from spyglass.publish.log import DiskLog

FREE = ("--http-port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0")


Start = Callable[..., tuple[int, str]]


@pytest.fixture
def start(forks: Any, tmp_path: Path) -> Start:
    """Exit code and complaint of a server that does not come up."""

    def run(*arguments: str, **settings: str) -> tuple[int, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SPYGLASS_")}
        environment |= {f"SPYGLASS_{name}": value for name, value in settings.items()}
        done = forks.run(["up", "--json", "--data-dir", str(tmp_path / "data"), *arguments], cwd=tmp_path, env=environment)
        return done.returncode, done.stderr

    return run


def test_an_unknown_setting_is_refused_with_the_right_name(start: Start, tmp_path: Path) -> None:
    """In the file, where it stands and what was probably meant; nothing is made."""
    (tmp_path / "spyglass.yaml").write_text("receive:\n  max_bodi_bytes: 5\n")
    code, told = start(*FREE)
    assert code == 2
    assert "receive.max_bodi_bytes" in told
    assert "max_body_bytes" in told
    assert not (tmp_path / "data").exists()


def test_an_unknown_variable_is_refused(start: Start) -> None:
    """A typing mistake in the environment is no silent default."""
    code, told = start(*FREE, HTP_PORT="1")
    assert code == 2
    assert "SPYGLASS_HTP_PORT" in told


def test_a_value_out_of_range_is_refused(start: Start) -> None:
    """With what was expected."""
    code, told = start(*FREE, STORE__READERS="0")
    assert code == 2
    assert "store.readers" in told


def test_a_port_that_is_taken_is_named(start: Start, server: Any) -> None:
    """With the setting that changes it."""
    for option, port in (("--http-port", server.http), ("--otlp-http-port", server.otlp_http), ("--otlp-grpc-port", server.otlp_grpc)):
        code, told = start(*FREE, option, str(port))
        assert code == 2
        assert str(port) in told
        assert option.strip("-").replace("-", "_") in told


def test_a_second_process_on_the_same_directory_is_told(start: Start, server: Any) -> None:
    """One process owns it; nothing of the first is touched."""
    code, told = start(*FREE, "--data-dir", str(server.data_dir))
    assert code == 2
    assert "another" in told
    assert "Traceback" not in told
    assert server.get("/health").status_code == 200


def test_a_second_process_changes_nothing_of_the_first(start: Start, tmp_path: Path) -> None:
    """It is refused before it opens the facts, which may be of another version."""
    folder = tmp_path / "data"
    folder.mkdir()
    with DiskLog(folder / "log"):
        code, told = start(*FREE, STORE__URL=f"chdb://{tmp_path / 'elsewhere'}")
    assert code == 2
    assert "another" in told
    assert not (folder / "facts.db").exists()


def test_it_starts_by_itself_and_an_interrupt_ends_it_in_peace(tmp_path: Path) -> None:
    """As people start it, nothing loaded yet: its ports are told, it answers, and ends with exit code 0 and nothing but its log on standard error."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SPYGLASS_")}
    command = [sys.executable, "-m", "spyglass", "up", "--json", "--data-dir", str(tmp_path / "data"), *FREE]
    log = tmp_path / "server.log"
    with log.open("wb") as errors, subprocess.Popen(command, cwd=tmp_path, env=clean, stdout=subprocess.PIPE, stderr=errors) as begun:
        try:
            assert begun.stdout is not None
            port = json.loads(begun.stdout.readline() or log.read_bytes())["ports"]["http"]
            assert httpx.get(f"http://127.0.0.1:{port}/health", timeout=60, trust_env=False, verify=False).json()["status"] == "ok"
            begun.send_signal(signal.SIGTERM)
            assert begun.wait(90) == 0
        finally:
            begun.kill()
    assert "Traceback" not in log.read_text()
