"""How much can be seen on this machine by this user, what is lost below that, and how to grant more: for `spyglass doctor` and the health of a watch."""

from __future__ import annotations

import ctypes.util
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from spyglass.collect.fallback.fanotify import Fanotify
from spyglass.collect.fallback.netlink import Connector
from spyglass.collect.fallback.tracked import Tracked
from spyglass.model.errors import ConfigError

__all__ = ["GRANT", "LOST", "Check", "Level", "Survey", "survey"]

Level = Literal["full", "partial", "minimal"]

LOST: Final[dict[Level, tuple[str, ...]]] = {
    "full": (),
    "partial": (
        "the plaintext of TLS connections and of pipes, and so model calls and MCP messages that agents do not report themselves",
        "how many bytes were read and written, changes of mode, what failed, and where files of folders were that are renamed or deleted at once",
        "connections that last less than half a second, and names looked up",
        "arguments of programs that end within a millisecond",
    ),
    "minimal": (
        "the plaintext of TLS connections and of pipes, and so model calls and MCP messages that agents do not report themselves",
        "files",
        "connections that last less than half a second, and names looked up",
        "processes that live less than 0.1 s, where the process connector is not to be had either",
    ),
}
"""What is not seen at each level."""

GRANT: Final = (
    "run the watch with sudo (the agent still runs as you), or give the probe CAP_BPF and CAP_PERFMON (Linux 6.6 and later;"
    " before that CAP_SYS_ADMIN too): `setpriv --ambient-caps +bpf,+perfmon --inh-caps +bpf,+perfmon`, or AmbientCapabilities= of a systemd unit"
)
_CAPABILITIES: Final = {"CAP_NET_ADMIN": 12, "CAP_SYS_ADMIN": 21, "CAP_PERFMON": 38, "CAP_BPF": 39}


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement: whether it is met, and what to do when not."""

    name: str
    met: bool
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """The best level here, with what led to it."""

    level: Level
    checks: tuple[Check, ...]

    @property
    def lost(self) -> tuple[str, ...]:
        """What is not seen."""
        return LOST[self.level]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is in the way, each with what to do."""
        return tuple(f"{check.name}: {check.found}; {check.advice}" for check in self.checks if not check.met)


def survey() -> Survey:
    """Look at what is possible here; takes some milliseconds, changes nothing, and tries what can be tried."""
    if sys.platform != "linux":
        return Survey("minimal", (Check("system", False, platform.system(), "only Linux can tell more"),))
    full = (_kernel(), _types(), _library(), _lockdown(), _capable())
    partial = (
        _tried("process connector", lambda: Connector().close(), "run as root, on the host itself"),
        _tried("fanotify", lambda: Fanotify(Tracked()).close(), "run as root"),
    )
    if all(check.met for check in full):
        return Survey("full", full + partial)
    return Survey("partial" if all(check.met for check in partial) else "minimal", full + partial)


def capabilities() -> frozenset[str]:
    """The capabilities that matter here and are effective for this process."""
    for line in Path("/proc/self/status").read_text("utf-8", "replace").splitlines():
        if line.startswith("CapEff:"):
            bits = int(line.split()[1], 16)
            return frozenset(name for name, bit in _CAPABILITIES.items() if bits >> bit & 1)
    return frozenset()


def _kernel() -> Check:
    release = platform.release()
    version = tuple(int(part) if part.isdecimal() else 0 for part in (*release.split("-")[0].split("."), "0")[:2])
    return Check("kernel", version >= (5, 17), f"Linux {release}", "5.17 or later is needed")


def _types() -> Check:
    path = Path("/sys/kernel/btf/vmlinux")
    return Check("kernel types (BTF)", path.exists(), str(path) if path.exists() else f"no {path}", "use a kernel built with CONFIG_DEBUG_INFO_BTF")


def _library() -> Check:
    found = next((name for name in ("libbpf.so.1", ctypes.util.find_library("bpf") or "") if name and _loads(name)), "")
    return Check("libbpf", found == "libbpf.so.1", found or "not found", "install libbpf 1.x (Debian, Ubuntu: apt install libbpf1)")


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _lockdown() -> Check:
    try:
        state = Path("/sys/kernel/security/lockdown").read_text("ascii")
    except OSError:
        state = "[none]"
    chosen = state.partition("[")[2].partition("]")[0]
    return Check("lockdown", chosen != "confidentiality", chosen, "the kernel shows its memory to nobody in this mode; boot without it")


def _capable() -> Check:
    have = capabilities()
    met = "CAP_SYS_ADMIN" in have or {"CAP_BPF", "CAP_PERFMON"} <= have
    return Check("capabilities", met, ", ".join(sorted(have)) or f"none (user {os.geteuid()})", GRANT)


def _tried(name: str, attempt: Callable[[], object], advice: str) -> Check:
    try:
        attempt()
    except ConfigError as error:
        return Check(name, False, error.message.removeprefix(f"{name}: "), advice)
    return Check(name, True, "works")
