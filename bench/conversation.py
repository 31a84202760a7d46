"""What long conversations cost on disk, beside storing every call's messages in full."""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.server import server, stored_bytes
from bench.workload import _kv, _say

__all__ = ["main"]

_CONVERSATIONS = 40
_CALLS = 60
_WORDS = 60  # of one message


def _bodies() -> tuple[list[bytes], int]:
    """One request per call of each conversation, and the bytes of all their messages."""
    rng = random.Random(11)
    bodies, size = [], 0
    begin = time.time_ns() - 3600 * 10**9
    for number in range(_CONVERSATIONS):
        trace, root = rng.randbytes(16), rng.randbytes(8)
        history = [{"role": "system", "parts": [{"type": "text", "content": _say(rng, 400)}]}]
        for call in range(_CALLS):
            history.append({"role": "user", "parts": [{"type": "text", "content": _say(rng, _WORDS)}]})
            answer = {"role": "assistant", "parts": [{"type": "text", "content": _say(rng, _WORDS)}]}
            request = ExportTraceServiceRequest()
            span = request.resource_spans.add().scope_spans.add().spans.add()
            span.trace_id, span.span_id, span.parent_span_id, span.name = trace, rng.randbytes(8), root, "chat gpt-4o"
            span.start_time_unix_nano = begin + (number * _CALLS + call) * 10**9
            span.end_time_unix_nano = span.start_time_unix_nano + 10**8
            told = (json.dumps(history), json.dumps([answer]))
            size += sum(len(text) for text in told)
            pairs = [("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "gpt-4o"), ("gen_ai.conversation.id", f"c-{number}")]
            span.attributes.extend(_kv(*pair) for pair in [*pairs, ("gen_ai.input.messages", told[0]), ("gen_ai.output.messages", told[1])])
            bodies.append(request.SerializeToString())
            history.append(answer)
    return bodies, size


def main() -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    bodies, full = _bodies()
    with tempfile.TemporaryDirectory(prefix="spyglass-bench-") as folder:
        with server(Path(folder)) as running, httpx.Client(timeout=60) as client:
            for body in bodies:
                client.post(f"{running.url('otlp_http')}/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}).raise_for_status()
            ask = "SELECT count() AS n FROM spans"
            while client.post(f"{running.url()}/api/v1/sql", json={"sql": ask}).json()["items"][0]["n"] < len(bodies):
                time.sleep(0.1)
            time.sleep(20)  # merges
        kept = sum(stored_bytes(Path(folder)).values())
    return [
        (f"{_CONVERSATIONS} conversations of {_CALLS} calls, messages in full", f"{full / 2**20:.1f} MB as sent"),
        ("on disk: spans, originals, messages, indexes", f"{kept / 2**20:.1f} MB = 1/{full / kept:.0f}"),
    ]


if __name__ == "__main__":
    for what, measured in main():
        print(f"{what:60} {measured}")
