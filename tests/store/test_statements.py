"""SQL files are cut and made ready for a cluster as text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.errors import ConfigError
from spyglass.store.migrate import known
from spyglass.store.statements import is_repeatable, rendered, split


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("A; B;\n C", ["A", "B", "C"]),
        ("A ';' `;` \";\" ; B", ["A ';' `;` \";\"", "B"]),
        ("A -- ; not\n B; /* ; */ C", ["A B", "C"]),
        ("A 'it''s;' 'x\\';' ;", ["A 'it''s;' 'x\\';'"]),
        ("A $x$ ; $y$ ; $x$ ; B", ["A $x$ ; $y$ ; $x$", "B"]),
        (" \n-- nothing\n;;", []),
        ("A   B\n\tC 'x  y'", ["A B C 'x  y'"]),
        ("a - b -- c", ["a - b"]),
    ],
)
def test_a_semicolon_ends_a_statement_outside_of_texts(sql: str, statements: list[str]) -> None:
    """Strings, names, comments and here-documents may have one."""
    assert split(sql) == statements


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["SELECT 1", "SELECT ';--'", "CREATE TABLE `a;b` (x String DEFAULT 'it''s')", "SELECT '\\'' AS a"]), min_size=1))
def test_joined_statements_come_apart_again(statements: list[str]) -> None:
    """Whatever comments are between them."""
    assert split(" ;\n-- a; comment\n/* ; */".join(statements)) == statements


def test_one_machine_gets_the_text_as_it_is() -> None:
    """The files are plain SQL."""
    assert rendered("CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = MergeTree ORDER BY a", None).startswith("CREATE TABLE IF NOT EXISTS t (a UInt8)")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100",
            "CREATE TABLE IF NOT EXISTS t ON CLUSTER `prod` (a UInt8) ENGINE = ReplicatedMergeTree ORDER BY a SETTINGS replicated_deduplication_window = 100",
        ),
        (
            "CREATE TABLE t (a UInt8) ENGINE = ReplacingMergeTree(version) ORDER BY a",
            "CREATE TABLE t ON CLUSTER `prod` (a UInt8) ENGINE = ReplicatedReplacingMergeTree(version) ORDER BY a",
        ),
        ("CREATE MATERIALIZED VIEW IF NOT EXISTS v TO t AS SELECT 1", "CREATE MATERIALIZED VIEW IF NOT EXISTS v ON CLUSTER `prod` TO t AS SELECT 1"),
        ("ALTER TABLE t ADD COLUMN IF NOT EXISTS b UInt8", "ALTER TABLE t ON CLUSTER `prod` ADD COLUMN IF NOT EXISTS b UInt8"),
        ("DROP VIEW IF EXISTS v", "DROP VIEW IF EXISTS v ON CLUSTER `prod`"),
        ("CREATE TABLE n (a UInt8) ENGINE = Null", "CREATE TABLE n ON CLUSTER `prod` (a UInt8) ENGINE = Null"),
    ],
)
def test_a_cluster_gets_it_everywhere(statement: str, expected: str) -> None:
    """On every machine, replicated."""
    assert rendered(statement, "prod") == expected


@pytest.mark.parametrize("statement", ["INSERT INTO t VALUES (1)", "SYSTEM FLUSH LOGS", "RENAME TABLE a TO b"])
def test_what_has_no_form_for_a_cluster_is_refused(statement: str) -> None:
    """Rather than run on one machine of many."""
    with pytest.raises(ConfigError, match="no form for a cluster"):
        rendered(statement, "prod")


@pytest.mark.parametrize(
    ("statement", "repeatable"),
    [
        ("CREATE TABLE IF NOT EXISTS t (a UInt8)", True),
        ("CREATE TABLE t (a UInt8)", False),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", True),
        ("ALTER TABLE t ADD COLUMN IF NOT EXISTS b UInt8", True),
        ("ALTER TABLE t ADD COLUMN b UInt8", False),
        ("ALTER TABLE t DROP INDEX IF EXISTS i", True),
        ("ALTER TABLE t MODIFY TTL a + INTERVAL 1 DAY", True),
        ("DROP TABLE IF EXISTS t", True),
        ("DROP TABLE t", False),
        ("INSERT INTO t SELECT 1", False),
    ],
)
def test_repeatable_is_known_by_form(statement: str, repeatable: bool) -> None:
    """A migration may be run again after a crash in its middle."""
    assert is_repeatable(statement) is repeatable


def test_every_migration_has_a_form_for_a_cluster() -> None:
    """Each statement of ours runs on every machine."""
    for migration in known():
        for statement in migration.statements:
            assert "ON CLUSTER `prod`" in rendered(statement, "prod")
