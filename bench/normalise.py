"""What normalising costs: rows per second of processor time, by kind of telemetry and rows per call.

    python -m bench.normalise [--seconds 2]

The GenAI spans have 13 attributes, as in the issue's load; `flattened` are OpenInference spans with 60 (messages as one attribute each); `plain` are spans of
the user's own, `logs` plain log records.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import pyarrow as pa

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.testing import rows

Attributes = list[tuple[str, str]]

SIZES = (512, 8192)


def genai(i: int) -> tuple[Attributes, str]:
    """A model call in today's conventions."""
    return [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "gpt-4o-mini"),
        ("gen_ai.response.model", "gpt-4o-mini-2024-07-18"),
        ("gen_ai.response.id", f"chatcmpl-{i:024x}"),
        ("gen_ai.response.finish_reasons", '["stop"]'),
        ("gen_ai.usage.input_tokens", str(1000 + i % 777)),
        ("gen_ai.usage.output_tokens", str(80 + i % 33)),
        ("gen_ai.usage.cache_read.input_tokens", str(i % 512)),
        ("gen_ai.request.temperature", "0.2"),
        ("gen_ai.conversation.id", f"conversation-{i // 16}"),
        ("server.address", "api.openai.com"),
        ("server.port", "443"),
    ], "sssssaiiidssi"


def flattened(i: int) -> tuple[Attributes, str]:
    """A model call of OpenInference with eighteen messages."""
    told = [
        ("openinference.span.kind", "LLM"),
        ("llm.model_name", "gpt-4o-mini-2024-07-18"),
        ("llm.provider", "openai"),
        ("llm.token_count.prompt", str(1000 + i)),
        ("llm.token_count.completion", "80"),
        ("llm.invocation_parameters", '{"model": "gpt-4o-mini", "temperature": 0.2}'),
        ("session.id", f"conversation-{i // 16}"),
        ("output.value", f'{{"id":"chatcmpl-{i:024x}","choices":[]}}'),
    ]
    for message in range(18):
        told += [
            (f"llm.input_messages.{message}.message.role", "user"),
            (f"llm.input_messages.{message}.message.content", f"What is the weather at place {i}?"),
            (f"llm.input_messages.{message}.message.name", "ada"),
        ]
    return told, "sssiisss" + "s" * (len(told) - 8)


def plain(i: int) -> tuple[Attributes, str]:
    """A span that is no agent's."""
    return [("http.request.method", "GET"), ("url.full", f"https://example.org/{i}"), ("http.response.status_code", "200"), ("thread.id", "1")], "ssii"


def spans(make: Callable[[int], tuple[Attributes, str]], n: int) -> Batch:
    """n spans with those attributes."""
    told = [make(i) for i in range(n)]
    columns = {"attributes": [attributes for attributes, _ in told], "attribute_types": [types for _, types in told]}
    table = rows.spans(n, name=[f"chat gpt-4o-mini {i % 3}" for i in range(n)], **columns)
    return Batch(Kind.SPAN, _wire(table))


def _wire(table: pa.Table) -> pa.Table:
    return table.drop_columns([name for name in ("kind", "operation", "provider", "model", "input_tokens") if name in table.column_names])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each line")
    options = parser.parse_args()
    normalise = Normaliser(Dialects.load())
    print(f"{'rows':12} {'per call':>8} {'ms/call':>9} {'rows/cpu-s':>12}")
    for name, batch in [(make.__name__, spans(make, n)) for make in (genai, flattened, plain) for n in SIZES] + [
        ("logs", Batch(Kind.EVENT, _wire(rows.events(n)))) for n in SIZES
    ]:
        normalise(batch)
        best = _best(lambda batch=batch: normalise(batch), options.seconds)  # type: ignore[misc]
        print(f"{name:12} {len(batch):>8} {best * 1e3:>9.2f} {len(batch) / best:>12,.0f}")


def _best(run: Callable[[], object], seconds: float) -> float:
    """Processor seconds of one call: the best of many."""
    best, until = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    main()
