"""What analyzers remember, over a restart."""

from __future__ import annotations

import pyarrow as pa

from spyglass.analyze.state import Kept, load, save


def test_what_was_saved_comes_back(tmp_path):
    """Tables by analyzer and version, and how far all were."""
    table = pa.table({"a": [1, 2], "b": ["x", None], "c": pa.array([b"1", b"2"], pa.binary(1))})
    save(tmp_path / "state", Kept(17, {("one", "1.0"): {"t": table, "u": table.slice(0, 0)}, ("two", "2.0"): {}}))
    kept = load(tmp_path / "state")
    assert kept is not None
    assert kept.until_ns == 17
    assert kept.states[("one", "1.0")]["t"].equals(table)
    assert kept.states[("one", "1.0")]["u"].schema.equals(table.schema)
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_read_is_none(tmp_path):
    """Cut, of another format, or not there: all begin anew."""
    path = tmp_path / "state"
    assert load(path) is None
    save(path, Kept(17, {("one", "1.0"): {"t": pa.table({"a": list(range(100))})}}))
    whole = path.read_bytes()
    for cut in (0, 10, 30, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert load(path) is None
    path.write_bytes(b"something else\n" + whole)
    assert load(path) is None
