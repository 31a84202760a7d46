"""Promises about what people save, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from spyglass.facts.database import Facts
from spyglass.facts.saved import SavedThings
from spyglass.facts.tables import Base
from spyglass.model.errors import ConfigError, Conflict, NotFound, Refused
from spyglass.testing.clock import ManualClock


@pytest.fixture
def saved(url: str) -> Iterator[SavedThings]:
    """Nothing saved yet."""
    facts = Facts.open(url)
    yield SavedThings(facts, ManualClock())
    facts.close()


def test_what_was_saved_is_found(saved: SavedThings) -> None:
    """By name, in its project and kind alone."""
    made = [saved.add("p", "views", name, {"page": "/traces"}) for name in ("b", "A")]
    saved.add("other", "views", "c", {})
    saved.add("p", "queries", "d", {})
    assert saved.all("p", "views") == made[::-1]
    assert saved.one("p", "views", made[0].id) == made[0]
    for project, kind in (("other", "views"), ("p", "queries")):
        with pytest.raises(NotFound):
            saved.one(project, kind, made[0].id)


def test_nobody_overwrites_what_they_have_not_seen(saved: SavedThings) -> None:
    """Of two who change version 1, the second is told."""
    made = saved.add("p", "views", "mine", {"x": 1})
    changed = saved.change("p", "views", made.id, 1, "ours", {"x": 2})
    assert (changed.version, changed.name, changed.body) == (2, "ours", {"x": 2})
    with pytest.raises(Conflict) as told:
        saved.change("p", "views", made.id, 1, "theirs", {"x": 3})
    assert told.value.details == {"version": 2}
    assert saved.one("p", "views", made.id) == changed


def test_what_was_deleted_is_gone(saved: SavedThings) -> None:
    """A second time there is nothing to delete."""
    made = saved.add("p", "views", "mine", {})
    saved.remove("p", "views", made.id)
    assert saved.all("p", "views") == []
    with pytest.raises(NotFound):
        saved.remove("p", "views", made.id)


def test_it_outlives_the_process(empty_url: str) -> None:
    """Opening again applies nothing, and finds all."""
    for names in ([], ["kept"]):
        facts = Facts.open(empty_url)
        things = SavedThings(facts, ManualClock())
        assert [one.name for one in things.all("p", "views")] == names
        things.add("p", "views", "kept", {})
        facts.close()


def test_the_migrations_make_the_tables(empty_url: str) -> None:
    """What the code expects is what is there."""
    Facts.open(empty_url).close()
    engine = create_engine(empty_url.replace("postgresql:", "postgresql+pg8000:"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_a_newer_database_is_refused(empty_url: str) -> None:
    """Rather than misunderstood."""
    Facts.open(empty_url).close()
    engine = create_engine(empty_url.replace("postgresql:", "postgresql+pg8000:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ConfigError, match="newer version"):
        Facts.open(empty_url)


def test_a_server_that_goes_is_waited_for(postgres: int, made_postgres: str) -> None:
    """Whoever asks meanwhile is asked to come back, and what is asked afterwards is answered."""
    facts = Facts.open(f"postgresql://spyglass@127.0.0.1:{postgres}/{made_postgres}")
    with pytest.raises(Refused), facts.session() as session:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with facts.session() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    facts.close()
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(Refused, match="does not answer"):
        Facts.open(f"postgresql://spyglass@127.0.0.1:{port}/x")


@pytest.mark.parametrize("wrong", ["", "nonsense", "mysql://a/b"])
def test_wrong_urls_are_told(wrong: str) -> None:
    """With what is expected."""
    with pytest.raises(ConfigError, match="expected sqlite"):
        Facts.open(wrong)
