"""Connections and names as the kernel saw them."""

from __future__ import annotations

import errno
import socket
import sys

from spyglass.collect.records import Accept, Close, Connect, Datagram

SERVER_AND_CLIENT = """
import os, socket
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen()
if os.fork() == 0:
    link = socket.create_connection(listener.getsockname()); link.sendall(b"x" * 5000)
    while link.recv(4096): pass
    os._exit(0)
link, _ = listener.accept()
left = 5000
while left: left -= len(link.recv(4096))
link.sendmsg([b"y" * 1000, b"z" * 234]); link.close(); os.wait()
"""

# Connections to a port that answers nobody, each asked for its error without pause while a child ends it as `ss --kill` does; where it may not, they time out.
IMPATIENT = """
import mmap, os, socket, struct, sys
port, turn, links = int(sys.argv[1]), mmap.mmap(-1, 1), []
for _ in range(50):
    link = socket.socket(); link.setblocking(False)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 100)
    link.connect_ex(("127.0.0.1", port)); links.append(link)
cpus = sorted(os.sched_getaffinity(0))
if os.fork() == 0:
    os.sched_setaffinity(0, cpus[:1])
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)
    here = socket.inet_aton("127.0.0.1")
    for number, link in enumerate(links):
        ends = struct.pack("!HH4s12x4s12x4x", link.getsockname()[1], port, here, here) + b"\\xff" * 8
        while turn[0] < number: pass
        kernel.send(struct.pack("=IHHIIBBBxI", 72, 21, 5, 0, 0, socket.AF_INET, socket.IPPROTO_TCP, 0, 0xffffffff) + ends)
    os._exit(0)
os.sched_setaffinity(0, cpus[-1:])
for number, link in enumerate(links):
    turn[0] = number
    while not link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR): pass
os.wait()
"""


async def test_both_ends_of_a_connection_are_told_with_their_bytes(watch):
    """Who asked, who accepted, what went each way; the two ends mirror each other."""
    found = await watch([sys.executable, "-c", SERVER_AND_CLIENT], ["network"])
    (asked,) = [record for record in found if isinstance(record, Connect) and record.transport == "tcp"]
    (taken,) = [record for record in found if isinstance(record, Accept)]
    assert (asked.remote, asked.local) == (taken.local, taken.remote)
    ends = {record.socket: record for record in found if isinstance(record, Close)}
    assert (ends[asked.socket].sent_bytes, ends[asked.socket].received_bytes) == (5000, 1234)
    assert (ends[taken.socket].sent_bytes, ends[taken.socket].received_bytes) == (1234, 5000)
    assert ends[asked.socket].opened_ns == asked.time_ns


async def test_refused_and_missing_are_told(watch, tmp_path):
    """A closed port, and a Unix socket that is not there."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    program = f"""
import socket
socket.socket().connect_ex(("127.0.0.1", {port}))
socket.socket(socket.AF_UNIX).connect_ex("{tmp_path}/none")
"""
    found = [record for record in await watch([sys.executable, "-c", program], ["network"]) if isinstance(record, Connect)]
    assert [(record.remote, record.transport, -record.result) for record in found] == [
        (("127.0.0.1", port), "tcp", errno.ECONNREFUSED),
        ((f"{tmp_path}/none", 0), "unix", errno.ENOENT),
    ]


async def test_questions_to_name_servers_are_told(watch):
    """However they are sent: to a name, over a connected socket, many at once as the C library does."""
    program = """
import socket
question = b"\\x12\\x34" + b"\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + b"\\7example\\3com\\0\\0\\1\\0\\1"
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.sendto(question, ("127.0.0.153", 53))
link.connect(("127.0.0.153", 53)); link.sendmsg([question])
"""
    found = [record for record in await watch([sys.executable, "-c", program], ["network"]) if isinstance(record, Datagram)]
    assert [record.remote for record in found] == [("127.0.0.153", 53)] * 2
    assert all(record.direction == "out" and b"example" in record.data for record in found)


async def test_ipv4_in_ipv6_is_told_as_ipv4(watch):
    """A socket of both kinds that talks to an IPv4 address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"import socket; socket.socket(socket.AF_INET6).connect(('::ffff:127.0.0.1', {port}))"
        found = await watch([sys.executable, "-c", program], ["network"])
    assert ("127.0.0.1", port) in {record.remote for record in found if isinstance(record, Connect)}


async def test_failure_is_told_though_the_program_did_not_wait(watch):
    """Refused before `connect` returns, as loopback does; and timed out later at a listener that takes nobody, while the program does something else."""
    with socket.socket() as unused, socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        unused.bind(("127.0.0.1", 0))
        closed, busy = unused.getsockname()[1], full.getsockname()[1]
        program = f"""
import select, socket
for port in ({closed}, {busy}):
    link = socket.socket(); link.setblocking(False)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 100)
    link.connect_ex(("127.0.0.1", port)); select.select([], [link], [])
    link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR); link.close()
"""
        found = [record for record in await watch([sys.executable, "-c", program], ["network"]) if isinstance(record, Connect)]
    assert [(record.remote.port, -record.result) for record in found] == [
        (closed, errno.ECONNREFUSED),
        (busy, errno.EINPROGRESS),
        (busy, errno.ETIMEDOUT),
    ]
    assert len({record.actor for record in found}) == 1


async def test_failure_is_told_though_the_program_takes_the_error_at_once(watch):
    """Who asks for the error takes it from the socket, on another processor than the one that still ends the connection."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        argv = [sys.executable, "-c", IMPATIENT, str(full.getsockname()[1])]
        found = [record for record in await watch(argv, ["network"]) if isinstance(record, Connect)]
    asked = [record for record in found if record.result == -errno.EINPROGRESS]
    failed = [record for record in found if record.result in (-errno.ECONNABORTED, -errno.ETIMEDOUT)]
    assert [record.socket for record in failed] == [record.socket for record in asked]
    assert len(asked) == 50
    assert len({record.actor for record in found}) == 1


MESSAGES = """
import socket, sys
ears = [socket.socket(family, socket.SOCK_DGRAM) for family in (socket.AF_INET, socket.AF_INET, socket.AF_INET6)]
for ear, host in zip(ears, ("127.0.0.1", "127.0.0.1", "::1")): ear.bind((host, 0))
mouth, six = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
for _ in range(3): mouth.sendto(b"x" * 40, ears[0].getsockname())
mouth.sendmsg([b"y" * 10], [], 0, ears[1].getsockname())
six.sendto(b"z", ears[2].getsockname())
print(*(ear.getsockname()[1] for ear in ears), file=open(sys.argv[1], "w"))
"""


async def test_peers_of_messages_without_a_connection_are_told_once_each(watch, tmp_path):
    """`sendto` names another peer each time: the socket itself knows none."""
    found = await watch([sys.executable, "-c", MESSAGES, str(tmp_path / "ports")], ["network"])
    one, two, six = (int(port) for port in (tmp_path / "ports").read_text().split())
    told = [(record.remote.address, record.remote.port) for record in found if isinstance(record, Connect) and record.message]
    assert told == [("127.0.0.1", one), ("127.0.0.1", two), ("::1", six)]


async def test_what_was_only_looked_at_is_counted_once(watch):
    """MSG_PEEK leaves the bytes where they are."""
    program = """
import socket
here, there = socket.socketpair()
here.sendall(b"x" * 100)
for _ in range(3): there.recv(100, socket.MSG_PEEK)
there.recv(100)
"""
    found = await watch([sys.executable, "-c", program], ["network"])
    assert sorted(record.received_bytes for record in found if isinstance(record, Close)) == [0, 100]
