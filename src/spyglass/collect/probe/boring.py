"""SSL_read and SSL_write in a stripped program that has BoringSSL inside (Bun, and what is made with it), found by meaning and not by patterns of bytes.

BoringSSL reports errors with (reason, file name, line), and the file name survives stripping. So: find the text ".../ssl/ssl_lib.cc"; find the code that
loads its address, with the constants loaded beside it; group these places into functions by where calls lead to; choose by the set of reasons that a
function reports.
"""

from __future__ import annotations

import bisect
import json
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from spyglass.collect.probe.elf import Binary, TlsPlaces

__all__ = ["Cache", "find"]

LEAST_BYTES: Final = 2 << 20  # of a program with BoringSSL inside
FILE_NAME: Final = re.compile(rb"ssl/ssl_lib\.cc?\0")
NAME_MOST: Final = 512
BLOCK: Final = 2 << 20  # bytes searched at once, so that a large program does not fill our memory
AROUND: Final = 24  # bytes of code before and after the file name's address where its line and reason are loaded
# Reasons of ssl/errors.h that tell the functions apart.
NOT_TO_BE_CALLED, UNINITIALIZED = 66, 226
LEA_RCX: Final = re.compile(rb"\x48\x8d\x0d", re.DOTALL)  # lea rcx,[rip+…]: the fourth argument
MOV_ECX: Final = b"\xb9"
CALL_BYTES: Final = 5
BESIDE: Final = 65536  # how far before a report its function may begin
# What a function can follow: ret, int3, nop, padding.
ENDS_BEFORE: Final = frozenset((0xC3, 0xCC, 0x90, 0x00, 0x66))


class Segment(NamedTuple):
    """A part of the file as it lies in memory."""

    address: int
    size: int
    offset: int


class Report(NamedTuple):
    """A place in the code that reports an error of ssl_lib.cc."""

    address: int
    reason: int
    line: int


class Cache:
    """What was found, by build id; in a file of our own too, where we have a place that only we can write to."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = (folder or default_folder()) / "boring.json"
        self._known: dict[str, TlsPlaces] | None = None

    def places(self, path: Path, binary: Binary) -> TlsPlaces:
        """SSL_read and SSL_write of a program that names neither; empty: it has no BoringSSL that we know."""
        known = self._load() if self._known is None else self._known
        if binary.build_id in known:
            return known[binary.build_id]
        found = find(path) if binary.machine == "EM_X86_64" else {}
        if binary.build_id:
            known[binary.build_id] = found
            self._save(known)
        return found

    def _load(self) -> dict[str, TlsPlaces]:
        self._known = {}
        try:
            with self._file.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_uid == os.geteuid() and not status.st_mode & 0o022 and status.st_size < 1 << 20:
                    told = json.load(file)
                    self._known = {str(key): {str(name): int(at) for name, at in places.items()} for key, places in told.items()}
        except (OSError, ValueError, AttributeError):
            pass  # as good as none
        return self._known

    def _save(self, known: dict[str, TlsPlaces]) -> None:
        fresh = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_text(json.dumps(dict(list(known.items())[-256:])), encoding="utf-8")
            fresh.chmod(0o600)
            fresh.replace(self._file)
        except OSError:
            pass  # the next start searches again


def default_folder() -> Path:
    """Where a system's caches are for root, a user's otherwise."""
    if os.geteuid() == 0:
        return Path("/var/cache/spyglass")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spyglass"


def find(path: Path) -> TlsPlaces:
    """Offsets in the file of SSL_write and SSL_read; empty when they are not found without doubt. Reads the file once or twice, about a second per 100 MB."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < LEAST_BYTES:
                return {}
            elf = ELFFile(file)
            loads = [Segment(s["p_vaddr"], s["p_filesz"], s["p_offset"]) for s in elf.iter_segments() if s["p_type"] == "PT_LOAD"]
            code = [Segment(s["p_vaddr"], s["p_filesz"], s["p_offset"]) for s in elf.iter_segments() if s["p_type"] == "PT_LOAD" and s["p_flags"] & 1]
            name = file_name_at(path, loads)
            found = [report for segment in code for report in reports(path, segment, name)] if name is not None else []
            functions = grouped(path, code, found)
    except (OSError, ELFError, ValueError, struct.error):
        return {}
    chosen = choose(functions)
    return {call: at - segment.address + segment.offset for call, at in chosen.items() for segment in code if 0 <= at - segment.address < segment.size}


def choose(functions: dict[int, list[Report]]) -> dict[str, int]:
    """SSL_write reports both reasons; SSL_peek (which SSL_read calls, or has inside) is the last function above it that reports only the first."""
    writes = [start for start, told in functions.items() if {NOT_TO_BE_CALLED, UNINITIALIZED} <= {report.reason for report in told}]
    if len(writes) != 1:
        return {}
    line = min(report.line for report in functions[writes[0]])
    reads = {
        max(report.line for report in told): start
        for start, told in functions.items()
        if {report.reason for report in told} == {NOT_TO_BE_CALLED} and max(report.line for report in told) < line
    }
    return {"SSL_write": writes[0], "SSL_read": reads[max(reads)]} if reads else {}


