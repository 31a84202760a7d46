"""What an operator may set about system evidence: what is wanted, what is noise, how much of it, and how often it is told."""

from __future__ import annotations

from functools import cached_property
from ipaddress import ip_network
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, Field

__all__ = ["INTERESTING", "NOISE", "Arguments", "Bounds", "Noise", "Sampling", "Settings", "Wanted"]

Share = Annotated[float, Field(ge=0, le=1)]


class Wanted(BaseModel, extra="forbid", frozen=True):
    """What is told: all but `skip`, or `only` some. Globs, where `*` matches `/` too; `~/` stands for any folder."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


def _ports(spans: tuple[str, ...]) -> tuple[str, ...]:
    for span in spans:
        low, _, high = span.partition("-")
        if not (low.isdecimal() and (high or low).isdecimal() and int(low) <= int(high or low) <= 65535):
            raise ValueError(f"expected a port or a range such as 8000-8999, got {span!r}")
    return spans


Ports = Annotated[tuple[str, ...], AfterValidator(_ports)]


class WantedPorts(BaseModel, extra="forbid", frozen=True):
    """Ports of the peer: all but `skip`, or `only` some; each a number or a range such as `8000-8999`."""

    only: Ports = ()
    skip: Ports = ()


class WantedHosts(Wanted):
    """Peers: globs of their names or addresses, or networks such as `10.0.0.0/8`."""

    @cached_property
    def networks(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The networks among `only` and among `skip`."""
        return tuple(filter(None, map(_network, self.only))), tuple(filter(None, map(_network, self.skip)))


def _network(text: str) -> Any:
    try:
        return ip_network(text)
    except ValueError:
        return None


class Noise(BaseModel, extra="forbid", frozen=True):
    """A rule: what matches is not told file by file but counted under the rule's name."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,40}$")
    paths: tuple[str, ...]
    writes: bool = False  # changes are noise too; else only reading is


class Sampling(BaseModel, extra="forbid", frozen=True):
    """Shares that are told, chosen by process, by path, and by connection: a thing is told wholly or not at all."""

    processes: Share = 1.0
    files: Share = 1.0
    network: Share = 1.0


class Arguments(BaseModel, extra="forbid", frozen=True):
    """How much of a command line is told. Values of options named like `hide` are replaced before it leaves the collector."""

    max_count: int = Field(512, ge=1, le=100_000)
    max_chars: int = Field(4096, ge=16, le=1_000_000)  # of one argument
    max_total_chars: int = Field(32_768, ge=16, le=2_000_000)
    hide: tuple[str, ...] = (
        "*password*",
        "*passwd*",
        "*passphrase*",
        "*token",
        "*secret*",
        "*api-key*",
        "*api_key*",
        "*apikey*",
        "*access-key*",
        "*credential",
    )


class Bounds(BaseModel, extra="forbid", frozen=True):
    """How much is held at once; beyond, the oldest goes, and what was lost by that is counted."""

    processes: int = Field(20_000, ge=100)
    files: int = Field(20_000, ge=100)  # whose sums wait for the end of the window
    connections: int = Field(20_000, ge=100)
    names: int = Field(10_000, ge=100)  # addresses whose DNS name is remembered
    events: int = Field(2_000, ge=1)  # told at once


NOISE: Final = (
    Noise(name="devices", paths=("/dev/null", "/dev/zero", "/dev/full", "/dev/tty*", "/dev/pts/*", "/dev/ptmx", "/dev/*random"), writes=True),
    Noise(name="pipes", paths=("pipe:*", "socket:*", "anon_inode:*", "/memfd:*"), writes=True),
    Noise(name="python_cache", paths=("*/__pycache__/*", "*/__pycache__", "*.pyc", "*.pyc.[0-9]*"), writes=True),
    Noise(name="shared_libraries", paths=("*.so", "*.so.[0-9]*", "/etc/ld.so.*", "*/glibc-hwcaps/*")),
    Noise(name="kernel", paths=("/proc/*", "/sys/*", "/proc", "/sys")),
    Noise(name="locale", paths=("*/locale/*", "*/gconv/*", "*/zoneinfo/*", "/etc/localtime", "/etc/locale*", "/usr/share/i18n/*", "*/terminfo/*")),
    Noise(
        name="name_services",
        paths=(
            "/etc/nsswitch.conf",
            "/etc/resolv.conf",
            "/etc/host.conf",
            "/etc/hosts",
            "/etc/gai.conf",
            "/etc/services",
            "/etc/protocols",
            "/etc/passwd",
            "/etc/group",
        ),
    ),
    Noise(name="certificates", paths=("/etc/ssl/*.cnf", "/etc/ssl/certs/*", "/usr/share/ca-certificates/*", "*/certifi/cacert.pem", "/usr/lib/ssl/*.cnf")),
    Noise(
        name="program_code",
        paths=("*/site-packages/*", "*/dist-packages/*", "/usr/lib/python3*", "/usr/local/lib/python3*", "*/lib/python3*/*.py", "*/node_modules/*"),
    ),
)
"""Rules that hold unless others are set."""

INTERESTING: Final = tuple(
    "~/.ssh/* ~/.env ~/.env.* ~/.aws/* ~/.azure/* ~/.config/gcloud/* ~/.kube/config ~/.netrc ~/.npmrc ~/.pypirc ~/.git-credentials ~/.docker/config.json"
    " ~/.gnupg/* ~/.vault-token ~/.*_history ~/*credentials* *_rsa *_ed25519 *_ecdsa *.key *key.pem *.pfx *.p12 *.kdbx /run/secrets/* /var/run/secrets/*"
    " /etc/shadow /etc/gshadow /etc/sudoers /etc/sudoers.d/* /proc/*/environ /proc/*/mem".split()
)
"""Paths whose reading is told each time, noise or not."""


class Settings(BaseModel, extra="forbid", frozen=True):
    """Settings of system evidence."""

    processes: bool = True
    files: bool = True
    network: bool = True
    commands: Wanted = Wanted()  # the program's path, its name, or the kernel's short name of it
    paths: Wanted = Wanted()
    hosts: WantedHosts = WantedHosts()
    ports: WantedPorts = WantedPorts()
    min_file_bytes: int = Field(0, ge=0)  # sums of fewer bytes are not told
    noise: tuple[Noise, ...] = NOISE
    interesting_reads: tuple[str, ...] = INTERESTING
    sampling: Sampling = Sampling()
    arguments: Arguments = Arguments()
    bounds: Bounds = Bounds()
    window_s: float = Field(5.0, gt=0, le=3600)  # sums of files, what was folded and lost
    flush_s: float = Field(0.5, gt=0, le=60)  # everything else waits no longer than this
    containers: bool = True  # look up the container of a process
