"""What goes over standard streams that are pipes: how agents talk to their tool servers."""

from __future__ import annotations

import sys

from spyglass.collect.records import Chunk

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(b'{"id": 1, "text": "' + b"q" * 100000 + b'"}\\n'); child.stdin.flush()
child.stdout.readline(); child.stdin.close(); child.wait()
"""
CHILD = """
import os, sys
line = sys.stdin.buffer.readline()
os.writev(1, [b'{"id": 1, ', b'"result": "', b"r" * 50000, b'"}\\n'])
"""


async def test_both_directions_of_a_tool_server_are_whole(watch):
    """100 kB in by read, 50 kB out by writev."""
    found = await watch([sys.executable, "-c", PARENT, CHILD], ["stdio"])
    pieces = [record for record in found if isinstance(record, Chunk)]
    said = {number: b"".join(record.data for record in pieces if record.stream.handle == number) for number in (0, 1)}
    assert said[0] == b'{"id": 1, "text": "' + b"q" * 100_000 + b'"}\n'
    assert said[1] == b'{"id": 1, "result": "' + b"r" * 50_000 + b'"}\n'
    assert {record.stream.kind for record in pieces} == {"stdio"}
    assert not any(record.missing for record in pieces)


async def test_nothing_is_captured_unless_wanted(watch):
    """Contents of pipes are told on request only."""
    found = await watch([sys.executable, "-c", PARENT, CHILD], ["files", "network", "tls"])
    assert not any(isinstance(record, Chunk) for record in found)


MOVED = """
import os, sys
mine, yours = os.dup(0), os.dup(1)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0); os.dup2(int(sys.argv[1]), 1)
line = b""
while not line.endswith(b"\\n"): line += os.read(mine, 65536)
print("words to somebody else", flush=True)
os.write(yours, b'{"id": 1, "result": 2}\\n')
"""


async def test_streams_that_a_server_moved_to_other_numbers_are_read(watch):
    """The SDK of MCP keeps the pipes for itself and gives `print` another place: that place is no stream of the protocol."""
    parent = PARENT.replace("sys.argv[1]]", "sys.argv[1], str(elsewhere)]").replace("stdout=subprocess.PIPE)", "stdout=subprocess.PIPE, pass_fds=[elsewhere])")
    parent = parent.replace("import subprocess, sys", "import os, subprocess, sys\n_, elsewhere = os.pipe()")
    found = await watch([sys.executable, "-c", parent, MOVED], ["stdio", "network"])
    pieces = [record for record in found if isinstance(record, Chunk)]
    said = {number: b"".join(record.data for record in pieces if record.stream.handle == number) for number in (0, 1)}
    assert said == {0: b'{"id": 1, "text": "' + b"q" * 100_000 + b'"}\n', 1: b'{"id": 1, "result": 2}\n'}
