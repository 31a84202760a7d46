"""Every contract of Spyglass: what a stage, a runner, an analyzer and a channel of alerts is, what the durable log promises, what a live subscriber gets.

The log on one machine is `spyglass.publish.log.DiskLog`; a cluster keeps the same contract on NATS JetStream. Callers know only this file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

from pydantic import BaseModel

from spyglass.model.clock import Clock
from spyglass.model.finding import Finding, Heard
from spyglass.model.notice import Notice
from spyglass.model.told import Event, Told

if TYPE_CHECKING:  # runners need no columns, and a collector beside an agent shall be small
    import pyarrow as pa

    from spyglass.model.batch import Batch

__all__ = [
    "Analyzer",
    "AnalyzerKind",
    "Announce",
    "Channel",
    "ChannelContext",
    "ChannelKind",
    "Claim",
    "Cursor",
    "CursorStatus",
    "Delivery",
    "Entry",
    "Frame",
    "Heedful",
    "Lag",
    "Log",
    "LogStatus",
    "Receipt",
    "Runner",
    "RunnerContext",
    "RunnerHealth",
    "RunnerKind",
    "Stage",
    "State",
    "Subscription",
    "Tally",
]

Announce = Callable[[str, Sequence[Event]], None]
"""What the server itself has to tell of a project, from any thread; it goes the road of all telemetry. Refused when too much waits: tell it again later."""

Stage: TypeAlias = "Callable[[Batch], Batch | None]"
"""Batch in, batch out; `None` drops it, and whoever runs the stage counts the drop."""


class Lag(NamedTuple):
    """What a cursor has still to do."""

    entries: int
    size_bytes: int  # as kept by the log, compressed


@dataclass(frozen=True, slots=True)
class Receipt:
    """The batches of one append are on the disk at offsets `first` to `last`; `duplicate`: they already were, nothing was written."""

    first: int
    last: int
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch of the log. Offsets are consecutive numbers that never go back, restarts included."""

    offset: int
    batch: Batch
    appended_ns: int  # wall time, when the log took it


@dataclass(frozen=True, slots=True)
class Claim:
    """Consecutive entries handed to one cursor, in order, of any kinds.

    Until it is done the same claim is handed out again, after a crash too: same `token`, same rows. So `token` is fit to be the store's
    deduplication token. Entries that can no longer be read are left out (and counted), so `entries` may even be empty.
    """

    token: str
    first: int
    last: int
    entries: tuple[Entry, ...]

    @property
    def rows(self) -> int:
        """Rows in all its entries."""
        return sum(len(entry.batch) for entry in self.entries)


@dataclass(frozen=True, slots=True)
class CursorStatus:
    """Where a cursor stands: `position` is the next offset it has not done."""

    name: str
    position: int
    lag: Lag
    claimed: bool  # a claim is out and not done


@dataclass(frozen=True, slots=True)
class LogStatus:
    """The log in numbers, for health pages; the counts are since it was opened."""

    first: int  # oldest offset kept
    last: int  # newest offset; first - 1 when the log is empty
    size_bytes: int  # on the disk
    segments: int
    unconsumed_bytes: int  # not yet passed by every cursor
    max_bytes: int  # the bound of unconsumed_bytes
    oldest_unconsumed_s: float  # age of the oldest entry that some cursor has not passed; 0: none
    cursors: tuple[CursorStatus, ...]
    appended: int
    duplicates: int
    refused: int
    unreadable: int  # entries that were corrupt, and skipped
    refusing: str  # why an append would be refused now; empty: it would not


class Cursor(Protocol):
    """A durable position in the log. One consumer, one thread at a time."""

    name: str

    def claim(self, max_rows: int, max_bytes: int) -> Claim | None:
        """The claim that is not done yet, else the next entries; None: nothing new.

        Takes up to `max_rows` rows and `max_bytes` in memory, but whole appends, and at least one.

        Raises:
            StoreError: the claim could not be made durable; nothing was handed out.
        """

    def done(self, claim: Claim) -> None:
        """Move past a claim, durably.

        Raises:
            StoreError: it is not the claim that is out, or the position could not be written.
        """

    def lag(self) -> Lag:
        """What is still to do, a claim that is out included."""

    def wait(self, timeout_s: float) -> bool:
        """Block the thread until there is something to claim (True), the time is over, or the log closes (False)."""


