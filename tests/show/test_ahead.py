"""What a page asks for first goes with it, for addresses that the app would ask for letter by letter, and for nobody who needs a key."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.responses import JSONResponse

from spyglass.show.ahead import ahead
from spyglass.show.site import Site

LIST = "</api/v1/traces?project={}&from={}&to=now&sort=start&limit=50>; rel=preload; as=fetch; crossorigin"


@pytest.mark.parametrize(
    ("search", "expected"),
    [("", LIST.format("default", "-24h")), ("project=shop.eu&from=-1h", LIST.format("shop.eu", "-1h")), ("from=-7d", LIST.format("default", "-7d"))],
)
def test_the_list_is_asked_for_with_its_page(search: str, expected: str) -> None:
    """Where the address says no more than whose traces and since when."""
    assert ahead("/traces", search) == expected


@pytest.mark.parametrize(
    "search",
    ["query=is:error", "sort=cost", "to=-1h", "from=2026-01-01", "project=", "project=a&project=b", "project=a%0d%0ax", "x" * 20_000, "&".join(["a=b"] * 50)],
)
def test_other_addresses_are_left_to_the_app(search: str) -> None:
    """It may read them in another way, and what was asked for in vain costs a query."""
    assert ahead("/traces", search) == ""


@pytest.mark.parametrize("path", ["/traces/abc", "/agents", "/traces/", "/embed/traces"])
def test_other_pages_ask_themselves(path: str) -> None:
    """As they always did."""
    assert ahead(path, "") == ""


@pytest.mark.parametrize("keyed", [False, True])
async def test_nothing_is_asked_for_where_a_key_is_needed(tmp_path: Path, keyed: bool) -> None:
    """The answer would be a refusal, in the place of the one that the app asks for with its key."""
    (tmp_path / "index.html").write_text("__CSP_NONCE__")
    site = Site(JSONResponse({}, 404), (), tmp_path, keyed=keyed)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://spy.lan") as client:
        assert ("link" in (await client.get("/")).headers) is not keyed
