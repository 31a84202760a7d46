import socket, sys
from spyglass.collect.records import Connect
import errno, asyncio

async def test_taken(watch):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        port = full.getsockname()[1]
        program = f"""
import os, socket
os.sched_setaffinity(0, {{0}})
links = []
for _ in range(24):
    link = socket.socket(); link.setblocking(False)
    link.setsockopt(socket.IPPROTO_TCP, 18, 100)
    link.connect_ex(("127.0.0.1", {port})); links.append(link)
os.sched_setaffinity(0, {{1}})
while links:
    links = [link for link in links if not link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)]
"""
        found = [r for r in await watch([sys.executable, "-c", program], ["network"]) if isinstance(r, Connect)]
    failed=[r for r in found if r.result == -errno.ETIMEDOUT]
    print(len(failed), len(found))
    assert len(failed)==24