class Log(Protocol):
    """A durable, bounded, ordered log of batches. All methods are safe from any thread."""

    def append(self, batches: Sequence[Batch], keys: Sequence[bytes] = ()) -> Future[Receipt]:
        """Keep the batches, all or none; the future is done when they are on the disk.

        Encodes in the caller's thread and never waits for the disk. `keys` are content hashes (16 bytes) of the bodies that the batches came from, each with
        a note behind it, 255 bytes at most in all.
        When every key is already known, nothing is written, and the future is a duplicate's, done when the first one is on the disk.

        The future raises:
            Refused: not now; nothing was kept. The log is full, or the disk is.
            TooLarge: the append alone is more than the log may ever hold.
        """

    def seen(self, key: bytes) -> bytes | None:
        """The note with which a body of this content hash was kept, where it is among the latest that the log remembers; else None."""

    def cursor(self, name: str) -> Cursor:
        """The cursor of this name; a new one starts at the oldest entry kept.

        Raises:
            ConfigError: the name is not 1 to 64 of a-z, 0-9, `-` and `_`.
        """

    def status(self) -> LogStatus:
        """What the log holds, and how far behind its cursors are."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A batch for a live subscriber, after it was kept at `offset`. `lost` rows of earlier batches did not reach this subscriber."""

    offset: int
    batch: Batch
    lost: int = 0


class Subscription(Protocol):
    """One subscriber's place in the fan-out, read by one task: `async for delivery in subscription`. Ends when it or the bus is closed.

    Deliveries come in the order in which they were published, which may differ from that of their offsets where several threads publish.
    """

    name: str

    def __aiter__(self) -> AsyncIterator[Delivery]:
        """The deliveries."""

    async def __anext__(self) -> Delivery:
        """The next delivery; waits without bound, as live data may never come."""

    def close(self) -> None:
        """Leave the fan-out: nothing more is queued, and the iteration ends."""


@dataclass(frozen=True, slots=True)
class RunnerHealth:
    """How much a runner can see where it is: all that it was made for, a part, or little; and what is in its way, each with what to do about it."""

    level: Literal["full", "partial", "minimal"] = "full"
    problems: tuple[str, ...] = ()


class Tally(Protocol):
    """Counts what a runner sees; safe from any thread. What it yields is counted as kept by whoever runs it."""

    def seen(self, count: int = 1) -> None:
        """So many things were looked at."""

    def dropped(self, reason: str, count: int = 1) -> None:
        """So many of them are not told, for a reason from a short list: it becomes a label."""


@dataclass(frozen=True, slots=True)
class RunnerContext:
    """What a runner is given."""

    data_dir: Path  # of its own, kept over restarts: where it stopped reading, for example
    clock: Clock
    tally: Tally


class Runner(Protocol):
    """Goes and looks, and tells what it saw. Made anew for each start."""

    def run(self) -> AsyncIterator[Told]:
        """What it sees, until it is cancelled or there is nothing more. What was yielded is delivered when the next one is asked for.

        It has an event loop of its own thread; waiting with `asyncio` is how it stays stoppable. An exception is a crash: it is started again, later each time.
        """

    def health(self) -> RunnerHealth:
        """How it is doing; asked from other threads."""


@dataclass(frozen=True, slots=True)
class RunnerKind:
    """A sort of runner: what an entry point of the group `spyglass.runners`, or a file of the plugin directory, provides under the name `runner`."""

    name: str
    version: str  # of the runner, semantic
    description: str
    settings: type[BaseModel]
    make: Callable[[Any, RunnerContext], Runner]  # given an instance of `settings`
    api: str = "1.0"  # version of this contract that it was written for
    requires: tuple[str, ...] = ()  # distributions that must be installed, as `name>=1.2`


class Frame(NamedTuple):
    """A table that one analyzer makes for others."""

    name: str  # `aggregation.buckets`: its maker, and what it is
    rows: pa.Table


State: TypeAlias = "Mapping[str, pa.Table]"
"""What an analyzer remembers, as tables: saved now and then, and given back after a restart."""


