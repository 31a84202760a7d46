"""The doctor finds what is wrong, and says what to do."""

from __future__ import annotations

import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from spyglass.cli import checks
from spyglass.cli.checks import check_clock, check_data_dir, check_log, check_settings
from spyglass.config.load import load


@pytest.fixture
def at_server(server: Any) -> dict[str, str]:
    """Settings of the shared server."""
    ports = {"HTTP_PORT": server.http, "OTLP_HTTP_PORT": server.otlp_http, "OTLP_GRPC_PORT": server.otlp_grpc}
    return {f"SPYGLASS_{name}": str(port) for name, port in ports.items()} | {"SPYGLASS_DATA_DIR": str(server.data_dir)}


def test_a_sound_server_passes(run: Any, told: Any, at_server: dict[str, str]) -> None:
    """Ports, store, log, clock; a span over each protocol can be asked for, and how long it took is told."""
    result = run("doctor", "--json", **at_server)
    found = {one["what"]: one for one in told(result)}
    assert (result.exit_code, [one for one in found.values() if one["level"] == "fail"]) == (0, [])
    assert "data flows" in found["server"]["found"]
    assert [one["found"] for what, one in found.items() if what.startswith("port ")] == ["answered by Spyglass"] * 3
    assert all("could be asked for" in found[way]["found"] for way in ("OTLP/HTTP", "OTLP/gRPC"))


def test_it_tells_how_much_a_watch_could_see(run: Any, told: Any, at_server: dict[str, str]) -> None:
    """A level, and what is in the way of a better one."""
    found = {one["what"]: one for one in told(run("doctor", "--no-send", "--json", **at_server))}["evidence"]
    level, _, why = found["found"].partition(": ")
    assert level in {"full", "partial", "minimal"}
    assert why
    assert (level == "full") == (found["level"] == "ok")
    assert bool(found["advice"]) == (level != "full")


def test_nothing_is_sent_unless_wanted(run: Any, told: Any, at_server: dict[str, str]) -> None:
    """--no-send looks only."""
    assert "OTLP/HTTP" not in {one["what"] for one in told(run("doctor", "--no-send", "--json", **at_server))}


def test_lines_are_for_people(run: Any, at_server: dict[str, str]) -> None:
    """No wider than 80 columns, with a verdict at the end."""
    result = run("doctor", "--no-send", **at_server)
    assert result.stdout.rstrip().endswith("Everything is as it should be.")
    assert all(line.startswith(("ok ", "warn", "      ")) for line in result.stdout.rstrip().splitlines()[:-2])


def test_a_port_that_somebody_else_has_is_a_failure(run: Any, told: Any, tmp_path: Path) -> None:
    """With the flag that helps, and code 1."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("doctor", "--no-send", "--json", SPYGLASS_OTLP_HTTP_PORT=str(port), SPYGLASS_DATA_DIR=str(tmp_path), SPYGLASS_HTTP_PORT="9")
    (found,) = [one for one in told(result) if one["what"] == f"port {port}"]
    assert (result.exit_code, found["level"]) == (1, "fail")
    assert "--otlp-http-port" in found["advice"]


class Bare(BaseHTTPRequestHandler):
    """Answers as a server does whose readers need a key."""

    def do_GET(self) -> None:
        """No details."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"ok","problems":[]}')

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_server_that_wants_a_key_says_so(run: Any, told: Any, tmp_path: Path) -> None:
    """It is one, and not another program."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Bare) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = f"http://127.0.0.1:{server.server_port}"
        (found,) = [one for one in told(run("doctor", "--no-send", "--json", "--url", where, SPYGLASS_DATA_DIR=str(tmp_path))) if one["what"] == "server"]
        server.shutdown()
    assert found["level"] == "fail"
    assert "SPYGLASS_API_KEY" in found["advice"]


def test_wrong_settings_are_told(tmp_path: Path) -> None:
    """Each with its place; the rest is looked at with the defaults."""
    (tmp_path / "spyglass.yaml").write_text("http_prt: 1\nlog:\n  max_bytez: 2\n")
    settings, found = check_settings(tmp_path / "spyglass.yaml")
    assert settings.http_port == 7700
    assert [one.level for one in found] == ["fail", "fail"]
    assert "did you mean `http_port`" in found[0].found


def test_directories_are_looked_at(tmp_path: Path) -> None:
    """Those that others can read, and those that are not there yet."""
    tmp_path.chmod(0o755)
    first, room = check_data_dir(load(None, {"data_dir": tmp_path}, {}))
    assert (first.level, "chmod 700" in first.advice) == ("warn", True)
    assert "GiB free" in room.found
    assert "will be made" in next(check_data_dir(load(None, {"data_dir": tmp_path / "a" / "b"}, {}))).found


def test_a_directory_that_cannot_be_made_is_a_failure(tmp_path: Path) -> None:
    """With what to do; not even root makes one below a file."""
    (tmp_path / "file").touch()
    assert next(check_data_dir(load(None, {"data_dir": tmp_path / "file" / "a"}, {}))).level == "fail"


def test_little_room_is_told(tmp_path: Path) -> None:
    """A failure where senders would be refused, a warning before."""
    rooms = [list(check_data_dir(load(None, {"data_dir": tmp_path, "log": log}, {})))[-1] for log in ({"min_free_bytes": 2**60}, {"max_bytes": 2**60})]
    assert [room.level for room in rooms] == ["fail", "warn"]


@pytest.mark.parametrize(("ahead_s", "level"), [(0, "ok"), (-5, "warn"), (86_400, "fail")])
def test_clocks_that_differ_are_told(ahead_s: float, level: str) -> None:
    """By more than the question took."""
    now = time.time()
    *_, server = check_clock({"now_ns": int((now + ahead_s) * 1e9)}, now - 0.1, now + 0.1)
    assert server.level == level


@pytest.mark.parametrize(
    ("log", "level"),
    [({}, "ok"), ({"refusing": "the disk is full"}, "fail"), ({"unreadable": 2}, "warn"), ({"oldest_unconsumed_s": 90.0}, "warn")],
)
def test_a_log_that_grows_is_told(log: dict[str, Any], level: str, tmp_path: Path) -> None:
    """Refusing, damaged, behind."""
    told = {"unconsumed_bytes": 5, "max_bytes": 2**20, "oldest_unconsumed_s": 0.0, "refusing": "", "unreadable": 0} | log
    assert check_log(load(None, {"data_dir": tmp_path}, {}), {"log": told}).level == level


def test_libraries_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name."""
    monkeypatch.setattr(checks, "_LIBRARIES", ("pyarrow", "no-such-library"))
    assert [one.found for one in checks.check_versions() if one.level == "fail"] == ["missing: no-such-library"]


def test_the_store_is_opened_only_where_nobody_has_it(forks: Any, server: Any, tmp_path: Path) -> None:
    """One at rest opens; one that a server has is told as such, also when that server is not asked."""
    command = ["doctor", "--no-send", "--url", "http://127.0.0.1:9", "--json", "--data-dir"]
    (tmp_path / "store").mkdir()
    busy, at_rest = (forks.run([*command, str(path)], env=dict(os.environ), cwd=tmp_path).stdout for path in (server.data_dir, tmp_path))
    assert "in use by another process" in busy
    assert "opens in" in at_rest
