"""Where to put probes on crypto/tls in a program made by Go, stripped or not: an ELF file in, probes out.

Go's runtime needs a table of all functions for its own stack traces (.gopclntab), which stripping leaves. It tells for each instruction how much of the stack
the function uses: nothing at its begin, and again only where it is about to return. So every `ret` is known exactly, without taking code apart; a byte that
merely looks like one is never touched.

The table: https://go.dev/s/go12symtab, and runtime/symtab.go of Go 1.18 and 1.20 for what became of it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section

from spyglass.collect.probe.elf import TABLE_MOST, Probe, read_at

__all__ = ["Unknown", "plan"]

TABLES: Final = (".gopclntab", ".data.rel.ro.gopclntab")
MAGICS: Final = {0xFFFFFFF0: "1.18", 0xFFFFFFF1: "1.20"}  # since which version a table looks so; with 1.17 arguments came to registers
HEADER: Final = struct.Struct("<I2xBBQQQQQQQQ")  # magic, bytes per instruction, of an address; functions, files, text; names, units, files, stacks, functions
ENTRY: Final = struct.Struct("<II")  # of a function: its begin (from that of the text) and its description
DESCRIPTION: Final = struct.Struct("<IiiII")  # begin, name, bytes of arguments, deferred return, use of the stack
WRITE, READ, CLOSE = (f"crypto/tls.(*Conn).{name}".encode() for name in ("Write", "Read", "Close"))
RETURN: Final = re.compile(rb"(?:\x66?\x90)*\xc3")  # after what fills up to where processors like it better
FUNCTION_MOST: Final = 1 << 16  # bytes
TEXT_BEFORE: Final = 1 << 16  # bytes of others' code that a linker may put before Go's
ALIGNED: Final = 16
# Compares the stack pointer with the end of the goroutine's stack, jumps to where it grows, and pushes: there all arguments are still where they came.
PROLOGUE: Final = re.compile(rb"(?:\x49\x3b\x66\x10|\x4c\x8d(?:\x64\x24.|\xa4\x24.{4})\x4d\x3b\x66\x10)(?:\x0f\x86.{4}|\x76.)", re.DOTALL)
PUSH: Final = 0x55
KEEPS: Final = (0x44, 0x5C, 0x4C)  # rax, rbx, rcx, as `mov` names them when it brings them to a place in the stack


class Unknown(Exception):
    """The program has crypto/tls, which cannot be probed; says why."""


class Function(NamedTuple):
    """Where it begins and ends, from the begin of the text; and how much of the stack is used from where on."""

    begin: int
    end: int
    stack: tuple[tuple[int, int], ...]


def plan(path: Path) -> list[Probe]:
    """The probes; none where the program was not made by Go, or has no crypto/tls.

    Raises:
        Unknown: it has, and nothing of it can be seen.
    """
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            section = next(filter(None, map(elf.get_section_by_name, TABLES)), None)
            text = elf.get_section_by_name(".text")
            if section is None or text is None or section["sh_size"] > TABLE_MOST:
                return []
            functions = functions_of(read_at(file, section["sh_offset"], section["sh_size"]))
            if not {WRITE, READ} <= functions.keys():
                return []
            if elf["e_machine"] != "EM_X86_64":
                raise Unknown("Go's crypto/tls is read on x86-64 alone")
            begin = begin_of(file, text, functions)
            return [*probes(file, begin, functions)]
    except (OSError, ELFError, ValueError, LookupError, AttributeError, AssertionError, struct.error):
        return []


def functions_of(table: bytes) -> dict[bytes, Function]:
    """Those of crypto/tls that matter.

    Raises:
        Unknown: the table is of a version of Go that is not known.
    """
    if not any(name in table for name in (WRITE, READ)):
        return {}
    magic, quantum, pointer, count, _, _, names, _, _, stacks, place = HEADER.unpack_from(table)
    if magic not in MAGICS or pointer != 8:
        raise Unknown("it was made by a version of Go whose tables are not known (1.18 and later are)")
    wanted = {at + 1 - names: name for name in (WRITE, READ, CLOSE) if (at := table.find(b"\0" + name + b"\0", names)) >= 0}
    found = {}
    entries = [*ENTRY.iter_unpack(table[place : place + ENTRY.size * count]), (struct.unpack_from("<I", table, place + ENTRY.size * count)[0], 0)]
    for (begin, described), (end, _) in pairwise(entries):
        _, name, _, _, stack = DESCRIPTION.unpack_from(table, place + described)
        if name in wanted and end - begin <= FUNCTION_MOST:
            found[wanted[name]] = Function(begin, end, tuple(levels(table, stacks + stack, end - begin, quantum)))
    return found


def levels(table: bytes, at: int, size: int, quantum: int) -> Iterator[tuple[int, int]]:
    """From where on (bytes from the function's begin) how much of the stack is used."""
    place, value = 0, -1
    while place < size:
        step, at = number(table, at)
        if not step and place:  # the end; behind it there is but padding
            return
        value += step >> 1 ^ -(step & 1)
        yield place, value
        step, at = number(table, at)
        place += step * quantum


def number(table: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits per byte, and what comes after it."""
    value = shift = 0
    while True:
        octet = table[at]
        at += 1
        value |= (octet & 0x7F) << shift
        shift += 7
        if octet < 0x80:
            return value, at


def begin_of(file: BinaryIO, text: Section, functions: dict[bytes, Function]) -> int:
    """Where in the file Go's text begins: where its section does, unless a linker has put something before it.

    Raises:
        Unknown: nowhere there is code that fits to the table.
    """
    write, read = functions[WRITE], functions[READ]
    for begin in range(text["sh_offset"], text["sh_offset"] + TEXT_BEFORE, ALIGNED):
        if PROLOGUE.match(read_at(file, begin + write.begin, 32)) and returns(read, read_at(file, begin + read.begin, read.end - read.begin)):
            return int(begin)
    raise Unknown("its code does not look like what Go makes")


def returns(function: Function, code: bytes) -> list[int]:
    """Every `ret`, from the function's begin; none when the code is not that of the function."""
    empty = [at for at, used in function.stack if used == 0 and at > 0]
    found = [at for at in empty if RETURN.match(code, at)]
    grows = function.stack[-1][0]  # behind its last instruction a function may have the code that gives it more stack, which uses none either
    return found if all(at in found or at == grows for at in empty) else []


def probes(file: BinaryIO, begin: int, functions: dict[bytes, Function]) -> Iterator[Probe]:
    """Write behind its prologue, every return of Read, and Close.

    Raises:
        Unknown: Read does not keep its arguments where they are looked for.
    """
    read = functions[READ]
    code = read_at(file, begin + read.begin, read.end - read.begin)
    used = max(level for _, level in read.stack)
    places = [used + 8 * number for number in (1, 2, 3)]
    if not all(kept(register, place) in code for register, place in zip(KEEPS, places, strict=True)):
        raise Unknown("its crypto/tls does not keep what it is given")
    yield Probe("go_write", begin + functions[WRITE].begin + behind(file, begin + functions[WRITE].begin))
    for at in returns(read, code):
        yield Probe("go_read_return", begin + read.begin + at)
    if CLOSE in functions:
        yield Probe("go_close", begin + functions[CLOSE].begin + behind(file, begin + functions[CLOSE].begin))


def kept(register: int, place: int) -> bytes:
    """The instruction that keeps what is in a register so many bytes above the stack pointer."""
    if place < 0x80:
        return bytes((0x48, 0x89, register, 0x24, place))
    return bytes((0x48, 0x89, register + 0x40, 0x24)) + struct.pack("<I", place)


def behind(file: BinaryIO, offset: int) -> int:
    """Bytes from the begin of a function to its `push`, on which a probe is cheap; 0: it has no such begin."""
    code = read_at(file, offset, 32)
    prologue = PROLOGUE.match(code)
    return prologue.end() if prologue and code[prologue.end()] == PUSH else 0
