"""Where Go's crypto/tls is probed: in a program made by hand, as the linker of Go lays it out, and in one that a toolchain makes."""

from __future__ import annotations

import asyncio
import re
import shutil
import struct
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from spyglass.collect.probe import golang
from spyglass.collect.records import Chunk, StreamEnd

TEXT_AT, TABLE_AT = 0x1000, 0x2000
PROLOGUE = b"\x49\x3b\x66\x10\x0f\x86\0\0\0\0\x55"  # cmp, jbe, push
FRAME = 0x60  # bytes of stack, with what was pushed
KEEP = b"\x48\x89\x44\x24\x68\x48\x89\x5c\x24\x70\x48\x89\x4c\x24\x78"  # what came in three registers, above it
LEAVE = b"\x48\x83\xc4\x58\x5d\xc3"  # add, pop, ret
CONFUSING = b"\xb8\xc3\xc3\xc3\xc3"  # mov $0xc3c3c3c3,%eax: no ret
WRITE = PROLOGUE + LEAVE
READ = PROLOGUE + KEEP + CONFUSING + LEAVE + CONFUSING + LEAVE.replace(b"\xc3", b"\x90\xc3") + LEAVE + b"\x48\x89"  # at last more stack is made


def levels(function: bytes) -> bytes:
    """How much of the stack is used, as the table tells it: steps of the level and of the place, both in seven bits."""
    changes = [(0, 0), (len(PROLOGUE), FRAME)]
    for begin, end in returns_in(function):
        changes += [(begin, 0), (end, FRAME)]
    changes[-1] = (len(function), 0)  # what comes behind the last return uses nothing, too
    told, value = b"", -1
    for (place, level), (until, _) in pairwise(changes):
        step, value = level - value, level
        told += varint(2 * step if step >= 0 else -2 * step - 1) + varint(until - place)
    return told + b"\0"


def varint(value: int) -> bytes:
    told = bytearray()
    while value > 0x7F:
        told.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*told, value))


def program(path: Path, *, read: bytes = READ, magic: int = 0xFFFFFFF1, before: int = 0, machine: int = 62) -> Path:
    """An ELF file with the sections that matter: .text and .gopclntab. `before`: bytes of others' code in front of Go's."""
    functions = {b"crypto/tls.(*Conn).Write": WRITE, b"crypto/tls.(*Conn).Read": read, b"other": WRITE}
    text, entries, described, names, stacks = b"\xcc" * before, b"", b"", b"\0", b"\0"
    count = len(functions)
    for name, code in functions.items():
        begin, place = len(text) - before, 8 * count + 4 + len(described)
        entries += struct.pack("<II", begin, place)
        described += struct.pack("<IiiII", begin, len(names), 0, 0, len(stacks))
        names, stacks = names + name + b"\0", stacks + levels(code)
        text += code + b"\xcc" * (-len(code) % 16)
    places = (72, 72 + len(names), 0, 72 + len(names), 72 + len(names) + len(stacks))
    table = struct.pack("<I2xBB8Q", magic, 1, 8, count, 0, 0, places[0], 0, 0, places[3], places[4])
    table += names + stacks + entries + struct.pack("<I", len(text) - before) + described
    words, headers_at = b"\0.text\0.gopclntab\0.shstrtab\0", TABLE_AT + len(table) + 64
    sections = [(0, 0, 0, 0), (1, 1, TEXT_AT, len(text)), (7, 1, TABLE_AT, len(table)), (18, 3, TABLE_AT + len(table), len(words))]
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 0, headers_at, 0, 64, 0, 0, 64, len(sections), 3)
    file = bytearray(headers_at)
    file[: len(header)], file[TEXT_AT : TEXT_AT + len(text)] = header, text
    file[TABLE_AT : TABLE_AT + len(table) + len(words)] = table + words
    path.write_bytes(bytes(file) + b"".join(struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, at, size, 0, 0, 1, 0) for name, kind, at, size in sections))
    return path


