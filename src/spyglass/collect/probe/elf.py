"""Where in an ELF file to put probes: functions by name, and the cheapest instruction of each.

A probe on an instruction that the kernel cannot emulate costs a single step, ten times as much as one on `push` or `nop` (in a virtual machine more). So a
function that begins with something else is entered a little later or deeper, where that changes neither arguments nor stack.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import NoteSection, Section, SymbolTableSection

__all__ = ["Binary", "Probe", "TlsPlaces", "plan", "read_binary"]

ENDBR64: Final = b"\xf3\x0f\x1e\xfa"
FUNCTION: Final = 2  # STT_FUNC
SYMBOL: Final = struct.Struct("<IBBHQQ")
TABLE_MOST: Final = 64 << 20  # bytes; a larger table of symbols or names is not read
BLOCK: Final = SYMBOL.size << 13  # bytes of a table at once: what a large program names would fill our memory
# OpenSSL 3.0 to 3.2 have one function below SSL_read and SSL_read_ex, with the same arguments; 3.3 gave it one more.
WITH_INTERNAL: Final = re.compile(rb"OpenSSL (3\.[012])\.\d+")
VERSION_MOST: Final = 32  # bytes of that

SSL_CALLS: Final = ("SSL_write", "SSL_read", "SSL_write_ex", "SSL_read_ex", "SSL_set_fd", "SSL_free")
GNUTLS_CALLS: Final = ("gnutls_record_send", "gnutls_record_recv", "gnutls_transport_set_int2", "gnutls_deinit")

TlsPlaces = dict[str, int]
"""Offset in the file by name of the function."""


class Probe(NamedTuple):
    """A kernel program, and where in the file it belongs."""

    program: str
    offset: int
    returning: bool = False


class Binary(NamedTuple):
    """What is to know of an ELF file: its build id in hex (empty: it has none), its machine, and the TLS functions that it names."""

    build_id: str
    machine: str
    places: TlsPlaces


def read_binary(path: Path) -> Binary | None:
    """Look for TLS functions; None: not an ELF file, or one that cannot be read."""
    try:
        with path.open("rb") as file:
            if file.read(4) != b"\x7fELF":
                return None
            elf = ELFFile(file)
            return Binary(build_id_of(elf), str(elf["e_machine"]), places_of(elf))
    except (OSError, ELFError, ValueError, ArithmeticError, LookupError, AttributeError, AssertionError, struct.error):
        return None  # broken or hostile files are no business of ours


def build_id_of(elf: ELFFile) -> str:
    """Of its notes."""
    section = elf.get_section_by_name(".note.gnu.build-id")
    if isinstance(section, NoteSection):
        for note in section.iter_notes():
            if note["n_type"] == "NT_GNU_BUILD_ID":
                return str(note["n_desc"])
    return ""


def places_of(elf: ELFFile) -> TlsPlaces:
    """Functions of TLS libraries that the file itself has."""
    loads = [(s["p_vaddr"], s["p_memsz"], s["p_offset"]) for s in elf.iter_segments() if s["p_type"] == "PT_LOAD"]
    addresses = addresses_of(elf, (*SSL_CALLS, *GNUTLS_CALLS))
    return {name: at - start + offset for name, at in addresses.items() for start, size, offset in loads if start <= at < start + size}


def addresses_of(elf: ELFFile, wanted: Collection[str]) -> dict[str, int]:
    """Addresses of functions, from whole symbol tables. Linkers let names end alike share their text, so places in the text are compared, not words."""
    found: dict[str, int] = {}
    for section in elf.iter_sections():
        if not isinstance(section, SymbolTableSection) or section["sh_entsize"] != SYMBOL.size:
            continue
        if max(section["sh_size"], section.stringtable["sh_size"]) > TABLE_MOST:
            continue
        places = places_in_text(elf.stream, section.stringtable, wanted)
        if not places:
            continue
        for _, table in blocks(elf.stream, section["sh_offset"], section["sh_size"]):
            for at, information, _, section_index, value, _ in SYMBOL.iter_unpack(table[: len(table) // SYMBOL.size * SYMBOL.size]):
                if at in places and value and section_index and information & 15 == FUNCTION:
                    found[places[at]] = value
        if found:
            break
    return found


def places_in_text(file: IO[bytes], section: Section, wanted: Collection[str]) -> dict[int, str]:
    """Where in a table of names each of the wanted stands, also as the end of another."""
    patterns = [(name, re.compile(re.escape(name.encode() + b"\0"))) for name in wanted]  # one by one is six times as quick as all at once
    found: dict[int, str] = {}
    for begin, text in blocks(file, section["sh_offset"], section["sh_size"], max(map(len, wanted))):
        found.update((begin + match.start(), name) for name, pattern in patterns for match in pattern.finditer(text))
    return found


def blocks(file: IO[bytes], offset: int, size: int, overlap: int = 0) -> Iterator[tuple[int, bytes]]:
    """A part of a file piece by piece, each with where in the part it begins, and with the first bytes of the next one."""
    for begin in range(0, size, BLOCK):
        file.seek(offset + begin)
        yield begin, file.read(min(BLOCK + overlap, size - begin))


def plan(path: Path, binary: Binary) -> list[Probe]:
    """The probes for the TLS functions of a file; none when it lacks those that matter."""
    places = binary.places
    if "gnutls_record_send" in places:
        places = dict(zip(("SSL_write", "SSL_read", "SSL_set_fd", "SSL_free"), (places.get(name, 0) for name in GNUTLS_CALLS), strict=True))
    if not places.get("SSL_write") or not places.get("SSL_read"):
        return []
    with path.open("rb") as file:
        if binary.machine != "EM_X86_64":
            cheap, deeper = dict.fromkeys(places, True), None
        else:
            places = {name: cheaper(file, at) for name, at in places.items() if at}
            cheap = {name: is_emulated(read_at(file, at, 4)) for name, at in places.items()}
            deeper = below(file, path, places) if not (cheap["SSL_write"] and cheap["SSL_read"]) else None
    if deeper:
        places = {**{name: at for name, at in places.items() if name not in ("SSL_write", "SSL_read")}, **deeper}
    return [*both("write", places), *both("read", places), *(Probe(name.lower(), places[name]) for name in ("SSL_set_fd", "SSL_free") if places.get(name))]


def both(verb: str, places: TlsPlaces) -> list[Probe]:
    """Begin and return of a function and of its variant that gives the length through a pointer."""
    found = []
    for suffix in ("", "_ex"):
        at = places.get(f"SSL_{verb}{suffix}")
        if at:
            found += [Probe(f"ssl_{verb}{suffix}", at), Probe(f"ssl_{verb}_return", at, returning=True)]
    return found


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Bytes of the file."""
    file.seek(offset)
    return file.read(size)


