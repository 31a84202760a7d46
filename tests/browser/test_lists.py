"""Lists of other people's data: they fit their place, and a conversation is told whole."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.browser.telling import tell
from tests.flow.conftest import SECOND_NS, span, spans


@pytest.mark.parametrize("path", ["/agents", "/executions", "/sessions", "/traces"])
def test_a_list_fits_a_usual_screen(page: Callable[..., Any], path: str) -> None:
    """Without scrolling sideways: no last column is cut."""
    shown = page(path)
    shown.locator("a[data-row]").first.wait_for()
    inner = "document.querySelector('[role=table]').parentElement"
    assert shown.evaluate(f"{inner}.scrollWidth - {inner}.clientWidth") == 0


def test_a_search_for_sessions_that_finds_none_is_cleared(page: Callable[..., Any]) -> None:
    """By a button, which leads back to all of them."""
    shown = page("/sessions?query=agent:nobody")
    shown.get_by_role("button", name="Clear the search").last.click()
    shown.wait_for_url(lambda url: "query=" not in url)
    shown.locator("a[data-row]").first.wait_for()


def said(role: str, text: str) -> str:
    """Messages as GenAI attributes carry them."""
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


def test_a_turn_in_words_that_were_said_before_is_told_all_the_same(open_page: Callable[..., Any], fed: Any) -> None:
    """Somebody says "yes" twice, and is answered alike."""
    project, begin_ns = "repeats", time.time_ns() - 60 * SECOND_NS
    words = {"gen_ai__input__messages": said("user", "yes, go on"), "gen_ai__output__messages": said("assistant", "Done, what next?")}
    for turn in (0, 1):
        told = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "gpt-4o", "gen_ai__conversation__id": "twice", **words}
        tell(fed, project, spans(span("chat", trace=secrets.token_bytes(16), start_ns=begin_ns + turn * 5 * SECOND_NS, **told)))
    shown = open_page(fed, f"/sessions/twice?project={project}")
    second = shown.get_by_role("article", name="Turn 2")
    second.get_by_text("yes, go on").wait_for()
    second.get_by_text("Done, what next?").wait_for()