class Analyzer(Protocol):
    """Watches what passes, and says what it finds. Called by one thread at a time; does no IO, asks no clock, and remembers a bounded amount.

    What it says follows from the rows alone, however they are cut into batches: rows that are played again give the same findings, byte for byte.
    Time is arrival: the column `received` of records, which never goes back.
    """

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """A batch of a kind that it reads, or a frame."""

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """All that arrived before `now_ns` has been seen: what was waiting for the end of a time can be told."""

    def save(self) -> State:
        """What it remembers now."""

    def restore(self, state: State) -> None:
        """Go on from there; called before anything else, on a new one. What it cannot use it ignores."""


@runtime_checkable
class Heedful(Protocol):
    """An analyzer that raises and lowers its thresholds by what people say of its findings; which rules do, its kind tells in `heeds`.

    One of a plugin hears it in its own process, and again whenever that is started anew.
    """

    def heed(self, heard: Sequence[Heard]) -> None:
        """All that was said of its findings; what is not in it any more has its usual threshold again. It stays until the next time."""


class Question(Protocol):
    """Read-only SQL over the public tables."""

    def __call__(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        """One SELECT, values as `{name:Type}`.

        Raises:
            QueryError: it is not allowed, it is wrong, or it exceeds a limit.
            Refused: the store is busy or away.
        """


class Examiner(Protocol):
    """An analyzer that looks at the store now and then, at what arrived between two times. It remembers nothing: the store does."""

    def look(self, ask: Question, since_ns: int, now_ns: int) -> Iterable[Finding]:
        """What it finds; `since_ns` is where the look before ended. All projects are there, in the column `project`."""


@dataclass(frozen=True, slots=True)
class AnalyzerKind:
    """A sort of analyzer: what an entry point of the group `spyglass.analyzers`, or a file of the plugin directory, provides under the name `analyzer`."""

    name: str
    version: str  # semantic; part of every finding, so that it can be told which rule spoke
    description: str
    reads: frozenset[str]  # kinds of records (`span`, `event`, `point`) and names of frames; none where it looks at the store
    settings: type[BaseModel]
    make: Callable[[Any], Analyzer | Examiner]  # given an instance of `settings`
    rules: tuple[str, ...] = ()  # what it can find
    makes: tuple[str, ...] = ()  # frames
    heeds: tuple[str, ...] = ()  # rules whose thresholds follow what people say of their findings: then it is Heedful; not for an Examiner
    news: bool = False  # it counts by arrival, so that rows which happened longer before than `analyzers.news_s` (an import) are not shown to it
    every_s: float = 0.0  # how often it looks at the store: then it is an Examiner; 0: it sees what passes
    api: str = "1.0"  # version of this contract that it was written for
    requires: tuple[str, ...] = ()  # distributions that must be installed, as `name>=1.2`


@dataclass(frozen=True, slots=True)
class ChannelContext:
    """What a channel of alerts is given."""

    allowed_networks: tuple[str, ...] = ()  # private networks that it may reach all the same (CIDR)
    timeout_s: float = 10.0  # of one delivery
    public_url: str = ""  # of the web app, for links; empty: none is known


class Channel(Protocol):
    """Tells people of alerts. Made anew for each notice, used once."""

    async def send(self, notice: Notice) -> str:
        """Deliver it, and say what the other side answered: a short text for the log of deliveries, without secrets.

        The same notice comes again when nobody knows whether the last attempt arrived: its id goes along, so that the other side can tell. Cancelled after
        `timeout_s`.

        Raises:
            Refused: not now; it is tried again after `retry_after_s` or later.
            InputError: never again, this notice can never be delivered.
            Exception: any other is a fault; it is tried again.
        """


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A sort of channel: what an entry point of the group `spyglass.channels` provides under the name `channel`. Settings that are secret are `SecretStr`."""

    name: str
    version: str
    description: str
    settings: type[BaseModel]
    make: Callable[[Any, ChannelContext], Channel]  # given an instance of `settings`
    api: str = "1.0"  # version of this contract that it was written for
    requires: tuple[str, ...] = ()  # distributions that must be installed, as `name>=1.2`
    acknowledged: bool = False  # whether it is told, too, that somebody has all alerts of a group (`Notice.reason`)
