"""Secrets at rest: what stands on the disk, what opens it, and what is said when the key is gone."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from spyglass.facts.alerts_documents import Documents
from spyglass.facts.database import Facts
from spyglass.facts.vault import FILE, Vault
from spyglass.model.errors import ConfigError, Conflict
from spyglass.testing.clock import ManualClock

BODY: dict[str, Any] = {"kind": "slack", "settings": {"url": "https://hooks.example/hunter2"}}

GOOD = urlsafe_b64encode(bytes(32)).decode()  # a key, the same in each worker


@pytest.fixture
def facts(url: str) -> Iterator[Facts]:
    """An empty database."""
    opened = Facts.open(url)
    yield opened
    opened.close()


def channel(facts: Facts, vault: Vault | None) -> Documents:
    documents = Documents(facts, ManualClock(), vault)
    documents.put("p", "channel", "ops", BODY)
    return documents


def kept(facts: Facts) -> list[dict[str, Any]]:
    return [one.body for one in Documents(facts, ManualClock()).all("channel")]


def test_a_channel_is_sealed_with_all_its_versions(facts: Facts, tmp_path: Path) -> None:
    """Only its kind can be read without the key; saying the same again still changes nothing."""
    documents = channel(facts, Vault.open(tmp_path))
    assert "hunter2" not in str(kept(facts))
    assert "hunter2" not in str(Documents(facts, ManualClock()).versions("p", "channel", "ops"))
    assert (documents.one("p", "channel", "ops").body, documents.put("p", "channel", "ops", BODY).version) == (BODY, 1)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_what_stood_in_plain_is_sealed_with_the_first_start(facts: Facts, tmp_path: Path, url: str) -> None:
    """And nothing of it is left in SQLite's files."""
    channel(facts, None)
    files = [*tmp_path.glob("facts.db*")]
    assert not files or any(b"hunter2" in file.read_bytes() for file in files)
    documents = Documents(facts, ManualClock(), Vault.open(tmp_path))
    assert (documents.seal().sealed, documents.seal().sealed, documents.one("p", "channel", "ops").body) == (2, 0, BODY)
    assert not any(b"hunter2" in file.read_bytes() for file in files)


def test_a_key_is_rotated(facts: Facts, tmp_path: Path) -> None:
    """Everything is sealed with the new one before the old one is forgotten; who holds the old one opens nothing."""
    vault = Vault.open(tmp_path)
    documents, old = channel(facts, vault), Vault.open(tmp_path)
    before = vault.key_id
    assert vault.add() != before
    assert (documents.seal().sealed, vault.drop_old()) == (2, 1)
    assert Documents(facts, ManualClock(), Vault.open(tmp_path)).one("p", "channel", "ops").body == BODY
    lost = Documents(facts, ManualClock(), old).one("p", "channel", "ops")
    assert vault.key_id in lost.problem
    assert (lost.body["settings"], (tmp_path / FILE).read_text().count("\n")) == ({}, 1)


def test_a_rotation_that_was_cut_short_goes_on(facts: Facts, tmp_path: Path) -> None:
    """Both keys are in the file, so that nothing is lost, and the next start seals the rest."""
    vault = Vault.open(tmp_path)
    channel(facts, vault)
    vault.add()
    again = Documents(facts, ManualClock(), Vault.open(tmp_path))
    assert (again.one("p", "channel", "ops").problem, again.seal().sealed) == ("", 2)


def test_a_key_that_is_gone_is_said_and_the_settings_can_be_told_anew(facts: Facts, tmp_path: Path) -> None:
    """By its name, with what to do; nothing else is harmed."""
    channel(facts, Vault.open(tmp_path))
    (tmp_path / FILE).unlink()
    documents = Documents(facts, ManualClock(), Vault.open(tmp_path))
    told = documents.one("p", "channel", "ops")
    assert "put that key back" in told.problem
    assert (told.body, documents.seal().lost) == ({"kind": "slack", "settings": {}}, 1)
    assert documents.put("p", "channel", "ops", BODY).version == 2
    assert (documents.one("p", "channel", "ops").problem, documents.seal().lost) == ("", 0)


def test_keys_of_the_settings_come_first_and_open_what_the_file_sealed(facts: Facts, tmp_path: Path) -> None:
    """So that one can move from the file to the settings; they are changed where they were set."""
    channel(facts, Vault.open(tmp_path))
    vault = Vault.open(tmp_path, [Fernet.generate_key().decode()])
    assert Documents(facts, ManualClock(), vault).seal().sealed == 2
    with pytest.raises(Conflict, match=r"facts\.secret_keys"):
        vault.add()


def test_what_was_sealed_for_one_channel_is_nothing_for_another(tmp_path: Path) -> None:
    """Nor what somebody changed."""
    vault = Vault.open(tmp_path)
    told = vault.seal("p/channel/a", BODY)
    with pytest.raises(ConfigError, match="p/channel/a"):
        vault.opened("p/channel/b", told)
    with pytest.raises(ConfigError, match="changed"):
        vault.opened("p/channel/a", told | {"sealed": told["sealed"][:-6] + "AAAA=="})


@pytest.mark.parametrize(("text", "mode"), [("nonsense", 0o600), (GOOD, 0o644), ("", 0o600)])
def test_a_file_that_is_no_key_or_that_others_may_read_is_refused(tmp_path: Path, text: str, mode: int) -> None:
    """Without saying what is in it."""
    (tmp_path / FILE).write_text(text)
    (tmp_path / FILE).chmod(mode)
    with pytest.raises(ConfigError, match=FILE) as told:
        Vault.open(tmp_path)
    assert not text or text not in told.value.message
