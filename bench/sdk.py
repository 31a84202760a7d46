"""What a decorated call costs beside a bare OpenTelemetry span with the same attributes: `python bench/sdk.py [--rounds N] [--calls N]`.

Both write the same attributes, the JSON of what goes in and out included, to the same provider, whose processor drops spans as they end. Rounds of both
are interleaved and the order changes; the medians of their CPU times are compared. The bar is 1.3.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

from spyglass_sdk import observe

BAR = 1.3


def timed(call: Callable[[], Any], calls: int) -> float:
    """CPU microseconds of one call."""
    began = time.process_time_ns()
    for _ in range(calls):
        call()
    return (time.process_time_ns() - began) / calls / 1e3


def tool_pair(tracer: trace.Tracer) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A plain tool, by hand and decorated."""

    def work(query: str, limit: int) -> dict[str, Any]:
        return {"found": limit, "query": query}

    def bare() -> dict[str, Any]:
        with tracer.start_as_current_span("execute_tool work") as span:
            span.set_attribute("gen_ai.operation.name", "execute_tool")
            span.set_attribute("gen_ai.tool.name", "work")
            span.set_attribute("gen_ai.tool.call.arguments", json.dumps({"query": "boats", "limit": 3}, ensure_ascii=False))
            result = work("boats", 3)
            span.set_attribute("gen_ai.tool.call.result", json.dumps(result, ensure_ascii=False))
            return result

    decorated = observe(kind="tool")(work)
    return bare, lambda: decorated("boats", 3)


def llm_pair(tracer: trace.Tracer) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A model call, by hand and decorated, with messages and tokens."""
    question = [{"role": "user", "content": "Where do boats go?"}]
    answer = {
        "id": "chatcmpl-1",
        "model": "gpt-5",
        "choices": [{"message": {"role": "assistant", "content": "Out to sea."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 4},
    }

    def ask(messages: list[dict[str, str]], model: str) -> dict[str, Any]:  # noqa: ARG001 - what a client takes
        return answer

    def parts(role: str, text: str) -> dict[str, Any]:
        return {"role": role, "parts": [{"type": "text", "content": text}]}

    def bare() -> dict[str, Any]:
        with tracer.start_as_current_span("chat gpt-5", kind=trace.SpanKind.CLIENT) as span:
            span.set_attribute("gen_ai.operation.name", "chat")
            span.set_attribute("gen_ai.provider.name", "openai")
            span.set_attribute("gen_ai.request.model", "gpt-5")
            span.set_attribute("gen_ai.input.messages", json.dumps([parts(one["role"], one["content"]) for one in question], ensure_ascii=False))
            result = ask(question, "gpt-5")
            choice = result["choices"][0]
            span.set_attribute("gen_ai.response.model", result["model"])
            span.set_attribute("gen_ai.response.id", result["id"])
            span.set_attribute("gen_ai.response.finish_reasons", [choice["finish_reason"]])
            span.set_attribute("gen_ai.usage.input_tokens", result["usage"]["prompt_tokens"])
            span.set_attribute("gen_ai.usage.output_tokens", result["usage"]["completion_tokens"])
            out = [{**parts(choice["message"]["role"], choice["message"]["content"]), "finish_reason": choice["finish_reason"]}]
            span.set_attribute("gen_ai.output.messages", json.dumps(out, ensure_ascii=False))
            return result

    decorated = observe(kind="llm", provider="openai")(ask)
    return bare, lambda: decorated(question, "gpt-5")


def step_pair(tracer: trace.Tracer) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A step without content, a coroutine: what the wrapping alone costs."""
    loop = asyncio.new_event_loop()

    async def step() -> None:
        return None

    async def bare() -> None:
        with tracer.start_as_current_span("step") as span:
            span.set_attribute("openinference.span.kind", "CHAIN")
            await step()

    decorated = observe(kind="chain", capture="off")(step)
    return lambda: loop.run_until_complete(bare()), lambda: loop.run_until_complete(decorated())


def compare(pair: tuple[Callable[[], Any], Callable[[], Any]], rounds: int, calls: int) -> tuple[float, float]:
    """Median microseconds of both."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 2):
        for which in (0, 1) if turn % 2 else (1, 0):
            took = timed(pair[which], calls)
            if turn > 1:  # the first two warm up
                times[which].append(took)
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=500)
    options = parser.parse_args()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SpanProcessor())
    trace.set_tracer_provider(provider)
    tracer = trace.get_tracer("bench")
    print(f"{'':16} {'bare us':>9} {'decorated us':>13} {'ratio':>6}")
    worst = 0.0
    for name, make in (("tool call", tool_pair), ("model call", llm_pair), ("async step", step_pair)):
        bare, decorated = compare(make(tracer), options.rounds, options.calls)
        worst = max(worst, decorated / bare)
        print(f"{name:16} {bare:9.2f} {decorated:13.2f} {decorated / bare:6.2f}")
    print(f"bar {BAR}: {'kept' if worst <= BAR else 'missed'}")


if __name__ == "__main__":
    main()
