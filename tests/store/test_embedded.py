"""The embedded engine's house rules (2 to 7), mostly in processes of their own: what they do to a process must not happen to this one."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from spyglass.model.errors import ConfigError
from spyglass.store.embedded import EmbeddedOptions, claim, write_config
from spyglass.store.engine import Engine

HEAD = """
import os, sys, threading
from pathlib import Path
import pyarrow as pa
from spyglass.model.errors import SpyglassError
from spyglass.store.engine import Engine, EngineSettings
data_dir = Path(sys.argv[1])
def open_engine():
    return Engine.open("chdb://", data_dir=data_dir)
"""
ENDLESS = "SELECT sum(cityHash64(number)) AS n FROM numbers(1000000000000)"


def run(script: str, directory: Path, *arguments: str, timeout_s: float = 60, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own."""
    command = [sys.executable, "-c", HEAD + textwrap.dedent(script), str(directory), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_a_second_process_is_told_who_has_the_directory(data_dir: Path) -> None:
    """Directory, pid, and what to do (rule 2)."""
    result = run(
        """
        try:
            open_engine()
        except SpyglassError as error:
            print(type(error).__name__, error.message)
        """,
        data_dir,
    )
    assert result.stdout.startswith("ConfigError store.url: ")
    assert f"{data_dir / 'store'} is in use by another process (pid {os.getpid()})" in result.stdout
    assert "choose another directory" in result.stdout


def test_a_process_has_one_directory(data_dir: Path, tmp_path: Path) -> None:
    """A second one is a clear error, and the first goes on (rule 3)."""
    with pytest.raises(ConfigError, match="the engine can open one directory per process"):
        Engine.open(f"chdb://{tmp_path}", data_dir=tmp_path)
    again = claim(data_dir / "store")
    again.release()
    assert again.path == (data_dir / "store").resolve()


def test_a_killed_process_leaves_no_lock_and_no_half_insert(tmp_path: Path) -> None:
    """After kill -9 during inserts the directory opens again, and the last batch under its token again makes roll-ups exact (rule 8)."""
    script = """
        window = "SETTINGS non_replicated_deduplication_window = 100"
        engine = open_engine()
        engine.command(f"CREATE TABLE IF NOT EXISTS t (b UInt64, name String) ENGINE = MergeTree PARTITION BY b % 2 ORDER BY b {window}")
        columns = "name String, n SimpleAggregateFunction(sum, UInt64)"
        engine.command(f"CREATE TABLE IF NOT EXISTS roll ({columns}) ENGINE = AggregatingMergeTree ORDER BY name {window}")
        engine.command("CREATE MATERIALIZED VIEW IF NOT EXISTS mv TO roll AS SELECT t.name AS name, count() AS n FROM t GROUP BY name")
        def insert(batch):
            rows = {"b": pa.array(range(batch, batch + 2000), pa.uint64()), "name": [f"n{i % 5}" for i in range(2000)]}
            engine.insert("t", pa.table(rows), token=f"b{batch}")
            print(batch, flush=True)
        batch = int(sys.argv[2])
        while sys.argv[3] == "go":
            insert(batch)
            batch += 1
        insert(batch)
        print(engine.read("SELECT (SELECT count() FROM t) AS rows, (SELECT sum(n) FROM roll) AS rolled").to_pylist())
        engine.close()
        """
    command = [sys.executable, "-c", HEAD + textwrap.dedent(script), str(tmp_path), "0", "go"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        acknowledged = [int(child.stdout.readline()) for _ in range(5)]  # type: ignore[union-attr]
        child.kill()
        rest = child.stdout.read().split()  # type: ignore[union-attr]
    last = int(rest[-1]) if rest else acknowledged[-1]
    result = run(script, tmp_path, str(last + 1), "once")
    assert result.stdout.splitlines()[-1] == str([{"rows": 2000 * (last + 2), "rolled": 2000 * (last + 2)}]), result.stderr


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A process in a folder with a `config.xml`, which opens the engine, forks, and leaves while daemon threads are inside queries."""
    folder = tmp_path_factory.mktemp("life")
    (folder / "config.xml").write_text("<clickhouse><mark_cache_size>12345</mark_cache_size><user_files_path>/evil/</user_files_path></clickhouse>")
    script = f"""
        import warnings
        warnings.simplefilter("ignore")
        engine = open_engine()
        rows = engine.read("SELECT name, value FROM system.server_settings WHERE name IN ('mark_cache_size', 'user_files_path', 'config-file')").to_pylist()
        print("settings", {{row["name"]: row["value"] for row in rows}}, flush=True)
        pid = os.fork()
        if not pid:
            for use in (lambda: engine.read("SELECT 1 AS a"), open_engine, engine.close):
                try:
                    use()
                except SpyglassError as error:
                    print("child", error.message, flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
        print("parent", engine.read("SELECT 1 AS a").num_rows, flush=True)
        def ask():
            try:
                engine.read("{ENDLESS}", timeout_s=60)
            except SpyglassError as error:
                os.write(1, f"ended {{error.details['reason']}}\\n".encode())  # at once: what print writes in two goes, other threads come between
        for _ in range(3):
            threading.Thread(target=ask, daemon=True).start()
        while engine.status().running < 4:
            pass
        """
    return run(script, folder / "data", cwd=folder)


def told(life: subprocess.CompletedProcess[str], word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in life.stdout.splitlines() if line.startswith(word)]


def test_a_forked_child_is_told(life: subprocess.CompletedProcess[str]) -> None:
    """It cannot use the parent's engine nor open one, and says so at once instead of hanging; the parent goes on (rule 4)."""
    use, opened = told(life, "child")
    assert "forked after the store was opened" in use
    assert "forked from one that has the store open" in opened
    assert told(life, "parent") == ["1"]


def test_a_config_file_of_the_working_directory_is_not_read(life: subprocess.CompletedProcess[str]) -> None:
    """Only ours is (rule 6)."""
    (settings,) = told(life, "settings")
    assert "12345" not in settings
    assert "evil" not in settings
    assert "engine.xml" in settings


def test_leaving_while_queries_run_is_clean(life: subprocess.CompletedProcess[str]) -> None:
    """Daemon threads inside queries do not crash the end of the process, even when nobody closed the engine (rule 7); not all of them get to say so."""
    assert life.returncode == 0, life.stderr
    assert set(told(life, "ended")) <= {"cancelled"}


def test_our_database_is_atomic(data_dir: Path) -> None:
    """The engine's own `default` reads files by their names as tables; ours does not (rule 5)."""
    engine = Engine.open("chdb://", data_dir=data_dir)
    kinds = {row["name"]: row["engine"] for row in engine.read("SELECT name, engine FROM system.databases").to_pylist()}
    engine.close()
    assert kinds["spyglass"] == "Atomic"


def test_the_config_file_is_the_owners_alone(tmp_path: Path) -> None:
    """And has our bounds in it."""
    path = write_config(tmp_path, EmbeddedOptions(10**9, 3))
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert "<max_server_memory_usage>1000000000</max_server_memory_usage>" in text
    assert "<background_pool_size>3</background_pool_size>" in text


def test_a_full_disk_refuses_and_goes_on(tmp_path: Path) -> None:
    """No space is `not now`, reads go on, and inserts too when there is room again."""
    disk = tmp_path / "small"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        result = run(
            """
            (data_dir / "filler").write_bytes(bytes(8_000_000))
            engine = open_engine()
            engine.command("CREATE TABLE t (a String CODEC(NONE)) ENGINE = MergeTree ORDER BY tuple() SETTINGS non_replicated_deduplication_window = 100")
            rows = pa.table({"a": [os.urandom(1000).hex() for _ in range(1000)]})
            for i in range(30):
                try:
                    engine.insert("t", rows, token=str(i))
                except SpyglassError as error:
                    print(type(error).__name__, error.details["reason"], flush=True)
                    break
            print(engine.read("SELECT count() AS n FROM t").to_pylist()[0]["n"] == 1000 * i)
            (data_dir / "filler").unlink()
            engine.insert("t", rows, token=str(i))
            print(engine.read("SELECT count() AS n FROM t").to_pylist()[0]["n"] == 1000 * (i + 1))
            engine.close()
            """,
            disk,
        )
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
    assert result.stdout.splitlines() == ["Refused no_space", "True", "True"], result.stderr


@pytest.mark.parametrize("name", ["a?b", "file/below"])
def test_a_directory_that_cannot_be_is_told(tmp_path: Path, name: str) -> None:
    """With its name."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"store\.url"):
        claim(tmp_path / name)
