"""What seeing with the kernel's help needs of a machine, each thing with what was found and what to do. Reads files only, changes nothing."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.kernel import MULTI_SINCE, release

__all__ = ["Requirement", "check", "demand", "object_path"]

KERNEL_LEAST: Final = (5, 17)
# From 6.11 to 6.13 the return of a probed function is a system call that a sandbox's filter can kill the program for.
UNSAFE_RETURNS: Final = ((6, 11), (6, 14))
LIBBPF_LEAST: Final = (1, 0)
CAPABILITIES: Final = {"CAP_SYS_PTRACE": 19, "CAP_SYS_ADMIN": 21, "CAP_PERFMON": 38, "CAP_BPF": 39}
HOST_PID_NAMESPACE: Final = 4026531836  # PROC_PID_INIT_INO
BTF: Final = Path("/sys/kernel/btf/vmlinux")
LOCKDOWN: Final = Path("/sys/kernel/security/lockdown")
ARCHITECTURES: Final = ("x86_64", "aarch64")


class Requirement(NamedTuple):
    """One thing. When it is not `met` and is `needed` nothing works; when it is not needed, `remedy` says what is lost without it."""

    name: str
    met: bool
    found: str
    remedy: str = ""
    needed: bool = True


def object_path() -> Path:
    """Where the object of kernel programs for this machine is, or would be."""
    return Path(__file__).parent / "bpf" / f"agent.{platform.machine()}.bpf.o"


def check(program: Path | None = None) -> list[Requirement]:
    """Look at everything; in the order in which it is best mended."""
    if platform.system() != "Linux":
        return [Requirement("Linux", met=False, found=platform.system(), remedy="The kernel's evidence exists on Linux only; elsewhere processes are polled")]
    looks: tuple[Callable[[], Requirement], ...] = (
        architecture,
        kernel,
        returns,
        type_information,
        lockdown,
        library,
        capabilities,
        other_users,
        pid_namespace,
        others,
    )
    return [*(look() for look in looks), object_of_programs(program or object_path())]


def demand(program: Path) -> None:
    """Raise for the first thing that is needed and not there.

    Raises:
        ProbeError: says what, and what to do.
    """
    for requirement in check(program):
        if requirement.needed and not requirement.met:
            raise ProbeError("requirement", f"{requirement.name}: {requirement.found}. {requirement.remedy}")


def architecture() -> Requirement:
    """We know the registers and system calls of two machines."""
    machine = platform.machine()
    return Requirement("processor", machine in ARCHITECTURES, machine, "Only x86_64 and aarch64 are known; processes are polled on others")


def kernel() -> Requirement:
    """Loops in kernel programs came with 5.17."""
    remedy = "Linux 5.17 or later is needed; on older ones run as root without kernel programs"
    return Requirement("kernel", release() >= KERNEL_LEAST, os.uname().release, remedy)


def returns() -> Requirement:
    """Some kernels let a sandbox kill what is probed."""
    low, high = UNSAFE_RETURNS
    remedy = "On Linux 6.11 to 6.13 a sandboxed program can be killed by probes on TLS libraries: watch without tls"
    return Requirement("probes and sandboxes", not low <= release() < high, os.uname().release, remedy, needed=False)


def type_information() -> Requirement:
    """The kernel's own description of its types."""
    met = BTF.is_file()
    remedy = "The kernel must be built with CONFIG_DEBUG_INFO_BTF, as distributions' are"
    return Requirement("BTF", met, str(BTF) if met else f"{BTF} is missing", remedy)


def lockdown() -> Requirement:
    """Under `confidentiality` kernel programs may not read memory."""
    try:
        mode = LOCKDOWN.read_text(encoding="utf-8").partition("[")[2].partition("]")[0] or "none"
    except OSError:
        mode = "none"
    remedy = "The kernel is locked down so that kernel programs may read nothing; boot with lockdown=integrity"
    return Requirement("lockdown", mode != "confidentiality", mode, remedy)


def library() -> Requirement:
    """The loader."""
    try:
        found = ctypes.CDLL("libbpf.so.1")
        version = int(found.libbpf_major_version()), int(found.libbpf_minor_version())
    except (OSError, AttributeError):
        remedy = "Debian, Ubuntu 22.10 or later: apt-get install libbpf1; Fedora: dnf install libbpf"
        return Requirement("libbpf", met=False, found="libbpf.so.1 was not found", remedy=remedy)
    return Requirement("libbpf", version >= LIBBPF_LEAST, ".".join(map(str, version)), "libbpf 1.0 or later is needed")


def effective() -> set[str]:
    """The capabilities that this process has, of those that matter."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        mask = next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff:"))
    except (OSError, StopIteration, ValueError):
        return set()
    return {name for name, bit in CAPABILITIES.items() if mask >> bit & 1}


def capabilities() -> Requirement:
    """CAP_BPF and CAP_PERFMON; before 6.6 probes on libraries need CAP_SYS_ADMIN too."""
    wanted = {"CAP_BPF", "CAP_PERFMON"} | (set() if release() >= MULTI_SINCE else {"CAP_SYS_ADMIN"})
    have = effective()
    met = wanted <= have or "CAP_SYS_ADMIN" in have
    remedy = f"Run the probe as root (sudo), or give it AmbientCapabilities={' '.join(sorted(wanted))} in a systemd unit"
    return Requirement("capabilities", met, "present" if met else f"{', '.join(sorted(wanted - have))} not held", remedy)


def other_users() -> Requirement:
    """To see which libraries other users' processes have loaded."""
    met = "CAP_SYS_PTRACE" in effective()
    remedy = "Libraries that other users' processes loaded before are not found: add CAP_SYS_PTRACE"
    return Requirement("other users' processes", met, "readable" if met else "not readable", remedy, needed=False)


def pid_namespace() -> Requirement:
    """The kernel counts processes as the host does."""
    try:
        own = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        own = 0
    met = own == HOST_PID_NAMESPACE
    remedy = "Run the probe on the host, or its container with the host's process numbers (--pid=host)"
    return Requirement("process numbers", met, "the host's" if met else "a container's own", remedy)


def others() -> Requirement:
    """Each further probe costs what the first one does."""
    running = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if pid != os.getpid() and is_probe(pid)]  # noqa: PTH208 - names, and quick
    told = f"running as process {', '.join(map(str, running))}" if running else "none"
    return Requirement("other probes", not running, told, "Two probes work side by side, and each slows the watched programs", needed=False)


def is_probe(pid: int) -> bool:
    """By its command line."""
    try:
        return b"\0spyglass.collect.probe\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def object_of_programs(path: Path) -> Requirement:
    """Made when Spyglass is built."""
    met = path.is_file()
    remedy = "Released wheels have it. From source: apt-get install clang libbpf-dev, then install again or run `python hatch_build.py probe`"
    return Requirement("kernel programs", met, str(path) if met else f"{path.name} was not built", remedy)