def is_emulated(code: bytes) -> bool:
    """Whether the kernel emulates this instruction: push, nop, call, jmp."""
    return bool(code) and (0x50 <= code[0] <= 0x57 or (code[0] == 0x41 and 0x50 <= code[1] <= 0x57) or code[0] in (0x90, 0xE8, 0xE9))


def cheaper(file: BinaryIO, offset: int) -> int:
    """The begin of the function, or right after its `endbr64` where that is cheaper: it touches neither stack nor arguments."""
    code = read_at(file, offset, 8)
    after = offset + len(ENDBR64)
    return after if code.startswith(ENDBR64) and is_emulated(code[len(ENDBR64) :]) else offset


def below(file: BinaryIO, path: Path, places: TlsPlaces) -> TlsPlaces | None:
    """The functions that SSL_write_ex and SSL_read_ex only call (`sub $8,%rsp; call`): all four public ones go there. None: not so here."""
    if "SSL_write_ex" not in places or "SSL_read_ex" not in places or not has_internal(path):
        return None
    found = {}
    for name in ("SSL_write_ex", "SSL_read_ex"):
        code = read_at(file, places[name], 16)
        skipped = len(ENDBR64) if code.startswith(ENDBR64) else 0
        if code[skipped : skipped + 5] != b"\x48\x83\xec\x08\xe8":
            return None
        (distance,) = struct.unpack_from("<i", code, skipped + 5)
        found[name] = cheaper(file, places[name] + skipped + 9 + distance)
        if not is_emulated(read_at(file, found[name], 4)):
            return None
    return found


def has_internal(path: Path) -> bool:
    """Whether it is OpenSSL 3.0 to 3.2. The library does not say its version itself, libcrypto beside it does."""
    for library in (path, *path.resolve().parent.glob("libcrypto.so.3*")):
        try:
            with library.open("rb") as file:
                if any(WITH_INTERNAL.search(data) for _, data in blocks(file, 0, library.stat().st_size, VERSION_MOST)):
                    return True
        except OSError:
            continue
    return False
