"""What is told is as little as is wanted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from spyglass.collect.shaping import Shape
from spyglass.model.told import Event, Span, Told


@dataclass
class Tally:
    """Counts what is left out."""

    drops: Counter[str] = field(default_factory=Counter)

    def seen(self, count: int = 1) -> None:
        """Nobody asks."""

    def dropped(self, reason: str, count: int = 1) -> None:
        self.drops[reason] += count


def span(number: int = 1, **attributes: str) -> Span:
    return Span("chat m", 1, 2, bytes(16), number.to_bytes(8), attributes={name.replace("__", "."): value for name, value in attributes.items()})


def test_nothing_changes_by_default() -> None:
    """It is the same object."""
    told = Told({}, [Event("mcp.notification", 1, body="b")], [span(gen_ai__input__messages="hello")])
    assert Shape(Tally())(told) is told


def test_without_content_a_call_keeps_its_figures() -> None:
    """What was said, asked and answered is left out."""
    told = Told({}, [Event("mcp.notification", 1, body="b")], [span(gen_ai__input__messages="hello", gen_ai__request__model="m")])
    shaped = Shape(Tally(), content=False)(told)
    assert (dict(shaped.spans[0].attributes), shaped.events[0].body) == ({"gen_ai.request.model": "m"}, None)


def test_a_share_of_the_calls_is_told_and_the_rest_counted() -> None:
    """The runs of agents always are: all else hangs on them."""
    tally = Tally()
    told = Told({}, (), [span(0, gen_ai__operation__name="invoke_agent"), *(span(number) for number in range(1, 1001))])
    shaped = Shape(tally, share=0.25)(told)
    assert 150 < len(shaped.spans) < 350
    assert shaped.spans[0].span_id == bytes(8)
    assert tally.drops == {"sampled": 1001 - len(shaped.spans)}


def test_secrets_are_taken_out_of_all_texts() -> None:
    """Wherever they are; a text that fails to be read is not told."""

    def scrub(text: str) -> str:
        if text == "bad":
            raise ValueError
        return text.replace("hush", "***")

    tally = Tally()
    made = Span("hush", 1, 2, bytes(16), bytes(8), attributes={"a": ["hush", {"b": "hush"}], "n": 1, "c": "bad"}, failed="hush")
    shaped = Shape(tally, scrub=scrub)(Told({}, [Event("e", 1, body={"t": "hush"})], [made]))
    assert (shaped.spans[0].name, shaped.spans[0].failed, shaped.events[0].body) == ("***", "***", {"t": "***"})
    assert shaped.spans[0].attributes == {"a": ["***", {"b": "***"}], "n": 1, "c": "[REDACTED]"}
    assert tally.drops == {"redaction_failed": 1}
