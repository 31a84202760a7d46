"""Promises about paths that programs and browsers share."""

from __future__ import annotations

import pytest

from spyglass.show.programs import prefers_page


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/json, text/html;q=0.5", False),
        ("application/json;q=0.5, text/html", True),
        ("text/html;q=0, */*", False),
        ("text/html;q=nonsense", False),
        ("TEXT/HTML; charset=utf-8", True),
    ],
)
def test_only_who_prefers_html_gets_the_page(accept: str, page: bool) -> None:
    """Named, and wanted more than JSON."""
    assert prefers_page(accept) is page
