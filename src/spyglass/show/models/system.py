"""Prices, the loss ledger, projects, and health."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, Time

__all__ = ["Explanation", "Health", "LedgerPage", "PriceList", "ProjectList", "Repriced", "Status", "StoragePage", "UnknownList"]


class Price(Answer):
    """A row of the price table; USD per million tokens, null: no price of its own."""

    provider: str = Field(description="Provider.")
    model: str = Field(description="Model, as the table matches it.")
    name: str = Field(description="Model, for people.")
    condition: str = Field(description="When the price holds; empty: always.")
    input: float | None = Field(description="Tokens in.")
    output: float | None = Field(description="Tokens out.")
    cache_read: float | None = Field(description="Tokens read from the cache.")
    cache_write: float | None = Field(description="Tokens written to the cache.")
    reasoning: float | None = Field(description="Tokens of reasoning.")
    per_call_usd: float | None = Field(description="USD of each call.")
    source: str = Field(description="Where the price is from.")
    version: str = Field(description="Version of that source.")


class PriceList(Page[Price]):
    """The price table."""

    version: str = Field(description="Version of the table.")


class UnknownModel(Answer):
    """A model that was called and has no price."""

    provider: str = Field(description="Provider.")
    model: str = Field(description="Model.")
    calls: int = Field(description="Calls.")
    input_tokens: int = Field(description="Tokens in.")
    output_tokens: int = Field(description="Tokens out.")
    last_seen: Time


class UnknownList(Page[UnknownModel]):
    """Models without a price."""


class Charge(Answer):
    """What one sort of token adds."""

    sort: str = Field(description="Sort of token.")
    direction: str = Field(description="input, output, or call.")
    tokens: int = Field(description="How many.")
    usd_per_mtok: float = Field(description="USD per million.")
    usd: float = Field(description="What they cost.")


class Explanation(Answer):
    """How a call is priced."""

    provider: str = Field(description="Provider, as found.")
    model: str = Field(description="Model, as found.")
    source: str = Field(description="Where the price is from; unknown_model: there is none.")
    version: str = Field(description="Version of that source.")
    charges: list[Charge] = Field(description="Sort by sort.")
    input_cost_usd: float = Field(description="Of the tokens in.")
    output_cost_usd: float = Field(description="Of the tokens out.")
    cost_usd: float = Field(description="Together.")
    note: str = Field(description="What else there is to know.")


class Repriced(Answer):
    """What pricing again did."""

    calls: int = Field(description="Calls that were looked at.")
    changed: int = Field(description="Calls whose cost changed.")
    version: str = Field(description="Version of the price table.")


class LedgerSource(Answer):
    """What a source sent, and what became of it, over restarts; rows, but for `refused`."""

    project: str = Field(description="Its project; `other` stands for all beyond the bound.")
    source: str = Field(description="Its service (empty: it names none); the sender's address where no good row says more; `other` for all beyond the bound.")
    signal: Literal["traces", "logs", "metrics"] = Field(description="What was sent.")
    received: int = Field(description="Rows that were answered for good: accepted and rejected ones.")
    accepted: int = Field(description="Rows that were acknowledged: stored, dropped, or still in the log.")
    rejected: dict[str, int] = Field(description="Bad rows in good requests, by reason.")
    dropped: dict[str, int] = Field(description="Accepted rows that a stage left out, by stage.")
    stored: int = Field(description="Rows that are in the store.")
    refused: dict[str, int] = Field(description="Requests of which nothing could be kept, by reason.")
    first_seen: str = Field(description="ISO 8601, UTC.")
    last_seen: str = Field(description="ISO 8601, UTC.")


class Sender(Answer):
    """A sender, and what became of its requests since the start."""

    client: str = Field(description="Its address; `other` stands for all beyond the first thousand.")
    project: str | None = Field(description="From its header; null: its resources decide.")
    requests: int = Field(description="Requests.")
    bytes: int = Field(description="Bytes as sent.")
    accepted_rows: int = Field(description="Records that were kept.")
    rejected_rows: int = Field(description="Bad records in good requests.")
    refused: dict[str, int] = Field(description="Requests of which nothing was kept, by reason.")


class Loss(Answer):
    """Something of this process that got lost, and of no source's."""

    room: str = Field(description="Where.")
    what: str = Field(description="Of what.")
    reason: str = Field(description="Why.")
    count: int = Field(description="How many.")


class LedgerPage(Page[LedgerSource]):
    """The loss ledger."""

    senders: list[Sender] = Field(description="Requests by the address they came from, since the start.")
    process: list[Loss] = Field(
        description="What this process lost since the start and no source is charged with: for live views, in the log, of what is derived."
    )
    redacted: dict[str, int] = Field(description="Secrets that were taken out, by what they are.")


