"""Where probes are put: in libraries and programs of this machine, and in code made by hand."""

from __future__ import annotations

import io
import platform
import shutil
import struct
from pathlib import Path

import pytest

from spyglass.collect.probe import boring, elf, inside
from spyglass.collect.probe.attach import Attacher, Unread, interpreter, libraries_of_machine, libraries_of_process, may_hold_tls, programs_behind
from spyglass.collect.probe.failures import ProbeError


class Recorder:
    """Takes probes instead of the kernel; refuses one program when told so."""

    def __init__(self, refuse: str = "") -> None:
        self.probes: list[str] = []
        self.known: list[tuple[int, ...]] = []
        self.closed: list[int] = []  # from several threads
        self.refuse = refuse

    def attach_probe(self, name: str, path: Path, offset: int, *, returning: bool) -> Recorder:
        if name == self.refuse:
            raise ProbeError("attach", f"{name} refused")
        self.probes.append(name)
        return self

    def know(self, *identity: int) -> None:
        self.known.append(identity)

    def forget(self) -> None:
        self.known.clear()

    def close(self) -> None:
        self.closed.append(1)


@pytest.fixture
def libssl() -> Path:
    found = [path for path in libraries_of_machine() if path.name.startswith("libssl")]
    if not found:
        pytest.skip("no libssl here")
    return found[0]


def test_a_library_gets_begin_and_return_of_both_directions(libssl):
    """And where connections are named and end."""
    binary = elf.read_binary(libssl)
    assert binary is not None
    assert binary.build_id
    probes = elf.plan(libssl, binary)
    assert {(probe.program.removesuffix("_ex"), probe.returning) for probe in probes} == {
        ("ssl_write", False),
        ("ssl_write_return", True),
        ("ssl_read", False),
        ("ssl_read_return", True),
        ("ssl_set_fd", False),
        ("ssl_free", False),
    }


def test_probes_of_a_library_are_cheap(libssl):
    """Each function is entered at an instruction that the kernel emulates."""
    if platform.machine() != "x86_64":
        pytest.skip("costs differ on x86-64 only")
    binary = elf.read_binary(libssl)
    assert binary is not None
    with libssl.open("rb") as file:
        for probe in elf.plan(libssl, binary):
            if probe.program.startswith(("ssl_read", "ssl_write")):
                assert elf.is_emulated(elf.read_at(file, probe.offset, 4))


def test_a_library_that_cannot_be_read_is_told_to_whoever_watches_it(tmp_path):
    """Each time that it comes to be used, and to nobody else."""
    path, told = tmp_path / "agent.so", []
    path.write_bytes(Path("/bin/sh").read_bytes() + b"/cargo/registry/src/rustls-0.23.40/src/conn.rs")
    recorder = Recorder()
    attacher = Attacher(recorder, told.append)
    assert [attacher.attach(path, peer) for peer in (0, 3, 4)] == [0, 0, 0]
    assert told == [Unread(str(path), "it has rustls 0.23.40 inside, whose calls are not found", peer) for peer in (3, 4)]
    assert not recorder.known, "the next program that uses it wakes the loader again"
    attacher.close()


@pytest.mark.parametrize(
    ("name", "content", "library"),
    [
        ("a", b"x/boringssl/src/ssl/ssl_lib.cc\0", "BoringSSL"),
        ("a", b"\0ssl/ssl_lib.c\0", "OpenSSL"),
        ("libssl3.so", b"", "NSS"),
        ("a", b"/tokio-rustls-0.26.4/src/client.rs", ""),
        ("a", b"x" * (inside.BLOCK - 10) + b"/rustls-0.23.40/src/conn.rs", "rustls 0.23.40"),
    ],
)
def test_libraries_are_known_by_what_they_leave_in_a_program(tmp_path, name, content, library):
    """Also across the pieces in which a file is read."""
    (tmp_path / name).write_bytes(content)
    assert inside.library_inside(tmp_path / name, name) == library


def test_a_file_is_attached_once(libssl, tmp_path):
    """Also under another name."""
    link, recorder, told = tmp_path / "other", Recorder(), []
    link.symlink_to(libssl)
    attacher = Attacher(recorder, told.append)
    assert attacher.attach(libssl) == attacher.attach(link) == len(recorder.probes) > 0
    assert [each.path for each in told] == [str(libssl)]
    assert [inode for _, inode, _ in recorder.known] == [libssl.stat().st_ino]
    attacher.close()
    assert not recorder.known
    assert len(recorder.closed) == len(recorder.probes)


