"""`python -m spyglass.collect.probe`: the privileged process. Serves one collector over an inherited socket (`--fd`), or many over a Unix socket (`--socket`).

Exit codes: 0 it was asked to end or its collector left; 2 something here does not allow it (said on standard error, and to the collector); 64 wrong usage.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from spyglass.collect.probe import requirements
from spyglass.collect.probe.deposit import Deposit
from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.kernel import Kernel
from spyglass.collect.probe.libbpf import Libbpf
from spyglass.collect.probe.protocol import Frame, message
from spyglass.collect.probe.server import Server
from spyglass.collect.thrift import one_arena, settle

__all__ = ["main"]

_BEHIND: Final = 1000  # no descriptor of the kernel's programs comes as high


def arguments_of(given: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m spyglass.collect.probe", description="Loads the kernel programs of Spyglass and serves what they see.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int, help="serve the one collector at the other end of this inherited socket, and end with it")
    where.add_argument("--socket", type=Path, help="serve collectors at this Unix socket")
    parser.add_argument("--deposit-fd", type=int, help="with --fd: an inherited socket, in which descriptors are left for that collector (deposit.py)")
    parser.add_argument("--uid", type=int, help="with --fd: whose processes the collector may watch (default: its own user's; 0: everybody's)")
    parser.add_argument("--group", type=int, help="with --socket: the group (number) that may connect beside root")
    parser.add_argument("--ring-mb", type=int, default=32, choices=(4, 8, 16, 32, 64, 128), help="memory for records that wait, in MiB")
    parser.add_argument("--object", type=Path, default=requirements.object_path(), help="the object of kernel programs")
    parser.add_argument("--perf-probes", action="store_true", help="attach to TLS libraries as kernels before 6.6 need it")
    return parser.parse_args(given)


@contextlib.contextmanager
def listening(path: Path, group: int | None) -> Iterator[socket.socket]:
    """The Unix socket, ours alone: a lock beside it keeps two probes apart, and what a dead one left is replaced.

    Raises:
        ProbeError: another probe serves there, or the place cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock: TextIO
        with path.with_suffix(".lock").open("a+", encoding="utf-8") as lock, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            take(lock, path)
            fresh = path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            listener.bind(str(fresh))
            fresh.chmod(0o660)
            if group is not None:
                os.chown(fresh, -1, group)
            listener.listen()
            fresh.replace(path)  # who sees it can connect to it
            try:
                yield listener
            finally:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise ProbeError("socket", f"{path} cannot be served: {error.strerror}") from error


def take(lock: TextIO, path: Path) -> None:
    """Lock, and write who has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        raise ProbeError(
            "running", f"another probe (process {lock.read(20).strip() or 'unknown'}) serves {path} already: connect to it, stop it, or give another --socket"
        ) from error
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()


def serve(options: argparse.Namespace, only: socket.socket | None) -> None:
    """Load, and serve until told to end."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listening(options.socket, options.group)) if only is None else None
        requirements.demand(options.object)
        deposit = Deposit(socket.socket(fileno=options.deposit_fd) if options.deposit_fd is not None else None)
        kernel = Kernel(Libbpf(), options.object, options.ring_mb << 20, multi=False if options.perf_probes else None, deposit=deposit)
        stack.callback(kernel.close)
        server = Server(kernel, listener=listener, only=only, only_uid=options.uid)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: server.stop())
        settle()
        server.run()


def _last(fd: int) -> socket.socket:
    """The collector's socket as the last of all descriptors.

    Linux closes those of a process that was killed from the last to the first: so the collector knows at once that the probe is gone, and not when its programs
    have left the kernel, which takes a second.
    """
    try:
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _BEHIND)
    except OSError:  # no more than so many are allowed here
        return socket.socket(fileno=fd)
    os.close(fd)
    return socket.socket(fileno=moved)


def main(given: list[str]) -> int:
    """Run; gives the exit code."""
    try:
        options = arguments_of(given)
    except SystemExit as ended:
        return 64 if ended.code else 0
    only = _last(options.fd) if options.fd is not None else None
    one_arena()
    try:
        serve(options, only)
    except ProbeError as error:
        print(f"spyglass probe: {error.message}", file=sys.stderr)  # noqa: T201 - this process has no other voice
        if only is not None:
            with contextlib.suppress(OSError):
                only.setblocking(True)
                only.sendall(message(Frame.NOTICE, {"code": error.code, "message": error.message, "fatal": True}))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
