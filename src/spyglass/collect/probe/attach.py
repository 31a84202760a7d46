"""Probes on TLS libraries: found before a program is launched or watched, and again when a watched program starts or loads one.

Runs in a thread of its own, as reading large files takes long. A library stays probed until `detach_all`: its other users pay a microsecond per call meanwhile.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from spyglass.collect.probe import boring, elf, golang
from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.inside import library_inside
from spyglass.collect.thrift import give_back

__all__ = ["Attached", "Attacher", "Unread", "libraries_of_machine", "libraries_of_process", "programs_behind"]

STATIC_LEAST: Final = 1 << 20  # bytes; a program with a TLS library inside is larger (bpf/agent.h: INSIDE_LEAST)
WAITING_MOST: Final = 256
SEEN_MOST: Final = 4096
CLOSING: Final = 16  # links at the same time
FOLDERS: Final = ("/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64")
RUNTIMES: Final = ("node", "bun", "claude")  # on the search path
NAMES: Final = ("libssl.so*", "libgnutls.so*")
TLS_NAME: Final = re.compile(r"^lib(ssl|gnutls)[-.\d\w]*\.so")


class Detachable(Protocol):
    """What an attached probe can do."""

    def close(self) -> None:
        """Detach."""


class Programs(Protocol):
    """The kernel's programs, as `libbpf.Object` has them."""

    def attach_probe(self, name: str, path: Path, offset: int, *, returning: bool) -> Detachable:
        """Attach a program to a place in a file."""

    def know(self, device: int, inode: int, changed_ns: int) -> None:
        """Wake nobody for this file: it has been looked at."""

    def forget(self) -> None:
        """Wake somebody for every file again."""


class Attached(NamedTuple):
    """A file with probes on it."""

    path: str
    probes: int


class Unread(NamedTuple):
    """A file with a TLS library inside of which nothing is seen; told to the peer that watches it, as often as it comes to be used."""

    path: str
    why: str
    peer: int


Identity = tuple[int, int, int]


class Attacher:
    """`tell` is called (in the attacher's thread) with each file that was attached, that cannot be, or with what went wrong with one."""

    def __init__(self, programs: Programs, tell: Callable[[Attached | Unread | ProbeError], None]) -> None:
        self._programs, self._tell = programs, tell
        self._links: list[Detachable] = []
        self._seen: dict[Identity, int] = {}  # probes by file; 0: nothing to attach to
        self._unread: dict[Identity, tuple[str, str]] = {}  # of those with nothing to attach to: path, and why not
        self._offsets = boring.Cache()
        self._jobs: queue.Queue[Callable[[], object] | None] = queue.Queue(WAITING_MOST)
        self._thread = threading.Thread(target=self._work, name="attach", daemon=True)
        self._thread.start()
        self.skipped = 0  # jobs that found the queue full

    def submit(self, job: Callable[[], object]) -> bool:
        """Run something in the attacher's thread; False: too much waits there, and it was not taken."""
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            self.skipped += 1
            return False
        return True

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception as error:  # files of watched programs are read here, and no file may end the work
                self._tell(ProbeError("attach", f"a program could not be looked at for TLS: {type(error).__name__}"))

    def attach(self, path: Path, peer: int = 0) -> int:
        """Attach to a file if it has TLS functions; gives the number of probes on it. Never twice to the same file. `peer`: who watches what uses it."""
        try:
            identity = identity_of(path)
        except OSError:
            return 0
        if identity not in self._seen:
            if len(self._seen) >= SEEN_MOST:
                self._seen = {key: count for key, count in self._seen.items() if count}
                self._unread.clear()
            self._seen[identity] = 0
            try:
                self._seen[identity] = self._attach(lasting(path, identity), identity)
            except ProbeError as error:
                self._tell(error)
            if identity not in self._unread:  # else somebody is to be told, also of a program that ends at once
                self._programs.know(*identity)
        if peer and identity in self._unread:
            self._tell(Unread(*self._unread[identity], peer))
        return self._seen[identity]

    def _attach(self, path: Path, identity: Identity) -> int:
        probes, why = probes_of(path, self._offsets)
        give_back()  # tables of symbols are large
        name = readable(path)
        if why:
            self._unread[identity] = name, why
        links: list[Detachable] = []
        try:
            for probe in probes:
                links.append(self._programs.attach_probe(probe.program, path, probe.offset, returning=probe.returning))  # noqa: PERF401 - kept when one fails
        except (ProbeError, OSError) as error:
            for link in links:
                link.close()
            raise ProbeError("attach", f"TLS of {name} is not seen: {error}") from error
        self._links += links
        if links:
            self._tell(Attached(name, len(links)))
        return len(links)

    def attach_all(self, paths: Iterable[Path], peer: int = 0) -> int:
        """Attach to each; gives the number of probes."""
        return sum(self.attach(path, peer) for path in paths)

    def attach_program(self, path: Path) -> int:
        """Attach to a program and to what it will load, as far as that can be foreseen."""
        return self.attach_all(programs_behind(path))

    def attach_process(self, pid: int, peer: int) -> int:
        """Attach to what a running process has loaded."""
        return self.attach_all(libraries_of_process(pid), peer)

    def attach_executable(self, pid: int, peer: int) -> int:
        """Attach to the program that a process has just become, if it may have TLS inside."""
        path = Path(f"/proc/{pid}/exe")
        try:
            return self.attach(path, peer) if path.stat().st_size >= STATIC_LEAST else 0
        except OSError:
            return 0

    def attach_loaded(self, pid: int, path: str, inode: int, peer: int) -> int:
        """Attach to a library that a process has just opened; `path` as that process (which may live in a container) sees it."""
        for place in (Path(f"/proc/{pid}/root{path}"), Path(path)):
            try:
                if place.stat().st_ino == inode:
                    return self.attach(place, peer)
            except OSError:
                continue
        return 0

    def detach_all(self) -> None:
        """Take every probe away. Many at once: for each the kernel waits until nobody is inside of it, some 80 ms."""
        with ThreadPoolExecutor(CLOSING, "detach") as closing:
            for _ in closing.map(lambda link: link.close(), self._links):
                pass
        self._programs.forget()
        self._links.clear()
        self._seen.clear()
        self._unread.clear()

    @property
    def attached(self) -> int:
        """Files with probes on them."""
        return sum(1 for count in self._seen.values() if count)

    def close(self) -> None:
        """Stop the thread and detach."""
        while True:
            try:
                self._jobs.put(None, timeout=5)
                break
            except queue.Full:
                continue
        self._thread.join(timeout=10)
        self.detach_all()