def test_a_library_that_cannot_be_attached_is_told_and_left_clean(libssl):
    """Half the probes would give half a truth."""
    recorder, told = Recorder("ssl_set_fd"), []
    attacher = Attacher(recorder, told.append)
    assert attacher.attach(libssl) == 0
    assert len(recorder.closed) == len(recorder.probes)
    assert f"TLS of {libssl} is not seen" in told[0].message
    attacher.close()


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF" + b"\xff" * 200, b"\x7fELF\x02\x01\x01" + bytes(100)])
def test_what_is_no_program_is_no_harm(tmp_path, content):
    """Broken files are passed over."""
    path = tmp_path / "file"
    path.write_bytes(content)
    attacher = Attacher(Recorder(), lambda _told: None)
    assert attacher.attach(path) == 0
    attacher.close()


def test_the_begin_of_a_function_is_passed_where_that_is_cheaper():
    """After endbr64 when a push follows; not when it does not."""
    assert elf.cheaper(io.BytesIO(b"\xf3\x0f\x1e\xfa\x55\x48\x89\xe5"), 0) == 4
    assert elf.cheaper(io.BytesIO(b"\xf3\x0f\x1e\xfa\x48\x83\xec\x08"), 0) == 0


def test_scripts_lead_to_their_interpreters(tmp_path):
    """By path, by env, over two steps; the program of a script that nobody has is none."""
    shell = Path(shutil.which("sh") or "/bin/sh").resolve()
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text(f"#!{shell}\n")
    two.write_text(f"#! {one} -x\n")
    assert programs_behind(two)[0] == shell
    assert interpreter(b"#!/usr/bin/env -S sh -e\n").name == "sh"
    one.write_text("#!/nowhere/program\n")
    assert programs_behind(one) == []


def test_libraries_in_memory_are_found():
    """Of a running process; its own program is among them."""
    import os
    import ssl

    assert ssl.OPENSSL_VERSION
    found = [path.name for path in libraries_of_process(os.getpid())]
    assert "exe" in found
    assert any(name.startswith(("libssl", "_ssl", "libpython")) for name in found)


@pytest.mark.parametrize(
    ("path", "holds"),
    [("/usr/lib/libssl.so.3", True), ("/x/libgnutls.so.30.1", True), ("/usr/lib/libc.so.6", False), ("/opt/libssl3.so", True), ("/a/_ssl.cpython.so", True)],
)
def test_libraries_are_known_by_name(path, holds):
    """Those of TLS, and those that may have it inside."""
    assert may_hold_tls(path) is holds


def code_of(*functions: list[tuple[int, int]]) -> dict[int, list[boring.Report]]:
    """Functions with (reason, line) of what they report."""
    return {0x1000 * index: [boring.Report(0, reason, line) for reason, line in told] for index, told in enumerate(functions)}


def test_stripped_functions_are_chosen_by_what_they_report():
    """SSL_write by both reasons; SSL_read the last above it with the first alone."""
    functions = code_of([(66, 800)], [(66, 900)], [(66, 950), (226, 952)], [(66, 1100)])
    assert boring.choose(functions) == {"SSL_write": 0x2000, "SSL_read": 0x1000}


def test_doubt_means_none():
    """Two candidates for SSL_write, or none for SSL_read."""
    assert boring.choose(code_of([(66, 1), (226, 2)], [(66, 3), (226, 4)])) == {}
    assert boring.choose(code_of([(66, 1), (226, 2)])) == {}


def test_reason_and_line_are_read_from_the_code():
    """mov edx, reason; lea rcx, name; mov r8d, line."""
    code = (b"\xba" + struct.pack("<I", 226)).rjust(24, b"\x90") + b"\x48\x8d\x0d\x00\x00\x00\x00" + b"\x41\xb8" + struct.pack("<I", 1077)
    assert boring.report_at(7, code.ljust(48, b"\x90")) == (7, 226, 1077)


def test_what_was_found_is_found_again_without_a_search(tmp_path):
    """By build id, in a file that only we can write."""
    (tmp_path / "boring.json").write_text('{"aa": {"SSL_write": 5, "SSL_read": 6}}')
    (tmp_path / "boring.json").chmod(0o600)
    binary = elf.Binary("aa", "EM_X86_64", {})
    assert boring.Cache(tmp_path).places(Path("/nowhere"), binary) == {"SSL_write": 5, "SSL_read": 6}
    (tmp_path / "boring.json").chmod(0o666)
    assert boring.Cache(tmp_path).places(Path("/nowhere"), binary) == {}
