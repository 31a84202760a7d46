"""The databases of the facts: SQLite, and a real PostgreSQL that the tests start themselves."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pg8000.dbapi
import pytest

from spyglass.facts.database import Facts


@pytest.fixture(scope="session")
def postgres() -> Iterator[int]:
    """The port of a PostgreSQL on loopback, with the user `spyglass` and no password."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path(path).parent for path in [shutil.which("initdb")] if path]
    if not found:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="spyglass-pg-") as folder:
        user = "postgres" if os.geteuid() == 0 else None  # it does not run as root
        if user:
            owner = pwd.getpwnam(user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        subprocess.run([found[-1] / "initdb", "-D", f"{folder}/data", "-U", "spyglass", "-A", "trust", "--no-sync"], user=user, check=True, capture_output=True)
        settings = [f"-k {folder}", "-h 127.0.0.1", f"-p {port}", "-c fsync=off"]
        control = [found[-1] / "pg_ctl", "-D", f"{folder}/data", "-w"]
        subprocess.run([*control, "-l", f"{folder}/log", "-o", " ".join(settings), "start"], user=user, check=True, capture_output=True)
        yield port
        subprocess.run([*control, "-m", "immediate", "stop"], user=user, check=True, capture_output=True)


@pytest.fixture(scope="session")
def made_postgres(postgres: int) -> str:
    """A database of it that has all tables and nothing in them."""
    name = f"made_{secrets.token_hex(4)}"
    _command(postgres, f"CREATE DATABASE {name}")
    Facts.open(f"postgresql://spyglass@127.0.0.1:{postgres}/{name}").close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, made_facts: Path) -> str:
    """A database of this test's own, with all tables: a copy of one that was made before."""
    if request.param == "sqlite":
        shutil.copy(made_facts, tmp_path / "facts.db")
        return f"sqlite:///{tmp_path / 'facts.db'}"
    return _new(request.getfixturevalue("postgres"), f"TEMPLATE {request.getfixturevalue('made_postgres')}")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    return f"sqlite:///{tmp_path / 'facts.db'}" if request.param == "sqlite" else _new(request.getfixturevalue("postgres"))


def _new(port: int, how: str = "") -> str:
    name = f"facts_{secrets.token_hex(4)}"
    _command(port, f"CREATE DATABASE {name} {how}")
    return f"postgresql://spyglass@127.0.0.1:{port}/{name}"


def _command(port: int, text: str) -> None:
    connection = pg8000.dbapi.connect("spyglass", host="127.0.0.1", port=port, database="postgres")
    connection.autocommit = True
    connection.cursor().execute(text)
    connection.close()
