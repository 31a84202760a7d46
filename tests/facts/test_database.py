"""Opening the database of the facts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from spyglass.facts.database import Facts

MIGRATIONS = Path(sys.modules[Facts.__module__].__file__ or "").parent / "migrations"


def test_files_of_migrations_are_named_by_their_revisions() -> None:
    """A start compares them by name, without Alembic: in order, each after the one before."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    told = [(script.revision, Path(script.path).stem.split("_", 1)[0]) for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert told == sorted(told, reverse=True)
    assert all(revision == name for revision, name in told)


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    """It is heavy."""
    url = f"sqlite:///{tmp_path}/facts.db"
    Facts.open(url).close()
    program = f"import sys; from spyglass.facts.database import Facts; Facts.open({url!r}).close(); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0
