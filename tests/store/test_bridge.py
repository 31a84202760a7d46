"""The bridge speaks enough of ClickHouse's HTTP interface for the client."""

from __future__ import annotations

import clickhouse_connect
import httpx
import pyarrow as pa
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_the_client_connects_with_any_compression(bridge: str, compress: bool | str) -> None:
    """Rows and Arrow, both ways."""
    client = clickhouse_connect.get_client(dsn=bridge, compress=compress)
    client.command("CREATE TABLE IF NOT EXISTS default.bridge (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
    client.insert("default.bridge", [[1, "x"]], column_names=["a", "b"])
    client.insert_arrow("default.bridge", pa.table({"a": pa.array([2], pa.uint64()), "b": ["y"]}))
    assert client.query_arrow("SELECT a, b FROM default.bridge ORDER BY a").to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    client.command("DROP TABLE default.bridge")
    client.close()


def test_an_error_has_its_code(bridge: str) -> None:
    """In the header, as a server has it."""
    answer = httpx.post(bridge, params={"query": "SELECT nope"})
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (500, "47")
    client = clickhouse_connect.get_client(dsn=bridge)
    with pytest.raises(DatabaseError) as error:
        client.query("SELECT 1 FROM nope")
    assert error.value.code == 60
    client.close()


def test_settings_end_with_the_request(bridge: str) -> None:
    """The next request has the usual ones."""
    query = "SELECT getSetting('max_block_size')"
    assert httpx.post(bridge, params={"query": query, "max_block_size": "17"}).text == "17\n"
    assert httpx.post(bridge, params={"query": query}).text != "17\n"


def test_it_says_that_it_is_there(bridge: str) -> None:
    """Load balancers ask so."""
    assert httpx.get(f"{bridge}/ping").text == "Ok.\n"
