"""What a watch tells, made less: without content, only a share of the calls, without secrets.

In: Told. Out: Told with as much of it as is wanted. Whatever is left out is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from spyglass.collect.system.sieve import sampled
from spyglass.model.told import Attributes, Event, Span, Told, Value
from spyglass.plugin.contracts import Tally

__all__ = ["Scrub", "Shape"]

Scrub = Callable[[str], str]
"""A text in, the same without secrets out. Where it fails, the text is not told."""

_HIDDEN: Final = "[REDACTED]"
_CONTENT: Final = frozenset(
    "gen_ai.input.messages gen_ai.output.messages gen_ai.system_instructions gen_ai.tool.definitions gen_ai.tool.call.arguments gen_ai.tool.call.result "
    "mcp.request.argument mcp.response.result url.query".split()
)
_RUN: Final = "invoke_agent"  # the spans that all others hang on


class Shape:
    """The rules of a watch; all of them together change nothing by default."""

    def __init__(self, tally: Tally, *, content: bool = True, share: float = 1.0, scrub: Scrub | None = None) -> None:
        self._tally, self._content, self._share, self._scrub = tally, content, share, scrub

    def __call__(self, told: Told) -> Told:
        """What is left of it."""
        if self._content and self._share >= 1 and self._scrub is None:
            return told
        spans = [span for span in told.spans if self._chosen(span)]
        if left_out := len(told.spans) - len(spans):
            self._tally.dropped("sampled", left_out)
        return replace(told, spans=[self._span(span) for span in spans], events=[self._event(event) for event in told.events])

    def _chosen(self, span: Span) -> bool:
        return span.attributes.get("gen_ai.operation.name") == _RUN or sampled(span.span_id.hex(), self._share)

    def _span(self, span: Span) -> Span:
        attributes = self._attributes(span.attributes)
        failed = span.failed if span.failed is None else self._text(span.failed)
        return replace(span, name=self._text(span.name), attributes=attributes, failed=failed, events=[self._event(event) for event in span.events])

    def _event(self, event: Event) -> Event:
        body = self._value(event.body) if self._content or not event.name.startswith("mcp.") else None
        return replace(event, attributes=self._attributes(event.attributes), body=body)

    def _attributes(self, attributes: Attributes) -> Attributes:
        kept = attributes if self._content else {name: value for name, value in attributes.items() if name not in _CONTENT}
        return kept if self._scrub is None else {name: self._value(value) for name, value in kept.items()}

    def _value(self, value: Value) -> Value:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {name: self._value(one) for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._value(one) for one in value]
        return value

    def _text(self, text: str) -> str:
        if self._scrub is None:
            return text
        try:
            return self._scrub(text)
        except Exception:
            self._tally.dropped("redaction_failed")
            return _HIDDEN