def file_name_at(path: Path, loads: list[Segment]) -> int | None:
    """The address of the file name's first letter; None: it is not there."""
    for begin, data in blocks(path, Segment(0, path.stat().st_size, 0), NAME_MOST):
        match = FILE_NAME.search(data)
        if match:
            offset = begin + data.rfind(b"\0", 0, match.start()) + 1
            return next((s.address + offset - s.offset for s in loads if s.offset <= offset < s.offset + s.size), None)
    return None


def blocks(path: Path, segment: Segment, overlap: int) -> Iterator[tuple[int, bytes]]:
    """A part of the file, block by block; each begins with the last bytes of the one before."""
    with path.open("rb") as file:
        for begin in range(0, segment.size, BLOCK):
            file.seek(segment.offset + max(0, begin - overlap))
            yield segment.offset + max(0, begin - overlap), file.read(min(BLOCK, segment.size - begin) + min(begin, overlap))


def reports(path: Path, segment: Segment, name: int) -> Iterator[Report]:
    """Where the code loads the file name's address into the fourth argument, with reason and line."""
    absolute = re.compile(re.escape(MOV_ECX + struct.pack("<I", name & 0xFFFFFFFF)), re.DOTALL)
    seen: set[int] = set()
    for offset, data in blocks(path, segment, 4 * AROUND):
        base = segment.address + offset - segment.offset
        places = [match.start() for match in absolute.finditer(data)] if name < 1 << 32 else []
        wanted = name - base - 7  # the address is told as a distance from the next instruction
        unpack = struct.Struct("<i").unpack_from
        places += [at for match in LEA_RCX.finditer(data, 0, max(0, len(data) - 7)) if unpack(data, (at := match.start()) + 3)[0] == wanted - at]
        for at in places:
            if base + at not in seen and at >= AROUND and at + AROUND <= len(data):
                seen.add(base + at)
                yield report_at(base + at, data[at - AROUND : at + AROUND])


def report_at(address: int, code: bytes) -> Report:
    """Reason (edx) and line (r8d) are loaded somewhere beside the file name."""
    reason, line = 0, 0
    for at in range(len(code) - 6):
        if code[at : at + 2] == b"\x41\xb8" and at > AROUND // 2:
            (line,) = struct.unpack_from("<I", code, at + 2)
        elif code[at] == 0xBA:
            (value,) = struct.unpack_from("<I", code, at + 1)
            reason = value if value < 2000 else reason
    return Report(address, reason, line)


def grouped(path: Path, code: list[Segment], found: list[Report]) -> dict[int, list[Report]]:
    """Reports by the function that they are in, which is the last place before them that is called from anywhere."""
    starts = called(path, code, sorted(report.address for report in found)) if found else []
    functions: dict[int, list[Report]] = {}
    for report in found:
        place = bisect.bisect_right(starts, report.address) - 1
        if place >= 0 and report.address - starts[place] < BESIDE:
            functions.setdefault(starts[place], []).append(report)
    return functions


def called(path: Path, code: list[Segment], addresses: list[int]) -> list[int]:
    """Where calls lead to and that look like the begin of a function, at most BESIDE before one of the addresses (sorted); in order."""
    import numpy as np  # noqa: PLC0415 - a program with BoringSSL is rare, and numpy takes 20 MB

    near = np.array(addresses, np.int64)
    targets: set[int] = set()
    for segment in code:
        for offset, data in blocks(path, segment, CALL_BYTES):
            octets = np.frombuffer(data, np.uint8)
            places = np.flatnonzero(octets[: -CALL_BYTES + 1] == 0xE8)
            distances = np.zeros(len(places), np.uint32)
            for index in range(4):
                distances |= octets[places + 1 + index].astype(np.uint32) << np.uint32(8 * index)
            leads = segment.address + offset - segment.offset + places + CALL_BYTES + distances.view(np.int32)
            following = near[np.minimum(np.searchsorted(near, leads), len(near) - 1)] - leads
            targets.update(leads[(following >= 0) & (following < BESIDE)].tolist())
    with path.open("rb") as file:
        return sorted(target for target in targets if target % 16 == 0 or byte_before(file, code, target) in ENDS_BEFORE)


def byte_before(file: BinaryIO, code: list[Segment], address: int) -> int:
    """The byte of the program before an address; -1: it is outside of the code."""
    for segment in code:
        if 0 < address - segment.address <= segment.size:
            return os.pread(file.fileno(), 1, segment.offset + address - segment.address - 1)[0]
    return -1
