"""What a file has inside that speaks TLS and cannot be probed: its bytes in, the name of the library out.

Only to say so: programs are not recognised by it, and nothing is attached to where it finds something. It finds what libraries leave in a program that was
stripped, the names of their source files in messages of errors.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

__all__ = ["library_inside"]

BLOCK: Final = 2 << 20  # bytes at once
OVERLAP: Final = 256
LARGEST: Final = 512 << 20  # bytes; what is larger holds data
MARKS: Final = (
    (re.compile(rb"/rustls-(\d+\.\d+\.\d+)[^/\0]{0,20}/src/"), "rustls {}"),
    (re.compile(rb"ssl/ssl_lib\.cc\0"), "BoringSSL"),
    (re.compile(rb"ssl/ssl_lib\.c\0"), "OpenSSL"),
)
BY_NAME: Final = ((re.compile(r"^libssl3\.so"), "NSS"), (re.compile(r"^libmbedtls\.so"), "Mbed TLS"), (re.compile(r"^libwolfssl\.so"), "wolfSSL"))


def library_inside(path: Path, name: str) -> str:
    """The first library that is found, with its version where that stands there; empty: none. `name`: of the file, which below /proc is not that of `path`."""
    known = next((library for pattern, library in BY_NAME if pattern.match(name)), "")
    return known or in_bytes(path)


def in_bytes(path: Path) -> str:
    """By its bytes; reads the file once, about a second per GB."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size > LARGEST:
                return ""
            tail = b""
            while block := file.read(BLOCK):
                data = tail + block
                for pattern, library in MARKS:
                    if match := pattern.search(data):
                        return library.format(*(group.decode() for group in match.groups()))
                tail = data[-OVERLAP:]
    except OSError:
        pass
    return ""
