"""A server that cannot start says why in one line, and ends with exit code 2."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from spyglass.publish.log import DiskLog

FREE = ("--http-port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0")


def start(folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Exit code and complaint of a server that does not come up."""
    command = [sys.executable, "-m", "spyglass", "up", "--json", "--data-dir", str(folder / "data"), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPYGLASS_")}
    environment |= {f"SPYGLASS_{name}": value for name, value in settings.items()}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False)
    return done.returncode, done.stderr


def test_an_unknown_setting_is_refused_with_the_right_name(tmp_path: Path) -> None:
    """In the file, where it stands and what was probably meant; nothing is made."""
    (tmp_path / "spyglass.yaml").write_text("receive:\n  max_bodi_bytes: 5\n")
    code, told = start(tmp_path, *FREE)
    assert code == 2
    assert "receive.max_bodi_bytes" in told
    assert "max_body_bytes" in told
    assert not (tmp_path / "data").exists()


def test_an_unknown_variable_is_refused(tmp_path: Path) -> None:
    """A typing mistake in the environment is no silent default."""
    code, told = start(tmp_path, *FREE, HTP_PORT="1")
    assert code == 2
    assert "SPYGLASS_HTP_PORT" in told


def test_a_value_out_of_range_is_refused(tmp_path: Path) -> None:
    """With what was expected."""
    code, told = start(tmp_path, *FREE, STORE__READERS="0")
    assert code == 2
    assert "store.readers" in told


def test_a_port_that_is_taken_is_named(server: Any, tmp_path: Path) -> None:
    """With the setting that changes it."""
    for option, port in (("--http-port", server.http), ("--otlp-http-port", server.otlp_http), ("--otlp-grpc-port", server.otlp_grpc)):
        code, told = start(tmp_path, *FREE, option, str(port))
        assert code == 2
        assert str(port) in told
        assert option.strip("-").replace("-", "_") in told


def test_a_second_process_on_the_same_directory_is_told(server: Any, tmp_path: Path) -> None:
    """One process owns it; nothing of the first is touched."""
    code, told = start(tmp_path, *FREE, "--data-dir", str(server.data_dir))
    assert code == 2
    assert "another" in told
    assert "Traceback" not in told
    assert server.get("/health").status_code == 200


def test_a_second_process_changes_nothing_of_the_first(tmp_path: Path) -> None:
    """It is refused before it opens the facts, which may be of another version."""
    folder = tmp_path / "data"
    folder.mkdir()
    with DiskLog(folder / "log"):
        code, told = start(tmp_path, *FREE, STORE__URL=f"chdb://{tmp_path / 'elsewhere'}")
    assert code == 2
    assert "another" in told
    assert not (folder / "facts.db").exists()


def test_an_interrupt_ends_it_in_peace(run_server: Any, tmp_path: Path) -> None:
    """Exit code 0, and nothing but its log on standard error."""
    with run_server(tmp_path) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(90) == 0
    assert "Traceback" not in (tmp_path / "server.log").read_text()
