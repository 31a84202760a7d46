"""The pool: a handle that saw a failure never hands anything of it to the next asker (rule 1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chdb
import pyarrow as pa
import pytest

from spyglass.model.errors import QueryError, Refused
from spyglass.store.engine import Engine
from spyglass.store.pool import Pool

FAILS_LATE = "SELECT toString(number) AS a, throwIf(number = 200000) AS b FROM numbers(300000)"


def test_the_engine_still_has_the_stale_result_bug(data_dir: Path) -> None:
    """On a bare handle a failed query's output is the next one's answer. When this test fails, the engine is mended: then `clean` can go."""
    bare = chdb.connect(f"{data_dir / 'store'}?config-file={data_dir / 'engine.xml'}")
    with pytest.raises(RuntimeError, match="throwIf"):
        bare.query(FAILS_LATE, "CSV")
    stale, next_one = bare.query("SELECT 42", "CSV").bytes(), bare.query("SELECT 42", "CSV").bytes()
    bare.close()
    assert len(stale) > 1000, "the stale result bug is gone"
    assert next_one == b"42\n"


def test_failures_of_others_never_reach_an_answer(open_engine) -> None:
    """Eight threads on three handles, every fourth query fails after output: each of the others gets its own answer."""
    engine = open_engine(readers=3)

    def ask(i: int) -> str:
        if i % 4 == 0:
            with pytest.raises(QueryError):
                engine.read(FAILS_LATE) if i % 8 else engine.read("SELECT number FROM numbers(1000000)", max_rows=70_000)
            return "failed"
        return str(engine.read("SELECT {i:UInt32} AS i, count() AS n FROM numbers(1000)", {"i": i}).to_pylist())

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(96)))
    assert answers == ["failed" if i % 4 == 0 else f"[{{'i': {i}, 'n': 1000}}]" for i in range(96)]


def test_a_failed_insert_leaves_a_clean_writer(open_engine) -> None:
    """The next insert on the same handle is whole."""
    engine: Engine = open_engine(writers=1)
    engine.command("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
    engine.command("CREATE TABLE picky (a UInt8, CONSTRAINT small CHECK a < 5) ENGINE = MergeTree ORDER BY a")
    for i in range(5):
        with pytest.raises(Exception, match="picky"):
            engine.insert("picky", pa.table({"a": [9]}), token=f"x{i}")
        engine.insert("t", pa.table({"a": [i]}), token=f"t{i}")
    assert engine.read("SELECT groupArray(a) AS a FROM (SELECT a FROM t ORDER BY a)").to_pylist() == [{"a": [0, 1, 2, 3, 4]}]


class FakeHandle:
    """A handle without a database; `dirty` ones cannot prove themselves."""

    def __init__(self, name: str, *, dirty: bool = False) -> None:
        self.name, self.dirty, self.closed = name, dirty, False

    def use(self, settings: object) -> None:
        """Nothing to set."""

    def fence(self) -> None:
        """Nothing to fence."""

    def clean(self) -> bool:
        """Whether it proves itself."""
        return not self.dirty

    def close(self) -> None:
        """Remember it."""
        self.closed = True


def test_a_handle_that_cannot_prove_itself_is_closed() -> None:
    """And a new one takes its place."""
    made: list[FakeHandle] = []

    def make() -> FakeHandle:
        made.append(FakeHandle(str(len(made)), dirty=not made))
        return made[-1]

    pool = Pool("readers", make, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="x"), pool.lend({}, 1):
        raise ValueError("x")
    with pool.lend({}, 1) as handle:
        assert handle.name == "1"
    assert made[0].closed
    assert not made[1].closed


def test_a_handle_that_does_not_open_leaves_its_place_free() -> None:
    """The pool does not shrink with each failure."""
    tries = iter([OSError("no"), OSError("no"), FakeHandle("third")])

    def make() -> FakeHandle:
        result = next(tries)
        if isinstance(result, OSError):
            raise result
        return result

    pool = Pool("readers", make, 1)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(OSError, match="no"), pool.lend({}, 0.1):
            pass
    with pool.lend({}, 0.1) as handle:
        assert handle.name == "third"


def test_a_handle_lent_over_the_close_is_closed_when_it_comes_back() -> None:
    """Close tells that something was still running, and lets go of it later."""
    handle = FakeHandle("a")
    pool = Pool("readers", lambda: handle, 1)  # type: ignore[arg-type, return-value]
    with pool.lend({}, 1):
        assert not pool.close(0.01)
        with pytest.raises(Refused, match="closing"), pool.lend({}, 1):
            pass
    assert handle.closed
    assert pool.close(0.01)


def test_who_asked_first_is_first() -> None:
    """Who gives a handle back and asks again at once, as a request with many questions does, keeps nobody out."""
    pool = Pool("readers", lambda: FakeHandle("a"), 1)  # type: ignore[arg-type, return-value]
    order: list[str] = []

    def other() -> None:
        with pool.lend({}, 60):
            order.append("other")

    with ThreadPoolExecutor(1) as threads:
        with pool.lend({}, 60):
            waits = threads.submit(other)
            while not pool.waiting and not waits.done():
                pass
        with pool.lend({}, 60):
            order.append("again")
        waits.result()
    assert order == ["other", "again"]


def test_who_gave_up_waiting_is_in_nobodys_way() -> None:
    """The next one has the handle when it is free."""
    pool = Pool("readers", lambda: FakeHandle("a"), 1)  # type: ignore[arg-type, return-value]
    with pool.lend({}, 1), pytest.raises(Refused, match="busy"), pool.lend({}, 0.01):
        pass
    with pool.lend({}, 1):
        assert pool.waiting == 0


def test_a_fenced_pool_makes_room_for_other_settings() -> None:
    """Handles are reused under equal settings only; the one idle longest goes."""
    made: list[FakeHandle] = []

    def make() -> FakeHandle:
        made.append(FakeHandle(str(len(made))))
        return made[-1]

    pool = Pool("sql readers", make, 2, fenced=True)  # type: ignore[arg-type]
    order = []
    for project in ("a", "b", "a", "c", "a", "b"):
        with pool.lend({"project": project}, 1) as handle:
            order.append(handle.name)
    assert order == ["0", "1", "0", "2", "0", "3"]
    assert [handle.closed for handle in made] == [False, True, True, False]
