"""Over gRPC the sender is as patient as over HTTP, with a real server that refuses once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from spyglass.cli.otlp import Sender
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Piece
from spyglass.model.schema import Kind
from spyglass.receive.wire import retry_info
from spyglass.testing.rows import spans


class Busy(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio has no types
    """Refuses the first call, with these trailers."""

    def __init__(self, *trailers: tuple[str, bytes]) -> None:
        self.trailers, self.calls = trailers, 0

    def service(self, _: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(self.export)

    def export(self, _: bytes, context: Any) -> bytes:
        self.calls += 1
        if self.calls == 1:
            context.set_trailing_metadata(self.trailers)
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full")
        return b""


@pytest.mark.parametrize(
    ("trailers", "least", "most"),
    [
        ([("google.rpc.retryinfo-bin", retry_info(6.2))], 7, 7),
        ([("google.rpc.retryinfo-bin", b"\xff\xff")], 0, 1),
        ([], 0, 1),
    ],
)
def test_a_busy_server_is_asked_again_when_it_says(monkeypatch: pytest.MonkeyPatch, trailers: list[tuple[str, bytes]], least: float, most: float) -> None:
    """In whole seconds, rounded up; nonsense is as if nothing were said."""
    busy, waits = Busy(*trailers), list[float]()
    server = grpc.server(ThreadPoolExecutor(2), handlers=[busy])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    sender = Sender(f"http://127.0.0.1:{port}")
    sender.sleep = waits.append
    sender.add(Piece("traces", encode(Kind.SPAN, spans(3)), 3, "here"))
    sender.flush()
    sender.close()
    server.stop(None).wait()
    assert (sender.sent.accepted, busy.calls, len(waits)) == (3, 2, 1)
    assert least <= waits[0] <= most
