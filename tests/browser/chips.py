"""Chips of a page, pressed faster than it is drawn anew."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

PRESS = """(names) => {
  const chips = [...document.querySelectorAll("fieldset button[aria-pressed]")];
  for (const name of names) chips.find((one) => one.textContent.startsWith(name)).click();
}"""


def press(page: Any, *names: str) -> None:
    """One after the other, all before the first of them shows."""
    page.evaluate(PRESS, list(names))


def chosen(page: Any, parameter: str, *names: str) -> None:
    """Wait until the address says that these are on, and so do the chips."""
    page.wait_for_url(lambda url: {one for text in parse_qs(urlsplit(url).query).get(parameter, []) for one in text.split(",")} == set(names))
    wanted = "(count) => document.querySelectorAll('fieldset button[aria-pressed=true]').length === count"
    page.wait_for_function(wanted, arg=len(names))
