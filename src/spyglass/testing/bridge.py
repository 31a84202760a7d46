"""The embedded engine behind ClickHouse's HTTP interface, so that tests run the HTTP path of the store without a server.

`with serve(directory) as url:` starts a child process (one process can have one embedded directory open) and gives its URL, e.g. `http://127.0.0.1:40123`.
It speaks what clickhouse-connect speaks: bound parameters, settings, compressed bodies, inserts in any format, exception codes.
It is not a server: no users, no sessions, no async inserts, no block info in Native answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import re
import selectors
import socket
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import chdb
import lz4.frame  # type: ignore[import-untyped]
import uvicorn
import zstandard

from spyglass.store.binding import quoted
from spyglass.store.embedded import EmbeddedOptions, write_config

__all__ = ["Bridge", "serve"]

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[dict[str, Any]], Any]

_START_S: Final = 60.0
_STOP_S: Final = 20.0
_OPTIONS: Final = EmbeddedOptions(memory_bytes=2 * 2**30, background_threads=2)
# Parameters of the transport; everything else in the query string is a setting.
_TRANSPORT: Final = frozenset(
    "query database session_id session_timeout session_check query_id quota_key compress decompress wait_end_of_query buffer_size role user password "
    "client_protocol_version enable_http_compression send_progress_in_http_headers http_headers_progress_interval_ms default_format "
    "http_make_head_request".split()
)
_INSERT: Final = re.compile(rb"^\s*INSERT\s+INTO\b(?P<into>.*?)\bFORMAT\s+(?P<form>\w+)\s*?(?:\n|$)", re.IGNORECASE | re.DOTALL)
_SELECT: Final = re.compile(rb"\bSELECT\b", re.IGNORECASE)
_ANSWERS: Final = re.compile(rb"\s*(?:--[^\n]*\n\s*)*(?:SELECT|WITH|SHOW|DESC|EXPLAIN|EXISTS|KILL|FROM|\()", re.IGNORECASE)
_FORMAT: Final = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_CODE: Final = re.compile(r"Code: (\d+)")
_BOUNDARY: Final = re.compile(r"multipart/form-data;.*boundary=\"?([^\";]+)")
_FIELD: Final = re.compile(rb'\bname="([^"]+)"')
_DECODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "lz4": lz4.frame.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Bridge:
    """An ASGI app over the engine at a directory."""

    def __init__(self, directory: Path) -> None:
        config = write_config(directory, _OPTIONS)
        self._target = f"{directory / 'store'}?config-file={config}"
        self._engine = chdb.connect(self._target)  # keeps the engine open between requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        body = await _body(receive)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        parameters = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        if scope["path"] == "/ping":
            answer = _Answer(200, b"Ok.\n")
        else:
            decoded = _DECODERS[headers.get("content-encoding", "")](body) if body else b""
            if boundary := _BOUNDARY.search(headers.get("content-type", "")):  # the client sends long values so
                parameters, decoded = parameters | _fields(decoded, boundary[1].encode()), b""
            answer = await asyncio.to_thread(self.answer, parameters, decoded)
        await _reply(send, answer, compressed=parameters.get("enable_http_compression") == "1" and "zstd" in headers.get("accept-encoding", ""))

    def answer(self, parameters: dict[str, str], body: bytes) -> _Answer:
        """Run one request on a handle of its own: settings, the database and a failed query's leftovers end with it."""
        connection = chdb.connect(self._target)
        try:
            _prepare(connection, parameters)
            query = parameters.get("query", "").encode()
            insert = _INSERT.match(query or body)
            if insert and not _SELECT.search(insert["into"]):
                return _insert(connection, insert, body if query else body[insert.end() :])
            return _query(connection, query + b"\n" + body if query and body else query or body, parameters)
        except RuntimeError as error:
            return _failure(str(error))
        finally:
            connection.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                self._engine.close()
                return


