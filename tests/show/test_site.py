"""The web app is served whole, compressed and cached, under a policy that lets nothing else in."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.responses import JSONResponse

from spyglass.show.site import Site, policy

INDEX = '<meta content="__CSP_NONCE__"><script src="/assets/app-1.js"></script>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "assets/app-1.js").write_text("run()")
    (tmp_path / "assets/app-1.js.gz").write_bytes(gzip.compress(b"run()"))
    (tmp_path / ".stamp").write_text("secret")
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[httpx.AsyncClient]:
    """A browser, more or less."""
    site = Site(JSONResponse({"code": "not_found"}, 404), ["https://wiki.example.com"], folder)
    return httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://spy.lan:7700", headers={"accept-encoding": "identity"})


@pytest.mark.parametrize("path", ["/", "/traces", "/traces/abc?query=x", "/docs", "/embed/traces", "/index.html", "/agents/a.b"])
async def test_addresses_of_pages_give_the_app(client: httpx.AsyncClient, path: str) -> None:
    """The router in the browser knows what they mean."""
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "app-1.js" in answer.text


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api", "/health/x", "/v1/traces", "/assets/app-0.js"])
async def test_what_is_no_page_is_not_answered_with_one(client: httpx.AsyncClient, path: str) -> None:
    """A client of the API that mistypes gets a problem, and an old tab that wants a script gets no HTML."""
    assert (await client.get(path)).status_code == 404


async def test_nothing_is_posted_to_pages(client: httpx.AsyncClient) -> None:
    """They are for looking."""
    assert (await client.post("/traces")).status_code == 404


@pytest.mark.parametrize("path", ["/.stamp", "/assets/../.stamp", "/%2e%2e/%2e%2e/etc/passwd", "/..%5c.stamp", "/assets/%00.js"])
async def test_nothing_else_is_read(client: httpx.AsyncClient, path: str) -> None:
    """Whatever the path says, only files of the build."""
    assert "secret" not in (await client.get(path)).text


async def test_hashed_files_are_kept_forever_and_compressed(client: httpx.AsyncClient) -> None:
    """In the encoding that the browser takes; unchanged files are not sent again."""
    answer = await client.get("/assets/app-1.js", headers={"accept-encoding": "gzip, br"})
    assert (answer.text, answer.headers["content-encoding"]) == ("run()", "gzip")
    assert "immutable" in answer.headers["cache-control"]
    again = await client.get("/assets/app-1.js", headers={"accept-encoding": "gzip, br", "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/assets/app-1.js")).headers["etag"] != answer.headers["etag"]


async def test_each_page_has_a_nonce_of_its_own(client: httpx.AsyncClient) -> None:
    """In the page and in its policy, and nowhere twice."""
    answers = [await client.get("/") for _ in range(2)]
    nonces = [answer.text.split('"')[1] for answer in answers]
    assert nonces[0] != nonces[1]
    assert all(f"'nonce-{nonce}'" in answer.headers["content-security-policy"] for nonce, answer in zip(nonces, answers, strict=True))


async def test_the_policy_lets_nothing_else_in(client: httpx.AsyncClient) -> None:
    """No inline script, no eval, no other origin; frames only where the operator said so."""
    told = (await client.get("/traces")).headers["content-security-policy"]
    assert "unsafe" not in told
    assert "script-src 'self';" in told
    assert "frame-ancestors 'self'" in told
    assert "wiki" not in told
    assert "frame-ancestors 'self' https://wiki.example.com" in (await client.get("/embed/traces")).headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.example; script-src *", "a b", "", "x\r\ny"])
def test_a_strange_host_changes_no_policy(host: str) -> None:
    """The Host header comes from outside."""
    assert "ws:" not in policy("n", host, "'self'")


async def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    """In place of an error."""
    site = Site(JSONResponse({}, 404), (), tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://spy") as client:
        answer = await client.get("/")
    assert "hatch_build.py" in answer.text
