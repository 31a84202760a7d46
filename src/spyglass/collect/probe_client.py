"""The collector's side of the probe: starts it or connects to one that runs, asks it to watch, and gives what it sees as tuples of `collect.records`.

Whatever ends the probe ends the stream of records with an error that says why. Frames wait here in a bounded queue (policy: wait), so a collector that is
slow makes the kernel's ring fill, where losses are counted; they come back as `Lost`. More of them wait while somebody asks something, as the answer comes
behind them. They wait as they came, since decoded they take eight times the memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, NamedTuple

import structlog

from spyglass.collect.orphaned import Orphaned
from spyglass.collect.probe.decode import Decoder
from spyglass.collect.probe.deposit import Left, take
from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.layout import VERSION
from spyglass.collect.probe.protocol import Frame, Frames, content_of, message
from spyglass.collect.records import Lost, Record
from spyglass.model.errors import ConfigError, InputError, NotFound, Refused, SpyglassError, Unauthorized

__all__ = ["DEFAULT_SOCKET", "ProbeClient", "Want", "connect_probe", "start_probe"]

log = structlog.get_logger()

Want = Literal["files", "reads", "opens", "network", "tls", "stdio"]
"""What to tell beside processes. `reads`: sums of reads of files; `opens`: opens for reading, and those that found nothing, too."""

DEFAULT_SOCKET: Final = Path("/run/spyglass/probe.sock")
HELLO_S: Final = 20.0  # loading takes 0.1 s; a machine can be busy
REQUEST_S: Final = 30.0  # searching a large program for its TLS functions takes a second
END_S: Final = 5.0
_UNSEEN: Final = "what the watched programs do is not seen any more"
_SEEN_ON: Final = "its programs in the kernel go on"
WAITING_MOST: Final = 16  # frames not taken yet, of a quarter of a MiB at most: what the kernel's ring holds is eight times as much
RECEIVE_BYTES: Final = 256 << 10
NOTICES: Final = 100
_IN_ORDER: Final = (Frame.RECORDS, Frame.LOST, Frame.CLOCK)
FAULTS: Final[dict[str, type[SpyglassError]]] = {"refused": Unauthorized, "request": InputError, "pid": NotFound, "map": Refused, "protocol": ConfigError}


def as_error(code: str, text: str) -> SpyglassError:
    """A failure of the probe as an error of Spyglass; by default it is the machine that lacks something, which is the operator's to mend."""
    return FAULTS.get(code, ConfigError)(f"probe: {text}")


async def connect_probe(path: Path = DEFAULT_SOCKET) -> ProbeClient:
    """Use a probe that runs as a service.

    Raises:
        ConfigError: none serves there, we may not connect, or it is of another version.
        Refused: it did not answer.
    """
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.setblocking(False)
    try:
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(link, str(path)), HELLO_S)
    except (OSError, TimeoutError) as error:
        link.close()
        raise ConfigError(
            f"probe: {path}: {getattr(error, 'strerror', None) or 'no answer'}; is the probe's service running, and are you in the group that may use it?"
        ) from error
    return await ProbeClient(link, None).open()


async def start_probe(*, uid: int | None = None, ring_mb: int = 32, program: Path | None = None, prefix: Sequence[str] = ()) -> ProbeClient:
    """Start a probe of our own, which ends with us. `uid`: whose processes it may be asked to watch (default: our own user's; root: everybody's).

    `prefix` goes before the command, for example `("sudo", "-n", "-C", "…")`; `program`: another object of kernel programs.

    Raises:
        ConfigError: something is missing here; says what, and what to do.
        Refused: it ended or did not answer.
    """
    ours, theirs = socket.socketpair()
    kept, deposit = socket.socketpair()
    numbers = (theirs.fileno(), deposit.fileno())
    options = ["--fd", str(numbers[0]), "--deposit-fd", str(numbers[1]), "--ring-mb", str(ring_mb)]
    options += ["--uid", str(uid)] if uid is not None else []
    options += ["--object", str(program)] if program is not None else []
    # -P -E: neither the folder we are in nor the environment may bring code into a privileged process.
    command = [*prefix, sys.executable, "-P", "-E", "-m", "spyglass.collect.probe", *options]
    try:
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - takes a millisecond; our own program
            command, pass_fds=numbers, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        ours.close()
        kept.close()
        raise ConfigError(f"probe: it cannot be started: {error}") from error
    finally:
        theirs.close()
        deposit.close()
    ours.setblocking(False)
    return await ProbeClient(ours, process, Deposited(kept, ring_mb << 20)).open()


class Deposited(NamedTuple):
    """The socket in which a probe leaves descriptors for us, and the bytes of its ring."""

    link: socket.socket
    ring_bytes: int


