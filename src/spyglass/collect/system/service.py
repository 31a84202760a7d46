"""What to call a watched program: its root process in, a name for people out."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from spyglass.collect.system.text import clean
from spyglass.collect.system.tree import Tree

__all__ = ["name_of", "program_name", "running_name"]

_INTERPRETERS: Final = re.compile(r"(?:python|pypy|node|nodejs|bun|deno|ruby|perl|php|bash|sh|dash|zsh)[\d.]*$")
_MODULE: Final = "-m"


def program_name(tree: Tree, root: int) -> str:
    """The name of the program that a watched tree began with; empty: not known."""
    last = max((process for process in tree.of(root)), key=lambda process: process.seen_ns, default=None)
    if last is not None and last.path:
        return name_of(last.path, last.argv)
    return (running_name(root) if root else "") or clean(last.command if last else "", 128)


def running_name(pid: int) -> str:
    """The name of the program that a process runs now; empty: it has ended, or is another user's."""
    process = Path(f"/proc/{pid}")
    try:
        argv = os.fsdecode((process / "cmdline").read_bytes()).split("\0")
        return name_of(str((process / "exe").readlink()).removesuffix(" (deleted)"), tuple(argv[:8]))
    except OSError:
        return ""


def name_of(path: str, argv: tuple[str, ...]) -> str:
    """`claude` for `/usr/bin/node /opt/bin/claude -p …`: of an interpreter, the script or module that it runs."""
    name = path.rpartition("/")[2]
    if _INTERPRETERS.match(name):
        for index, arg in enumerate(argv[1:8], 1):
            if arg == _MODULE and index + 1 < len(argv):
                return clean(argv[index + 1], 128)
            if arg.startswith("-c") or arg in ("-e", "--eval", "-"):
                break
            if not arg.startswith("-"):
                return clean(arg.rstrip("/").rpartition("/")[2] or name, 128)
    return clean(name, 128)