def _prepare(connection: Any, parameters: dict[str, str]) -> None:
    if database := parameters.get("database"):
        connection.query(f"USE `{database.replace('`', '``')}`")
    settings = {name: value for name, value in parameters.items() if name not in _TRANSPORT and not name.startswith("param_")}
    for name in sorted(settings, key=lambda name: name == "readonly"):  # after it nothing else may be set
        connection.query(f"SET {name} = {quoted(settings[name])}")


def _insert(connection: Any, insert: re.Match[bytes], data: bytes) -> _Answer:
    descriptor = os.memfd_create("insert")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(data)
        into, form = insert["into"].decode(), insert["form"].decode()
        result = connection.query(f"INSERT INTO {into} FROM INFILE '/proc/self/fd/{descriptor}' FORMAT {form}", "Null")
    finally:
        os.close(descriptor)
    return _Answer(200, headers=_summary(written_rows=result.rows_read(), written_bytes=result.bytes_read()))


def _query(connection: Any, sql: bytes, parameters: dict[str, str]) -> _Answer:
    form = parameters.get("default_format", "TabSeparated")
    bound = {name.removeprefix("param_"): value for name, value in parameters.items() if name.startswith("param_")}
    result = connection.query(sql.decode("utf-8", "surrogateescape"), form, params=bound)
    headers = _summary(read_rows=result.rows_read(), read_bytes=result.bytes_read()) | {"X-ClickHouse-Timezone": "UTC"}
    if _ANSWERS.match(sql):
        written = _FORMAT.search(sql)
        headers["X-ClickHouse-Format"] = written[1].decode() if written else form
    return _Answer(200, result.bytes() or b"", headers)


def _failure(text: str) -> _Answer:
    found = _CODE.search(text)
    code = found[1] if found else "1000"
    message = text[found.start() :] if found else text
    return _Answer(404 if code in {"60", "81"} else 500, f"{message} (version 26.9.2.1)\n".encode(), {"X-ClickHouse-Exception-Code": code})


def _summary(**counts: int) -> dict[str, str]:
    return {"X-ClickHouse-Summary": json.dumps({name: str(count) for name, count in counts.items()})}


def _fields(body: bytes, boundary: bytes) -> dict[str, str]:
    """The fields of a form."""
    fields = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        head, _, value = part.partition(b"\r\n\r\n")
        if name := _FIELD.search(head):
            fields[name[1].decode()] = value.decode("utf-8", "surrogateescape")
    return fields


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def _reply(send: Send, answer: _Answer, *, compressed: bool) -> None:
    body, headers = answer.body, {"Content-Type": "application/octet-stream", "X-ClickHouse-Server-Display-Name": "bridge", **answer.headers}
    if compressed and body:
        body, headers["Content-Encoding"] = zstandard.ZstdCompressor().compress(body), "zstd"
    headers["Content-Length"] = str(len(body))
    await send({"type": "http.response.start", "status": answer.status, "headers": [(name.encode(), text.encode()) for name, text in headers.items()]})
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def serve(directory: Path) -> Iterator[str]:
    """Run a bridge over the engine at `directory` in a child process; gives its URL, and ends it.

    Raises:
        RuntimeError: it did not come up.
    """
    command = [sys.executable, "-m", "spyglass.testing.bridge", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  our own module
        try:
            yield f"http://127.0.0.1:{_port(child)}"
        finally:
            child.terminate()
            try:
                child.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()


def _port(child: subprocess.Popen[str]) -> int:
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout or sys.stdin, selectors.EVENT_READ)
        line = child.stdout.readline() if child.stdout and selector.select(_START_S) else ""
    if not line.strip().isdigit():
        raise RuntimeError(f"the bridge did not come up within {_START_S:g} s")
    return int(line)


def _main(directory: Path) -> None:
    bridge = Bridge(directory)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)  # noqa: T201  the parent reads it
        uvicorn.Server(uvicorn.Config(bridge, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
