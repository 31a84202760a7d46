# ruff: noqa: ARG001 - fixtures that are only there, and functions that are only called
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass_sdk import observation, observe, settings
from spyglass_sdk.content import cut, dump, text_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(VALUES, st.integers(16, 2000))
def test_any_value_becomes_bounded_text(value, most):
    """Whatever it is, it can be sent, and is no longer than it may be."""
    text, _ = text_of(value, most)
    assert len(text.encode("utf-8")) <= most


@given(st.text(st.characters()), st.integers(16, 300))
def test_cutting_keeps_the_beginning(text, most):
    """What fits is whole; what is cut begins as it began."""
    kept, was_cut = cut(text, most)
    if not was_cut:
        assert kept.encode("utf-8") == text.encode("utf-8", "replace")
    else:
        assert text.encode("utf-8", "replace").startswith(kept.removesuffix("…").encode("utf-8")[:-4])


def test_what_refers_to_itself_ends():
    """A circle is no trap, and neither is an object whose repr raises."""

    class Angry:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    circle: list = [Angry()]
    circle.append(circle)
    text, was_cut = dump(circle, 10_000)
    assert "<Angry>" in text
    assert was_cut


def test_huge_values_cost_little():
    """Ten million items are not walked."""
    text, was_cut = dump(range(10**7), 1000)
    assert len(text) < 1000
    assert was_cut or text == '"range(0, 10000000)"'
    assert dump([0] * 10**6, 100)[1]


@pytest.mark.parametrize(("capture", "told"), [("full", True), ("metadata", False), ("off", False)])
def test_capture_modes(capture, told, memory, only):
    """Full tells content, metadata its shape, off nothing of it, not even in errors."""
    settings.use(settings.Recording(capture=capture))

    @observe(kind="tool")
    def look(secret: str) -> str:
        raise ValueError(f"no {secret}")

    with pytest.raises(ValueError, match="hush"):
        look("hush")
    text = only().to_json()
    assert ('"hush"' in json.dumps(dict(only().attributes)).replace("\\", "")) is told
    assert ("str[4]" in text) is (capture == "metadata")
    if capture == "off":
        assert "hush" not in text


def test_long_payloads_are_cut_and_said_to_be(memory, only):
    """The limit holds for each input and output."""
    settings.use(settings.Recording(max_payload_bytes=100))
    with observation("x", kind="tool") as step:
        step.input("y" * 1000)
    told = only().attributes
    assert len(told["gen_ai.tool.call.arguments"].encode()) <= 100
    assert told["spyglass.content.cut"] == ("gen_ai.tool.call.arguments",)