def returns_in(code: bytes) -> list[tuple[int, int]]:
    """Where nothing of the stack is used any more, from and to."""
    return [match.span(1) for match in re.finditer(rb"\x5d(\x90?\xc3)", code)]


@pytest.mark.parametrize("before", [0, 0x230])
def test_every_return_is_found_and_nothing_that_looks_like_one(tmp_path, before):
    """Also where a linker has put other code first; Write is entered where a probe is cheap."""
    probes = golang.plan(program(tmp_path / "program", before=before))
    read_at = TEXT_AT + before + 32
    assert [(probe.program, probe.offset) for probe in probes] == [
        ("go_write", TEXT_AT + before + len(PROLOGUE) - 1),
        *(("go_read_return", read_at + at) for at, _ in returns_in(READ)),
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"magic": 0xFFFFFFFB}, "version of Go"),
        ({"read": READ.replace(KEEP, b"\x90" * len(KEEP))}, "does not keep"),
        ({"machine": 183}, "x86-64 alone"),
    ],
)
def test_what_is_not_known_is_said_and_left_alone(tmp_path, changed, why):
    """Other versions, other code, other processors."""
    with pytest.raises(golang.Unknown, match=why):
        golang.plan(program(tmp_path / "program", **changed))


def test_a_table_that_does_not_fit_to_the_code_is_refused(tmp_path):
    """No probe is put where the code has something else than the table says."""
    path = program(tmp_path / "program")
    code = bytearray(path.read_bytes())
    code[TEXT_AT + 32 + returns_in(READ)[0][0]] = 0xCC
    path.write_bytes(code)
    with pytest.raises(golang.Unknown, match="does not look like"):
        golang.plan(path)


def test_other_programs_have_none(tmp_path):
    """A C program, a text, a Go table that was cut."""
    whole = program(tmp_path / "program").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: TABLE_AT + 90])
    (tmp_path / "text").write_text("no program")
    assert [golang.plan(path) for path in (Path("/bin/sh"), tmp_path / "cut", tmp_path / "text")] == [[], [], []]


SOURCE = """
package main
import ("bytes"; "crypto/tls"; "io"; "os"; "fmt"; "bufio"; "net/textproto")
func main() {
    body, _ := os.ReadFile(os.Args[2])
    link, err := tls.Dial("tcp", "127.0.0.1:" + os.Args[1], &tls.Config{InsecureSkipVerify: true})
    if err != nil { panic(err) }
    fmt.Fprintf(link, "POST /echo HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: %d\\r\\n\\r\\n", len(body))
    link.Write(body)
    reader := bufio.NewReader(link)
    lines := textproto.NewReader(reader)
    lines.ReadLine()
    lines.ReadMIMEHeader()
    got := make([]byte, len(body))
    io.ReadFull(reader, got)
    link.Close()
    if !bytes.Equal(got, body) { os.Exit(1) }
}
"""


async def test_plaintext_of_a_stripped_go_program_is_whole(kernel, watch, https_port, tmp_path):
    """Both ways, with the other end's address, and an end."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go toolchain on this machine, to make what uses crypto/tls: apt-get install golang-go")
    body = b"".join(b"%07d\n" % number for number in range(30_000))
    (tmp_path / "body").write_bytes(body)
    (tmp_path / "main.go").write_text(SOURCE)
    command = [go, "build", "-ldflags", "-s -w", "-o", "program", "main.go"]
    await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, check=True, timeout=600)
    found = await watch([str(tmp_path / "program"), str(https_port), str(tmp_path / "body")], ["tls"])
    pieces = [record for record in found if isinstance(record, Chunk)]
    for way in ("out", "in"):
        assert b"".join(record.data for record in pieces if record.direction == way).endswith(body)
    assert {record.remote for record in pieces} == {("127.0.0.1", https_port)}
    assert not any(record.missing for record in pieces)
    assert sum(isinstance(record, StreamEnd) for record in found) == 1
