"""Which bodies the log has had."""

from __future__ import annotations

from pathlib import Path

from spyglass.publish.keys import Keys


def _names(*numbers: int) -> list[bytes]:
    return [number.to_bytes(16) for number in numbers]


def test_only_the_latest_keys_are_known(tmp_path: Path) -> None:
    """Beyond the bound the oldest are forgotten, and a key that comes again stays one key."""
    keys = Keys(tmp_path / "keys", bound=3)
    keys.add(_names(1, 2, 2, 3, 4))
    assert [key in keys for key in _names(1, 2, 3, 4)] == [False, True, True, True]
    assert len(keys) == 3


def test_retired_keys_are_known_after_a_restart(tmp_path: Path) -> None:
    """The journal brings them back, several records of it too."""
    keys = Keys(tmp_path / "keys", bound=10)
    for number in range(4):
        keys.retire(_names(number))
    keys.retire([])
    assert all(key in Keys(tmp_path / "keys", bound=10) for key in _names(0, 1, 2, 3))


def test_the_journal_does_not_grow_without_end(tmp_path: Path) -> None:
    """It is written anew with the latest keys when it holds twice the bound."""
    path = tmp_path / "keys"
    keys = Keys(path, bound=4)
    for number in range(50):
        keys.retire(_names(number))
    assert path.stat().st_size < 8 * 40
    assert all(key in Keys(path, bound=4) for key in _names(46, 47, 48, 49))


def test_a_torn_journal_keeps_what_is_whole(tmp_path: Path) -> None:
    """Cut at any byte of its last record, the records before stay, and new ones follow them."""
    path = tmp_path / "keys"
    keys = Keys(path, bound=10)
    keys.retire(_names(1))
    whole = path.stat().st_size
    keys.retire(_names(2))
    data = path.read_bytes()
    for cut in range(whole, len(data)):
        path.write_bytes(data[:cut])
        again = Keys(path, bound=10)
        assert [key in again for key in _names(1, 2)] == [True, False]
        again.retire(_names(3))
        assert _names(3)[0] in Keys(path, bound=10)


def test_a_note_comes_back_with_its_key(tmp_path: Path) -> None:
    """After a restart too; the key is known whatever was noted with it."""
    keys = Keys(tmp_path / "keys", bound=10)
    keys.retire([_names(1)[0] + b"one of two", *_names(2)])
    again = Keys(tmp_path / "keys", bound=10)
    assert [again.note(key) for key in _names(1, 2, 3)] == [b"one of two", b"", None]
