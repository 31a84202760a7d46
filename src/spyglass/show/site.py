"""The web app, as Vite built it into the folder site/ beside this room: whatever no route of the API answers.

In: paths. Out: files of the build, compressed where the browser takes it; for addresses of pages the index, with a policy that lets the browser load
nothing from elsewhere and run nothing that is not a file of the build.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Final

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from spyglass.show.ahead import ahead

__all__ = ["Site"]

NONCE: Final = b"__CSP_NONCE__"  # as index.html has it
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))  # the better one first
_OURS: Final = re.compile(
    r"/(?:api|health|metrics|events/stream|runners|openapi\.json|v1|otel)(?:/|$)"
)  # what looks like an API is answered as one: 404 as problem+json
_HOST: Final = re.compile(r"[A-Za-z0-9._\-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_FOREVER: Final = "public, max-age=31536000, immutable"  # names in assets/ hold a hash of what is in them
_NOT_BUILT: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Spyglass</title>
<h1>Spyglass runs; its web app was not built</h1>
<p>From a checkout: <code>.venv/bin/python hatch_build.py</code>. Wheels bring it along.</p>
<p>The API is at <code>/api/v1</code>, described by <a href="/openapi.json">/openapi.json</a>.</p></html>
"""


class Site:
    """An ASGI app for what nobody else answered; `otherwise` answers what is not a page either. `keyed`: readers of the API need a key."""

    def __init__(self, otherwise: ASGIApp, embed_origins: Sequence[str] = (), folder: Path | None = None, *, keyed: bool = False) -> None:
        self.otherwise, self.keyed = otherwise, keyed
        self.embed_origins = " ".join(("'self'", *embed_origins))
        self.folder = folder or Path(str(files("spyglass") / "site"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD of pages and files."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or _OURS.match(scope["path"]):
            await self.otherwise(scope, receive, send)
            return
        answer = await anyio.to_thread.run_sync(self.answer, Request(scope))
        await (answer or self.otherwise)(scope, receive, send)

    def answer(self, request: Request) -> Response | None:
        """The file of that path, else the index for addresses of pages; None: a file that is not there."""
        path = request.url.path.lstrip("/")
        found = _file(self.folder, path)
        if found is not None and path != "index.html":
            return _answer_file(found, request.headers, _FOREVER if path.startswith("assets/") else "no-cache")
        if path.startswith("assets/"):  # of an older build: the index in its place would be a script that is HTML
            return None
        index = _file(self.folder, "index.html")
        return Response(_NOT_BUILT, 200, _SAFE, "text/html") if index is None else self._page(index.read_bytes(), request)

    def _page(self, index: bytes, request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        framed_by = self.embed_origins if request.url.path.startswith("/embed/") else "'self'"
        headers = {**_SAFE, "Cache-Control": "no-store", "Content-Security-Policy": policy(nonce, request.headers.get("host", ""), framed_by)}
        if not self.keyed and (first := ahead(request.url.path, request.url.query)):
            headers["Link"] = first
        return Response(index.replace(NONCE, nonce.encode()), 200, headers, "text/html")


def policy(nonce: str, host: str, framed_by: str) -> str:
    """A Content-Security-Policy: everything from here, no inline script, no eval; `<style>` only with the nonce."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""  # older browsers do not take 'self' for these
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {framed_by}",
        )
    )


def _answer_file(path: Path, headers: Headers, caching: str) -> Response:
    """The file, in the best encoding that the browser takes and the build made."""
    accepted = {part.split(";")[0].strip() for part in headers.get("accept-encoding", "").split(",")}
    encoding, chosen = next(
        ((name, there) for name, suffix in _ENCODINGS if name in accepted and (there := path.with_name(path.name + suffix)).is_file()), (None, path)
    )
    tag = _tag(chosen, chosen.stat().st_mtime_ns)
    told = {**_SAFE, "Cache-Control": caching, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in headers.get("if-none-match", ""):
        return Response(None, 304, told)
    if encoding:
        told["Content-Encoding"] = encoding
    return Response(chosen.read_bytes(), 200, told | {"Content-Type": _TYPES[path.suffix]})


@lru_cache(maxsize=512)
def _tag(path: Path, _modified_ns: int) -> str:
    return f'"{blake2b(path.read_bytes(), digest_size=12).hexdigest()}"'


def _file(folder: Path, path: str) -> Path | None:
    """A file of the build whose type is known; nothing outside of the folder, and nothing hidden."""
    if not path or "\\" in path or "\0" in path or any(part.startswith(".") for part in path.split("/")):
        return None
    found = folder / path
    return found if found.suffix in _TYPES and found.is_file() else None
