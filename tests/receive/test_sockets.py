"""Listening sockets."""

from __future__ import annotations

import socket

import pytest

from spyglass.model.errors import ConfigError
from spyglass.receive.sockets import bind


@pytest.fixture
def close():
    opened: list[socket.socket] = []
    yield opened.extend
    for one in opened:
        one.close()


async def test_port_zero_is_one_free_port_on_all_hosts(close):
    """`localhost` may mean either loopback, so both have the same port."""
    sockets = await bind(("127.0.0.1", "::1"), 0, "otlp_http_port")
    close(sockets)
    ports = {one.getsockname()[1] for one in sockets}
    assert len(ports) == 1
    assert ports != {0}
    assert "127.0.0.1" in {one.getsockname()[0] for one in sockets}


async def test_a_port_in_use_is_an_error_that_says_which_and_what_to_do(close):
    """The setting, the address, and how to find who has it."""
    sockets = await bind(("127.0.0.1",), 0, "otlp_http_port")
    close(sockets)
    port = sockets[0].getsockname()[1]
    with pytest.raises(ConfigError, match=rf"otlp_http_port: 127.0.0.1:{port} is in use; .*lsof -i :{port}"):
        await bind(("127.0.0.1",), port, "otlp_http_port")


async def test_a_port_in_use_on_one_host_leaves_none_open(close):
    """All hosts or none."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError):
            await bind(("127.0.0.2", "127.0.0.1"), port, "otlp_grpc_port")
        close(await bind(("127.0.0.2",), port, "otlp_grpc_port"))


async def test_a_host_of_another_machine_is_an_error():
    """With what to write instead."""
    with pytest.raises(ConfigError, match=r"host: 192\.0\.2\.1:0 .*0\.0\.0\.0"):
        await bind(("192.0.2.1",), 0, "otlp_http_port")


async def test_a_host_that_is_no_address_is_an_error():
    """Not a stack trace of the resolver."""
    with pytest.raises(ConfigError, match=r"host: 'not a host'"):
        await bind(("not a host",), 0, "otlp_http_port")


async def test_all_addresses_may_be_asked_for(close):
    """`0.0.0.0` and `::` beside each other."""
    sockets = await bind(("0.0.0.0",), 0, "otlp_http_port")
    close(sockets)
    with socket.create_connection(("127.0.0.1", sockets[0].getsockname()[1]), timeout=60):
        pass