def probes_of(path: Path, offsets: boring.Cache) -> tuple[list[elf.Probe], str]:
    """What to attach to in a file; where there is a TLS library and nothing to attach to, why."""
    binary = elf.read_binary(path)
    if binary is None:
        return [], ""
    if not binary.places:
        binary = binary._replace(places=offsets.places(path, binary))
    try:
        probes = elf.plan(path, binary) or golang.plan(path)
    except golang.Unknown as error:
        return [], str(error)
    library = "" if probes else library_inside(path, Path(readable(path)).name)
    return probes, f"it has {library} inside, whose calls are not found" if library else ""


def identity_of(path: Path) -> Identity:
    """What a file is, by whatever name."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_mtime_ns


def lasting(path: Path, identity: Identity) -> Path:
    """The name of a file below /proc that is there when its process has ended, too, if it has one."""
    plain = Path(readable(path))
    try:
        return plain if identity_of(plain) == identity else path
    except OSError:
        return path


def readable(path: Path) -> str:
    """The name to tell of a path below /proc."""
    try:
        return str(path.resolve()) if path.is_relative_to("/proc") else str(path)
    except OSError:
        return str(path)


def libraries_of_machine() -> list[Path]:
    """The TLS libraries where linkers look, and programs that agents run in and that have one inside, which would be read too late when it starts."""
    found: dict[Path, None] = {}
    for folder in map(Path, FOLDERS):
        for name in NAMES:
            for path in (*folder.glob(name), *folder.glob(f"*-linux-*/{name}")):
                found[path.resolve()] = None
    places = (shutil.which(name) for name in RUNTIMES)
    found.update((program, None) for place in places if place for program in programs_behind(Path(place))[:1])
    return list(found)


def libraries_of_process(pid: int) -> list[Path]:
    """The program of a process, and the TLS libraries that it has in memory."""
    found: dict[Path, None] = {Path(f"/proc/{pid}/exe"): None}
    try:
        lines = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return list(found)
    for line in lines:
        parts = line.split(maxsplit=5)
        if len(parts) == 6 and "x" in parts[1] and parts[5].startswith("/") and may_hold_tls(parts[5]):
            found[Path(f"/proc/{pid}/root{parts[5]}")] = None
    return list(found)


def may_hold_tls(path: str) -> bool:
    """By its name: a TLS library, or a library that may have one inside (bpf/agent.bpf.c knows the same names)."""
    name = path.rpartition("/")[2]
    return TLS_NAME.match(name) is not None or name.startswith("libpython") or name.endswith((".so", ".node"))


def programs_behind(path: Path) -> list[Path]:
    """The program itself behind scripts and links, and the TLS libraries beside it (as an environment of Python or Node.js has them)."""
    found: dict[Path, None] = {}
    for _ in range(4):  # a script's interpreter may be a script
        try:
            path = path.resolve(strict=True)
            with path.open("rb") as file:
                first = file.read(256)
        except OSError:
            break
        if not first.startswith(b"#!"):
            found[path] = None
            for folder in (path.parent, path.parent.parent / "lib"):
                for name in (*NAMES, "libpython3*.so*", "python3*/lib-dynload/_ssl*.so"):
                    for library in folder.glob(name):
                        found[library.resolve()] = None
            break
        path = interpreter(first)
    return list(found)


def interpreter(first_line: bytes) -> Path:
    """What `#!` names; through `env` by the search path."""
    words = os.fsdecode(first_line[2:].split(b"\n", 1)[0]).split()
    if words and words[0].endswith("/env"):
        names = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
        found = (Path(folder, names[0]) for folder in folders if names)
        return next((place for place in found if place.is_file()), Path())
    return Path(words[0]) if words else Path()
