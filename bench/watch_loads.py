"""What is watched in `bench watch`, each a program of its own: `python -m bench.watch_loads NAME …`. Nothing here knows of Spyglass.

`serve` is the other side: an HTTPS server whose model needs 80 ms, and a TLS echo; it is not watched.
"""

from __future__ import annotations

import http.server
import json
import os
import resource
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

ANSWER_S = 0.08
EVENTS = 20
PROMPT = "Where do boats go, and why? " * 1200  # 33 kB
TURNS = 8
EXCHANGES = 10_000
MESSAGE = b"x" * 1024
SHELL = "ls -la > listing && grep -c . listing > count && mv listing kept && cat kept count > /dev/null; rm -f kept count"


class Model(http.server.BaseHTTPRequestHandler):
    """Chat completions, streamed: 20 events over 80 ms."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        begin = time.monotonic()
        for number in range(EVENTS):
            time.sleep(max(0.0, begin + ANSWER_S * (number + 1) / EVENTS - time.monotonic()))
            self.chunk({"choices": [{"index": 0, "delta": {"role": "assistant", "content": f"word {number} "}}]})
        self.chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 8000, "completion_tokens": EVENTS}})
        self.wfile.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")

    def chunk(self, content: dict[str, object]) -> None:
        line = f"data: {json.dumps({'id': 'chatcmpl-1', 'object': 'chat.completion.chunk', 'model': 'bench-1', **content})}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))

    def log_message(self, *_: object) -> None:
        pass


class Echo(socketserver.BaseRequestHandler):
    """Gives back what comes."""

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := self.request.recv(1 << 16):
            self.request.sendall(data)


class Echoes(socketserver.ThreadingTCPServer):
    """A thread for each connection."""

    daemon_threads = True


def serve(certificate: str, key: str) -> None:
    """Print both ports, and serve until standard input ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    servers = (http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model), Echoes(("127.0.0.1", 0), Echo))
    for server in servers:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(*(server.server_address[1] for server in servers), flush=True)
    sys.stdin.read()


def agent(port: str, folder: str) -> None:
    """Model calls with streamed answers, shell commands, files."""
    import httpx  # noqa: PLC0415 - the other programs do not load it

    place = Path(folder, str(os.getpid()))
    place.mkdir()
    with httpx.Client(verify=False, timeout=60) as client:
        for turn in range(TURNS):
            body = {"model": "bench-1", "stream": True, "messages": [{"role": "user", "content": f"{turn} {PROMPT}"}]}
            with client.stream("POST", f"https://127.0.0.1:{port}/v1/chat/completions", json=body) as answer:
                words = [line for line in answer.iter_lines() if line]
            assert words[-1] == "data: [DONE]"
            subprocess.run(["sh", "-c", SHELL], cwd=place, check=True)
            for number in range(5):
                path = place / f"{turn}-{number}.txt"
                path.write_text("\n".join(words))
                path.rename(path.with_suffix(".md"))
                path.with_suffix(".md").read_text()
    shutil.rmtree(place)


def pingpong(port: str) -> None:
    """Small messages over one TLS connection, there and back, and nothing else."""
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", int(port))) as plain, context.wrap_socket(plain) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(EXCHANGES):
            link.sendall(MESSAGE)
            left = len(MESSAGE)
            while left:
                left -= len(link.recv(left))


def send(port: str, size: str) -> None:
    """One large payload in a single call, and the same back."""
    context = ssl._create_unverified_context()
    body = bytes(range(256)) * (int(size) // 256)
    with socket.create_connection(("127.0.0.1", int(port))) as plain, context.wrap_socket(plain) as link:
        threading.Thread(target=link.sendall, args=(body,)).start()
        left = len(body)
        while left:
            left -= len(link.recv(left))


def storm(rate: str, seconds: str, told: str) -> None:
    """Failing changes at a rate; writes how many, and how long that took."""
    begin, done, goal, lasts = time.monotonic(), 0, 0, float(seconds)
    while (since := time.monotonic() - begin) < lasts:
        if done >= goal:
            goal = int(since * int(rate))
            time.sleep(0.001)
        for _ in range(min(goal - done, 1000)):
            try:
                os.unlink(b"/none/such")  # noqa: PTH108 - as quick as can be
            except OSError:
                done += 1
    Path(told).write_text(f"{done} {time.monotonic() - begin}")


def runs(count: str, told: str, *argv: str) -> None:
    """Run a command again and again; writes the seconds of each run, and those of its own on processors, as JSON."""
    took = []
    for _ in range(int(count)):
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append((time.perf_counter() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    Path(told).write_text(json.dumps(took))


if __name__ == "__main__":
    {each.__name__: each for each in (serve, agent, pingpong, send, storm, runs)}[sys.argv[1]](*sys.argv[2:])
