"""strace's account of a run, to be compared with what a watch saw. In: files of `strace -ff -ttt -y -xx`. Out: an `Account`, counts of facts."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["CALLS", "OPTIONS", "Account", "account"]

CALLS: Final = (
    "execve,execveat,clone,clone3,fork,vfork,chdir,fchdir,open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,"
    "chmod,fchmod,fchmodat,truncate,ftruncate,link,linkat,symlink,symlinkat,connect,write,pwrite64,writev,pwritev,pwritev2,sendfile,splice,copy_file_range"
)
OPTIONS: Final = ("-ff", "-ttt", "-y", "-xx", "-s", "4096", "-e", "abbrev=none", "-e", f"trace={CALLS}")

LINE: Final = re.compile(
    r"^(?P<time>[\d.]+) (?P<name>\w+)\((?P<given>.*)\)\s+= (?P<result>-?\d+)(?:<(?P<file>(?:\\x[0-9a-f]{2})*)(?P<rest>[^>]*)>)?(?: (?P<error>E\w+))?"
)
END: Final = re.compile(r"^(?P<time>[\d.]+) \+\+\+ (?:exited with (?P<code>\d+)|killed by (?P<signal>\w+))")
TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
PLACE: Final = re.compile(r"(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)")
CHANGES: Final = {
    "rename": "rename", "renameat": "rename", "renameat2": "rename", "unlink": "delete", "unlinkat": "delete", "mkdir": "mkdir", "mkdirat": "mkdir",
    "rmdir": "rmdir", "chmod": "chmod", "fchmod": "chmod", "fchmodat": "chmod", "truncate": "truncate", "ftruncate": "truncate", "link": "link",
    "linkat": "link", "symlink": "symlink", "symlinkat": "symlink",
}  # fmt: skip


class Line(NamedTuple):
    """One call or end."""

    time: float
    tid: int
    call: re.Match[str] | None
    end: re.Match[str] | None


@dataclass
class Account:
    """Facts, each as often as it was seen. A fact is a tuple whose first element is a pid."""

    execs: Counter[tuple[object, ...]] = field(default_factory=Counter)
    ends: Counter[tuple[object, ...]] = field(default_factory=Counter)
    opened: Counter[tuple[object, ...]] = field(default_factory=Counter)  # for writing
    changes: Counter[tuple[object, ...]] = field(default_factory=Counter)
    connects: Counter[tuple[object, ...]] = field(default_factory=Counter)
    written: Counter[tuple[object, ...]] = field(default_factory=Counter)  # bytes by process and file


def raw(text: str) -> str:
    """A string of strace, all in hexadecimal."""
    return os.fsdecode(bytes.fromhex(text.replace("\\x", "")))


def lines(folder: Path) -> Iterator[Line]:
    """All calls of all threads, in order."""
    found = []
    for path in folder.iterdir():
        tid = int(path.suffix[1:])
        for text in path.read_text(encoding="ascii", errors="replace").splitlines():
            call, end = LINE.match(text), END.match(text)
            matched = call or end
            if matched is not None:
                found.append(Line(float(matched["time"]), tid, call, end))
    return iter(sorted(found, key=lambda line: line.time))


class Reader:
    """Goes through the lines and remembers who is a thread of whom, and where each process is."""

    def __init__(self, root: int, folder: str) -> None:
        self.account = Account()
        self.process = {root: root}  # of each thread
        self.folders = {root: folder}

    def take(self, line: Line) -> None:
        """Look at a line."""
        pid = self.process.setdefault(line.tid, line.tid)
        if line.end is not None:
            if pid == line.tid:
                how = ("signal", line.end["signal"]) if line.end["signal"] else ("code", int(line.end["code"]))
                self.account.ends[pid, *how] += 1
            return
        assert line.call is not None
        self.call(pid, line.call)

    def call(self, pid: int, call: re.Match[str]) -> None:
        """Look at a call."""
        name, result = call["name"], int(call["result"])
        if name in {"clone", "clone3", "fork", "vfork"}:
            if result > 0:
                thread = "CLONE_THREAD" in call["given"]
                self.process[result] = pid if thread else result
                if not thread:
                    self.folders[result] = self.folders.get(pid, "/")
        elif name in {"chdir", "fchdir"}:
            if result == 0:
                self.folders[pid] = self.name(pid, call["given"])
        elif name == "execve" and result == 0:
            arguments = call["given"].partition("[")[2].partition("]")[0]
            self.account.execs[pid, *(raw(text) for text in TEXT.findall(arguments))] += 1
        elif name in {"open", "openat", "openat2", "creat"}:
            if result >= 0 and (name == "creat" or re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", call["given"])) and "O_TMPFILE" not in call["given"]:
                self.account.opened[pid, raw(call["file"] or "")] += 1
        elif name == "connect":
            self.connect(pid, call)
        elif name in CHANGES:
            self.change(pid, name, call)
        elif result > 0:
            self.wrote(pid, name, call, result)

    def connect(self, pid: int, call: re.Match[str]) -> None:
        """An address that was asked for."""
        port, texts = re.search(r"htons\((\d+)\)", call["given"]), TEXT.findall(call["given"])
        if texts and ("AF_INET" in call["given"] or "AF_UNIX" in call["given"]):
            self.account.connects[pid, raw(texts[0]).lstrip("@"), int(port[1]) if port else 0, call["error"] or ""] += 1

    def change(self, pid: int, name: str, call: re.Match[str]) -> None:
        """A change of names or states."""
        given, what = call["given"], CHANGES[name]
        if name == "unlinkat" and "AT_REMOVEDIR" in given:
            what = "rmdir"
        names = [raw(text) for text in TEXT.findall(given)]
        if name.startswith("f") and name != "fchmodat":
            paths = [self.name(pid, given)]
        elif what == "symlink":
            paths = [self.joined(pid, names[1], given), names[0]]
        else:
            places = PLACE.findall(given)
            bases = [raw(place) for place in places] if len(places) == len(names) else [self.folders.get(pid, "/")] * len(names)
            paths = [posixpath.normpath(posixpath.join(base, text)) for base, text in zip(bases, names, strict=True)]
            if what == "link":
                paths.reverse()
        self.account.changes[pid, what, *paths, call["error"] or ""] += 1

    def wrote(self, pid: int, name: str, call: re.Match[str], size: int) -> None:
        """Bytes into a file."""
        places = [raw(place) for place in PLACE.findall(call["given"])]
        to = places[1] if name in {"copy_file_range", "splice"} else places[0] if places else ""
        if to.startswith("/") and (not to.startswith("/dev/") or to.startswith("/dev/shm/")):
            self.account.written[pid, to] += size

    def name(self, pid: int, given: str) -> str:
        """What a call with one name or descriptor is about."""
        names = TEXT.findall(given)
        return self.joined(pid, raw(names[0]), given) if names else raw(PLACE.findall(given)[0])

    def joined(self, pid: int, text: str, given: str) -> str:
        """A name made absolute."""
        places = PLACE.findall(given)
        return posixpath.normpath(posixpath.join(raw(places[0]) if places else self.folders.get(pid, "/"), text))


def account(folder: Path, root: int, started_in: str) -> Account:
    """Read everything."""
    reader = Reader(root, started_in)
    for line in lines(folder):
        reader.take(line)
    return reader.account
