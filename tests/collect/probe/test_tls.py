"""Plaintext of TLS connections, byte for byte, from programs that know nothing of it."""
# ruff: noqa: ASYNC220 - programs and files are what these tests are about, and nothing else waits for the loop

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spyglass.collect.records import Chunk, StreamEnd

SIZE = 300_000


def bytes_by_direction(found) -> dict[str, bytes]:
    """All plaintext, in order; of one connection."""
    return {way: b"".join(record.data for record in found if isinstance(record, Chunk) and record.direction == way) for way in ("out", "in")}


@pytest.fixture
def body(tmp_path: Path) -> Path:
    """A file of SIZE bytes that are not alike."""
    path = tmp_path / "body"
    path.write_bytes(b"".join(b"%07d\n" % number for number in range(SIZE // 8)))
    return path


CLIENT = """
import http.client, ssl, sys
link = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context())
for _ in range(int(sys.argv[3])):
    link.request("POST", "/echo", open(sys.argv[2], "rb").read()); link.getresponse().read()
link.close()
"""
NODE = """
fetch(`https://127.0.0.1:${process.argv[1]}/echo`, {method: 'POST', body: require('fs').readFileSync(process.argv[2])})
  .then(answer => answer.text()).then(text => process.exit(text.length == 300000 ? 0 : 1))
"""


@pytest.mark.parametrize("program", ["curl", "wget", "python", "node"])
async def test_payloads_are_whole_in_both_directions(watch, https_port, body, program):
    """300 kB out and the same back, of OpenSSL (dynamic and static) and of GnuTLS."""
    port = str(https_port)
    commands = {
        "curl": ["curl", "-sk", "-o", "/dev/null", "--data-binary", f"@{body}", f"https://127.0.0.1:{port}/echo"],
        "wget": ["wget", "-qO/dev/null", "--no-check-certificate", f"--post-file={body}", f"https://127.0.0.1:{port}/echo"],
        "python": [sys.executable, "-c", CLIENT, port, str(body), "1"],
        "node": ["env", "NODE_TLS_REJECT_UNAUTHORIZED=0", "node", "--no-warnings", "-e", NODE, port, str(body)],
    }
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on this machine: apt-get install {program}")
    found = await watch(commands[program], ["tls"])
    told = bytes_by_direction(found)
    assert told["out"].endswith(body.read_bytes())
    assert told["in"].endswith(body.read_bytes())
    assert not any(record.missing for record in found if isinstance(record, Chunk))


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    """A library with rustls inside."""
    path = tmp_path / "client.abi3.so"
    path.write_bytes(Path("/bin/sh").read_bytes() + bytes(1 << 20) + b"/cargo/registry/src/rustls-0.23.40/src/conn.rs")
    return path


async def test_a_library_that_cannot_be_read_is_noticed(probe, watch, unreadable):
    """As a program opens it."""
    await watch(["dd", "status=none", "of=/dev/null", f"if={unreadable}"], ["tls"])
    async with asyncio.timeout(60):
        while not probe.unread:
            await probe.status()
    assert probe.unread == {str(unreadable): "it has rustls 0.23.40 inside, whose calls are not found"}


async def test_pieces_know_their_connection(watch, https_port, body):
    """One stream per connection, both ends by address, operations counted without a gap, and an end."""
    found = await watch([sys.executable, "-c", CLIENT, str(https_port), str(body), "3"], ["tls"])
    pieces = [record for record in found if isinstance(record, Chunk)]
    (stream,) = {record.stream for record in pieces}
    assert {record.remote for record in pieces} == {("127.0.0.1", https_port)}
    assert not any(record.guessed for record in pieces)
    for way in ("out", "in"):
        numbers = sorted({record.operation for record in pieces if record.direction == way})
        assert numbers == list(range(len(numbers)))
    assert [record.stream for record in found if isinstance(record, StreamEnd)] == [stream]


async def test_more_than_a_mebibyte_at_once_is_cut_and_said(watch, https_port, tmp_path):
    """The begin is kept, the true size is told, and the piece that follows is marked."""
    path = tmp_path / "large"
    path.write_bytes(b"x" * 3_000_000)
    program = CLIENT.replace("link.request", "link.blocksize = 1 << 22; link.request")
    found = await watch([sys.executable, "-c", program, str(https_port), str(path), "2"], ["tls"])
    large = [record for record in found if isinstance(record, Chunk) and record.direction == "out" and record.total > 1 << 20]
    (first, *_) = sorted({record.operation for record in large})
    pieces = [record for record in large if record.operation == first]
    assert {record.total for record in pieces} == {3_000_000}
    assert sum(len(record.data) for record in pieces) == 1 << 20
    after = next(record for record in found if isinstance(record, Chunk) and record.direction == "out" and record.operation == first + 1)
    assert after.missing


async def test_connections_of_threads_do_not_mix(watch, https_port, tmp_path):
    """Eight at once, each with its own bytes."""
    program = """
import http.client, ssl, sys, threading
def work(letter):
    link = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context())
    for _ in range(5):
        link.request("POST", "/echo", letter * 20000); link.getresponse().read()
threads = [threading.Thread(target=work, args=(letter,)) for letter in "abcdefgh"]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    found = await watch([sys.executable, "-c", program, str(https_port)], ["tls"])
    bodies: dict[object, bytes] = {}
    for record in found:
        if isinstance(record, Chunk) and record.direction == "out" and not record.data.startswith(b"POST"):
            bodies[record.stream] = bodies.get(record.stream, b"") + record.data
    assert sorted(bodies.values()) == [letter.encode() * 100_000 for letter in "abcdefgh"]


async def test_a_connection_that_was_open_before_is_seen_from_now_on(probe, until_exit, https_port):
    """A client with a kept connection is joined between two requests; the second is whole, with its address."""
    program = """
import http.client, ssl, sys
link = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context())
link.request("GET", "/first"); link.getresponse().read()
print("ready", flush=True); sys.stdin.readline()
link.request("GET", "/second"); link.getresponse().read()
"""
    process = subprocess.Popen([sys.executable, "-c", program, str(https_port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    await probe.track(process.pid, ["tls"])
    process.stdin.write(b"\n")
    process.stdin.close()
    found = await until_exit(probe, process.pid)
    process.wait()
    process.stdout.close()
    told = bytes_by_direction(found)
    assert told["out"].startswith(b"GET /second")
    assert {record.remote for record in found if isinstance(record, Chunk)} == {("127.0.0.1", https_port)}
