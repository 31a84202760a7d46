"""What finding messages costs: spans per second of processor time.

    python -m bench.messages [--seconds 2]

`new` are model calls with one input and one output message, none of which was seen before (a fresh conversation each eight spans); `history` are calls that
repeat a hundred messages which are all known; `openai` and `flattened` are histories of twenty messages as raw requests and as OpenInference's attributes;
`none` are spans without messages.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.refine.dialect import Dialects
from spyglass.refine.messages.stage import Messages
from spyglass.testing import rows

Attributes = list[tuple[str, str]]

SIZE = 512
WORDS = "the weather in Paris is sunny and the flight to Lisbon leaves at noon from gate seven "


def text(role: str, content: str) -> dict[str, object]:
    """A message of the GenAI schema."""
    return {"role": role, "parts": [{"type": "text", "content": content}]}


def history(n: int) -> list[dict[str, object]]:
    """A conversation of n messages."""
    return [text("assistant" if i % 2 else "user", f"message {i}: {WORDS * 2}") for i in range(n)]


def new(i: int) -> Attributes:
    """A call that nobody saw before."""
    asked = json.dumps([text("user", f"question {i}: {WORDS * 2}")])
    answered = json.dumps([{**text("assistant", f"answer {i}: {WORDS * 2}"), "finish_reason": "stop"}])
    return [("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "m"), ("gen_ai.input.messages", asked), ("gen_ai.output.messages", answered)]


def batches(make: str, count: int) -> Iterator[Batch]:
    """`count` batches of SIZE spans."""
    known = json.dumps(history(100))
    raw = json.dumps({"model": "m", "messages": [{"role": told["role"], "content": told["parts"][0]["content"]} for told in history(20)]})  # type: ignore[index]
    flat = [
        (f"llm.input_messages.{i}.message.{key}", value)
        for i, told in enumerate(history(20))
        for key, value in (("role", str(told["role"])), ("content", f"message {i}: {WORDS * 2}"))
    ]
    fixed: dict[str, Attributes] = {"history": [("gen_ai.input.messages", known)], "openai": [("input.value", raw)], "flattened": flat, "none": [("a", "b")]}
    for at in range(0, count * SIZE, SIZE):
        attributes = [fixed.get(make) or new(i) for i in range(at, at + SIZE)]
        sessions = [f"session-{i // 8}" if make == "new" else "session" for i in range(at, at + SIZE)]
        types = ["s" * len(told) for told in attributes]
        yield Batch(Kind.SPAN, rows.spans(SIZE, kind="llm", attributes=attributes, attribute_types=types, session_id=sessions))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each line")
    options = parser.parse_args()
    sections = [dialect.messages for _, dialect in Dialects.load()]
    print(f"{'spans':12} {'us/span':>9} {'spans/cpu-s':>12}")
    for make in ("new", "history", "openai", "flattened", "none"):
        told = list(batches(make, 8))
        best, until = float("inf"), time.perf_counter() + options.seconds
        while time.perf_counter() < until:
            messages = Messages(sections)
            for batch in told:
                start = time.process_time()
                messages(batch)
                best = min(best, time.process_time() - start)
        print(f"{make:12} {best / SIZE * 1e6:>9.2f} {SIZE / best:>12,.0f}")


if __name__ == "__main__":
    main()