class ProjectLine(Answer):
    """A project."""

    project: str = Field(description="Its name.")
    spans: int = Field(description="Spans that arrived in the time range.")
    events: int = Field(description="Events that arrived in the time range.")
    points: int = Field(description="Data points that arrived in the time range.")
    last_seen: Time


class ProjectList(Page[ProjectLine]):
    """Projects."""


class StoredTable(Answer):
    """What one table keeps."""

    table: str = Field(description="Its name.")
    rows: int = Field(description="Rows, copies that will be merged included.")
    size_bytes: int = Field(description="On the disk.")
    parts: int = Field(description="Active parts.")
    oldest: str | None = Field(description="When its oldest row arrived, ISO 8601, UTC; null: it is empty, or cannot tell.")
    keep_days: int | None = Field(description="After so many days rows are dropped; null: never.")


class StoragePage(Page[StoredTable]):
    """What the store keeps."""

    disk_free_bytes: int = Field(description="Room that is left to the store.")
    disk_total_bytes: int = Field(description="Room that there is.")


class StoreHealth(Answer):
    """The store."""

    url: str = Field(description="Where it is.")
    readable: bool = Field(description="It answers queries.")
    writable: bool = Field(description="The last commit succeeded.")
    problem: str = Field(description="Why the last commit failed, while it lasts.")
    last_commit_ns: int = Field(description="When the last commit was, ns since 1970; 0: none yet.")
    committed_rows: int = Field(description="Rows committed since the start.")


class CursorHealth(Answer):
    """A reader of the log."""

    class Lag(Answer):
        """What it has still to do."""

        entries: int = Field(description="Appends.")
        size_bytes: int = Field(description="Bytes.")

    name: str = Field(description="Its name.")
    position: int = Field(description="The next offset it has not done.")
    lag: Lag = Field(description="What it has still to do.")
    claimed: bool = Field(description="It is at work.")


class LogHealth(Answer):
    """The durable log."""

    first: int = Field(description="Oldest offset kept.")
    last: int = Field(description="Newest offset.")
    size_bytes: int = Field(description="On the disk.")
    segments: int = Field(description="Files.")
    unconsumed_bytes: int = Field(description="Not yet passed by every reader.")
    max_bytes: int = Field(description="Bound of these.")
    oldest_unconsumed_s: float = Field(description="Age of the oldest entry that waits; 0: none.")
    cursors: list[CursorHealth] = Field(description="Its readers.")
    appended: int = Field(description="Appends since the start.")
    duplicates: int = Field(description="Appends that were there already.")
    refused: int = Field(description="Appends that were refused.")
    unreadable: int = Field(description="Entries that were corrupt, and skipped.")
    refusing: str = Field(description="Why an append would be refused now; empty: it would not.")


class QueueHealth(Answer):
    """Between the ports and the log."""

    waiting_bodies: int = Field(description="Requests that wait.")


class BodyHealth(Answer):
    """Bodies of requests that are being worked on."""

    in_flight_bytes: int = Field(description="Their bytes.")
    max_in_flight_bytes: int = Field(description="Bound of these; beyond it clients are told to come back.")


class ViewerHealth(Answer):
    """Live viewers."""

    running: bool = Field(description="Viewers are served.")
    viewers: int = Field(description="Connected now.")
    max_viewers: int = Field(description="Bound of these.")
    paused: int = Field(description="Those that paused.")
    waiting_frames: int = Field(description="Frames that wait for them.")
    sent_frames: int = Field(description="Frames they got since the start.")
    dropped: dict[str, int] = Field(description="Frames they lost, by reason.")
    recent_batches: int = Field(description="Batches kept for those who come back.")
    recent_bytes: int = Field(description="Bytes of these.")
    last_offset: int = Field(description="Newest offset they have seen.")


class Status(Answer):
    """Whether data flows, as those without a key are told."""

    status: Literal["ok", "failing"] = Field(description="In a word.")
    problems: list[str] = Field(description="Why it is failing.")


class Health(Status):
    """Whether data flows."""

    version: str = Field(description="Of this server.")
    now_ns: int = Field(description="Its clock, ns since 1970.")
    ports: dict[str, int] = Field(description="Where it listens.")
    store: StoreHealth = Field(description="The store.")
    log: LogHealth = Field(description="The durable log.")
    queue: QueueHealth = Field(description="Between the ports and the log.")
    receive: BodyHealth = Field(description="What senders send.")
    web: BodyHealth = Field(description="What clients of the API send.")
    viewers: ViewerHealth = Field(description="Live viewers.")
    ended: list[str] = Field(description="Threads of the server that have ended though they should not.")