class ProbeClient:
    """A connection to a probe; an asynchronous context manager. Made by `start_probe` and `connect_probe`."""

    def __init__(self, link: socket.socket, process: subprocess.Popen[bytes] | None, deposited: Deposited | None = None) -> None:
        self.hello: dict[str, Any] = {}
        self.notices: deque[dict[str, Any]] = deque(maxlen=NOTICES)  # what it said about libraries that it attached to, or could not
        self.unread: dict[str, str] = {}  # files with a TLS library of which nothing is seen, and why; the first NOTICES
        self._socket, self._process = link, process
        self._deposited = deposited
        self._left: Left | None = None  # taken out of it when the probe is gone
        self._received = 0  # bytes of records
        self._frames = Frames()
        self._decoder = Decoder(0)
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._waiting: asyncio.Queue[tuple[int, bytes] | None] = asyncio.Queue()  # frames of records, of losses and of the clock, in order
        self._eased = asyncio.Event()  # a frame was taken, or somebody asks
        self._greeted: asyncio.Future[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._failure: SpyglassError | None = None
        self._closing = self._over = False

    async def open(self) -> ProbeClient:
        """Wait until the probe has greeted. Closes everything when it does not.

        Raises:
            ConfigError: it said what is missing, or it is of another version.
            Refused: it ended or did not answer.
        """
        self._greeted = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(), name="probe reader")
        try:
            await asyncio.wait_for(asyncio.shield(self._greeted), HELLO_S)
        except TimeoutError:
            await self.close()
            raise Refused(f"probe: it did not answer in {HELLO_S:g} s") from None
        except BaseException:
            await self.close()
            raise
        return self

    async def __aenter__(self) -> ProbeClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    @property
    def pid(self) -> int:
        """The probe's process."""
        return int(self.hello["pid"])

    # ---- requests

    async def track(self, pid: int, want: Sequence[Want] = ("files", "network", "tls")) -> list[int]:
        """Watch a process and its descendants, now and later; gives the pids there are now. Returns when everything that they do from now on is seen.

        Raises:
            NotFound: it does not exist, or ended while it was being attached.
            Unauthorized: it is another user's, or another collector watches it.
            Refused: the probe is gone or does not answer.
        """
        return list((await self._ask("track", pid=pid, want=list(want)))["pids"])

    async def track_command(self, name: str, want: Sequence[Want] = ("files", "network", "tls")) -> None:
        """Watch every program that is started under this name from now on. Raises as `track`."""
        await self._ask("track", command=name, want=list(want))

    async def track_cgroup(self, path: Path, want: Sequence[Want] = ("files", "network", "tls")) -> list[int]:
        """Watch a control group (a container): what is in it now, and every program that starts there. Raises as `track`."""
        return list((await self._ask("track", cgroup=str(path), want=list(want)))["pids"])

    async def untrack(self, pid: int) -> int:
        """Stop watching a tree by its root; gives how many processes that were. Raises as `track`."""
        return int((await self._ask("untrack", pid=pid))["processes"])

    async def attach(self, program: Path) -> int:
        """Prepare for a program that is about to be launched: probes on the TLS libraries that it will use; gives their number. Raises as `track`."""
        return int((await self._ask("attach", path=str(program)))["probes"])

    async def status(self) -> dict[str, Any]:
        """The probe's own account: counts, roots, attached libraries, bytes that wait in the ring."""
        return await self._ask("status")

    async def _ask(self, what: str, **parameters: Any) -> dict[str, Any]:
        if self._failure is not None:
            raise self._failure
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._eased.set()
        try:
            request = message(Frame.REQUEST, {"id": number, "do": what, **parameters})
            await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(self._socket, request), REQUEST_S)
            told: dict[str, Any] = await asyncio.wait_for(answer, REQUEST_S)
        except TimeoutError:
            raise Refused(f"probe: no answer to {what} in {REQUEST_S:g} s") from None
        except OSError as error:
            raise self._failure or Refused(f"probe: it is gone: {error.strerror}") from error
        finally:
            self._answers.pop(number, None)
        if "error" in told:
            raise as_error(told["error"]["code"], told["error"]["message"])
        return told

    # ---- records

    async def batches(self) -> AsyncIterator[list[Record]]:
        """Records as they come, many at a time and never none. Ends when we close.

        Raises:
            Refused: the probe is gone; `reason` knows why.
        """
        while not (self._over and self._waiting.empty()):
            frame = await self._waiting.get()
            self._eased.set()
            if frame is not None and (batch := self._decoded(*frame)):
                yield batch
        if self._failure is not None and not self._closing:
            raise self._failure

    async def reason(self) -> str:
        """Why the probe is gone. Its programs have to leave the kernel first, which takes a second."""
        if self._reader is not None:
            await asyncio.shield(self._reader)
        return self._failure.message if self._failure is not None else ""

    def orphaned(self) -> Orphaned | None:
        """The kernel's programs, now that the probe is gone: what they have told since, and tell; None: they are gone, too. Whoever asks has to close it."""
        left, self._left = self._left, None
        return Orphaned(left, self._deposited.ring_bytes, self._decoder, self._received) if left is not None and self._deposited is not None else None

    def _drop_deposit(self) -> None:
        """What was left there ends."""
        left = self._left or (take(self._deposited.link) if self._deposited is not None else None)
        self._left = None
        if left is not None:
            left.close()

    async def records(self) -> AsyncIterator[Record]:
        """Records one by one. Raises as `batches`."""
        async for batch in self.batches():
            for record in batch:
                yield record

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while data := await loop.sock_recv(self._socket, RECEIVE_BYTES):
                for kind, body in self._frames.feed(data):
                    await self._frame(kind, body)
            self._failure = await self._lost()
        except ProbeError as error:
            self._failure = as_error(error.code, error.message)
        except OSError:
            self._failure = await self._lost()
        except SpyglassError as error:
            self._failure = error
        finally:
            self._finish(self._failure or Refused("probe: the connection was closed"))

    def _finish(self, failure: SpyglassError) -> None:
        """Let nobody wait for what will not come."""
        self._failure = failure
        for waiting in (self._greeted, *self._answers.values()):
            if waiting is not None and not waiting.done():
                waiting.set_exception(failure)
                waiting.exception()  # it may be that nobody asks any more
        self._over = True
        if self._waiting.empty():  # somebody may wait for more
            self._waiting.put_nowait(None)

    async def _frame(self, kind: int, body: bytes) -> None:
        if kind in _IN_ORDER:
            while self._waiting.qsize() >= WAITING_MOST and not self._answers:  # an answer comes behind them, on the same stream: whoever asks must get it
                self._eased.clear()
                await self._eased.wait()
            self._waiting.put_nowait((kind, body))
            return
        content = content_of(body)
        if kind == Frame.REPLY:
            if content.get("idle"):  # it has let its programs go; what it left would keep them
                await asyncio.to_thread(self._drop_deposit)
            waiting = self._answers.get(content.get("id", 0))
            if waiting is not None and not waiting.done():
                waiting.set_result(content)
        elif kind == Frame.HELLO:
            self._greet(content)
        elif kind == Frame.NOTICE:
            self._notice(content)

    def _decoded(self, kind: int, body: bytes) -> list[Record]:
        """What a frame that waited tells."""
        if kind == Frame.RECORDS:
            self._received += len(body)
            return self._decoder.records(body)
        try:
            content = content_of(body)
        except ProbeError as error:
            raise as_error(error.code, error.message) from error
        if kind == Frame.LOST:
            return [Lost(content["time"] + self._decoder.offset_ns, content["counts"])]
        self._decoder.offset_ns = content["offset_ns"]
        return []

    def _greet(self, hello: dict[str, Any]) -> None:
        if hello.get("version") != VERSION:
            what = f"it speaks version {hello.get('version')}, this collector {VERSION}"
            raise ConfigError(f"probe: {what}: start the probe of the same installation of Spyglass")
        self.hello = hello
        self._decoder = Decoder(hello["offset_ns"])
        if self._greeted is not None and not self._greeted.done():
            self._greeted.set_result(None)

    def _notice(self, notice: dict[str, Any]) -> None:
        self.notices.append(notice)
        if notice.get("fatal"):
            raise as_error(notice["code"], notice["message"])
        if notice["code"] == "attached":
            log.debug("library attached", path=notice["path"], probes=notice["probes"])
        elif notice["code"] == "unread":
            if len(self.unread) < NOTICES:
                self.unread[notice["path"]] = notice["message"]
        else:
            log.warning("probe notice", code=notice["code"], message=notice["message"])

    async def _lost(self) -> SpyglassError:
        """Why the probe is gone; whoever reads is told at once that it is."""
        if self._deposited is not None and not self._closing:
            self._left = take(self._deposited.link)
        if self._greeted is None or not self._greeted.done():
            return await self._ended("")
        so = f"; {_UNSEEN if self._left is None else _SEEN_ON}"
        self._finish(Refused(f"probe: it is gone{so}"))
        return await self._ended(so)

    async def _ended(self, so: str) -> SpyglassError:
        if self._process is None:
            return Refused("probe: the service ended or was restarted; connect again")
        try:
            code = await asyncio.to_thread(self._process.wait, END_S)
        except subprocess.TimeoutExpired:
            return Refused("probe: it closed the connection")
        said = self._process.stderr.read(4096).decode(errors="replace").strip() if self._process.stderr else ""
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return Refused(f"probe: it {how}{f': {said}' if said else ''}{so}")

    async def close(self) -> None:
        """Leave; a probe of our own ends with that."""
        if self._closing:
            return
        self._closing = True
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        self._socket.close()
        if self._deposited is not None:
            await asyncio.to_thread(self._drop_deposit)
            self._deposited.link.close()
        if self._process is not None:
            await asyncio.to_thread(end, self._process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a probe that has lost its collector; kill it when it does not end (it may belong to root, then it cannot be)."""
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(PermissionError):
            process.kill()
            process.wait(END_S)
    if process.stderr is not None:
        process.stderr.close()
