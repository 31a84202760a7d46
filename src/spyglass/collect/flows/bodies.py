"""One body: decoded as it comes, kept as bytes or as the events of a stream, or only counted.

In: pieces with their times. Out: the whole, or its events. What is not JSON is not kept: nobody here could read it, and a download is larger than memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from spyglass.collect.flows import encodings
from spyglass.collect.flows.amazon_frames import AmazonFrames
from spyglass.collect.flows.limits import Account
from spyglass.collect.flows.sse import EventStream, JsonLines, ServerEvent, Splitter
from spyglass.model.errors import DecodeError

__all__ = ["Body", "Form", "Listener", "form_of"]

Form = Literal["drop", "json", "events", "lines", "frames", "guess"]
Listener = Callable[[ServerEvent], None]

_EVENT_BYTES: Final = 128  # of an event beside its data
_SSE_BEGINNINGS: Final = (b"data:", b"event:", b"id:", b"retry:", b":")


def form_of(content_type: str | None) -> Form:
    """How a body of this type is kept."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        return "events"
    if kind == "application/vnd.amazon.eventstream":
        return "frames"
    if "ndjson" in kind or "jsonl" in kind or "json-lines" in kind:
        return "lines"
    if "json" in kind:
        return "json"
    return "guess" if kind in {"", "text/plain", "application/octet-stream"} else "drop"


class Body:
    """A body while it comes. `size` counts what was sent; `first_ns` and `last_ns` are the times of its first and last piece, 0 without one."""

    __slots__ = (
        "_account",
        "_content",
        "_decodings",
        "_encoding_known",
        "_held",
        "_splitter",
        "events",
        "first_ns",
        "form",
        "last_ns",
        "listener",
        "problem",
        "size",
    )

    def __init__(self, account: Account) -> None:
        self._account = account
        self._decodings: list[encodings.Decoding] = []
        self._encoding_known = True
        self._splitter: Splitter | None = None
        self._content = bytearray()
        self._held = 0
        self.form: Form = "drop"
        self.events: list[ServerEvent] = []
        self.listener: Listener | None = None  # is given the events at once; none are kept then
        self.problem = ""  # why it is not whole
        self.size = 0
        self.first_ns = 0
        self.last_ns = 0

    def begin(self, form: Form, encoding: str | None) -> None:
        """Say how it is to be kept; `encoding` None: not known, as the headers are not."""
        self.form = form
        self._encoding_known = encoding is not None
        try:
            self._decodings = encodings.decoding(encoding or "")
        except DecodeError:
            self.stop("encoding_unknown")
        self._split()

    def feed(self, time_ns: int, data: bytes) -> None:
        """Take the next piece."""
        if not data:
            return
        self.size += len(data)
        self.first_ns = self.first_ns or time_ns
        self.last_ns = time_ns
        if self.form == "drop":
            return
        plain = self._decoded(data)
        if plain and self.form == "guess":
            self._guess(plain)
        if plain:
            self._keep(time_ns, plain)

    def end(self, time_ns: int) -> None:
        """Nothing more comes."""
        if self._splitter is not None:
            self._take(self._splitter.end(time_ns))
            self._splitter = None

    def stop(self, problem: str) -> None:
        """Keep no more of it: what follows does not join what is here."""
        self.problem = self.problem or problem
        self.form = "drop"
        if self._splitter is not None:
            self._splitter.drop()
            self._splitter = None

    def whole(self) -> bytes:
        """The decoded bytes; empty for a streamed one, which has `events`."""
        return bytes(self._content)

    def release(self) -> None:
        """Give the memory back; it stays empty from now on."""
        self.stop("")
        self._account.release(self._held)
        self._held = 0
        self._content = bytearray()
        self.events = []

    def _decoded(self, data: bytes) -> bytes:
        if not self._encoding_known:
            self._encoding_known = True
            self._decodings = encodings.decoding(encodings.magic(data))
        most = self._account.limits.body_bytes
        try:
            for step in self._decodings:
                data = step.decode(data, most)
        except DecodeError:
            self._fail("encoding_broken")
            return b""
        if self._decodings and len(data) >= most:
            self._fail("body_too_long")
            return b""
        return data

    def _guess(self, plain: bytes) -> None:
        begin = plain.lstrip()
        if begin[:1] in {b"{", b"["}:
            self.form = "json"
        elif begin.startswith(_SSE_BEGINNINGS):
            self.form = "events"
        elif begin:
            self.form = "drop"
        self._split()

    def _split(self) -> None:
        if self.form == "events":
            self._splitter = EventStream(self._account)
        elif self.form == "lines":
            self._splitter = JsonLines(self._account)
        elif self.form == "frames":
            self._splitter = AmazonFrames(self._account)

    def _keep(self, time_ns: int, plain: bytes) -> None:
        if self._splitter is not None:
            self._take(self._splitter.feed(time_ns, plain))
        elif self.form != "drop":
            self._append(plain)

    def _append(self, plain: bytes) -> None:
        if len(self._content) + len(plain) > self._account.limits.body_bytes:
            self._fail("body_too_long")
        elif self._hold(len(plain)):
            self._content += plain

    def _take(self, events: list[ServerEvent]) -> None:
        for event in events:
            if self.listener is not None:
                self.listener(event)
            elif self._held + len(event.data) + _EVENT_BYTES > self._account.limits.body_bytes or len(self.events) >= self._account.limits.events:
                self._fail("body_too_long")
                return
            elif self._hold(len(event.data) + _EVENT_BYTES):
                self.events.append(event)

    def _hold(self, size: int) -> bool:
        if not self._account.hold(size):
            self.stop("memory_full")
            return False
        self._held += size
        return True

    def _fail(self, problem: str) -> None:
        self._account.lose(problem)
        self.stop(problem)
