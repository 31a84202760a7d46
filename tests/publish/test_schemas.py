"""Schemas by fingerprint."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from spyglass.model.schema import SPAN
from spyglass.publish.schemas import Schemas, conform, fingerprint
from spyglass.testing.rows import spans


def test_a_schema_of_another_version_is_found_by_its_file(tmp_path: Path) -> None:
    """What an earlier version wrote beside the segments is read back."""
    old = SPAN.remove(3)
    (tmp_path / f"schema-{fingerprint(old):016x}.arrow").write_bytes(old.serialize().to_pybytes())
    assert Schemas(tmp_path).get(fingerprint(old)) == old


def test_a_damaged_schema_file_is_not_believed(tmp_path: Path) -> None:
    """A file whose content is not what its name says is as good as none."""
    (tmp_path / f"schema-{5:016x}.arrow").write_bytes(SPAN.serialize().to_pybytes())
    assert Schemas(tmp_path).get(5) is None
    assert Schemas(tmp_path).get(6) is None


def test_rows_of_an_earlier_version_get_todays_columns() -> None:
    """New columns are null, gone ones are left out, changed types are cast, the order is today's."""
    table = pa.table({"b": pa.array([1], pa.int32()), "gone": ["x"]})
    wanted = pa.schema([("a", pa.string()), ("b", pa.int64())])
    assert conform(table, wanted).equals(pa.Table.from_pylist([{"a": None, "b": 1}], wanted))
    with pytest.raises(pa.ArrowException):
        conform(pa.table({"a": ["x"], "b": ["not a number"]}), wanted)


def test_rows_of_today_are_left_alone() -> None:
    """No copy where nothing differs."""
    table = spans(2)
    assert conform(table, SPAN) is table


def test_current_schemas_are_kept_for_later_versions(tmp_path: Path) -> None:
    """Each is written once, under its fingerprint."""
    Schemas(tmp_path).keep()
    Schemas(tmp_path).keep()
    assert len(list(tmp_path.iterdir())) == 5
    assert pa.ipc.read_schema(pa.py_buffer((tmp_path / f"schema-{fingerprint(SPAN):016x}.arrow").read_bytes())) == SPAN
