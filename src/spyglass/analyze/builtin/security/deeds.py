"""Deeds of processes that matter when nobody accounts for them: a row of system evidence in, what it touches and how bad that is out.

Exact rules: files in which secrets are kept, files that are run when somebody logs in or a machine starts, hosts on the outside, and programs that fetch,
install or interpret.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from spyglass.analyze.builtin.security.networks import is_inner
from spyglass.analyze.builtin.security.threat import Impact, Owasp

__all__ = ["CHANGES", "PROGRAMS", "RULES", "SECRETS", "STARTS", "Deed", "Rule", "deed", "is_outside"]

# RE2, so that the store can ask them, too.
SECRETS: Final = (
    r"(?i)(?:^|/)(?:\.ssh/(?:id_[a-z0-9_]+|identity)|\.aws/credentials|\.azure/[^/]*token[^/]*|\.config/gcloud/[^/]*(?:credentials|tokens)[^/]*|\.kube/config|"
    r"\.docker/config\.json|\.netrc|\.pgpass|\.git-credentials|\.pypirc|\.vault-token|\.config/gh/hosts\.yml|\.gnupg/[^/]*(?:secring|private-keys)[^/]*(?:/[^/]+)?|"
    r"etc/(?:shadow|gshadow)|(?:var/)?run/secrets/.+|\.(?:bash|zsh)_history|[^/]+\.(?:p12|pfx|kdbx|keychain-db))$"
)
STARTS: Final = (
    r"(?:^|/)(?:\.bashrc|\.bash_profile|\.bash_login|\.bash_logout|\.profile|\.zshrc|\.zshenv|\.zprofile|\.zlogin|\.config/fish/config\.fish|\.ssh/authorized_keys|"
    r"\.ssh/rc|etc/(?:profile|crontab|rc\.local|ld\.so\.preload|passwd|sudoers)|etc/(?:profile\.d|cron\.[a-z]+|sudoers\.d|systemd/system|init\.d)/.+|"
    r"spool/cron/.+|\.config/(?:autostart|systemd/user)/.+|Library/Launch(?:Agents|Daemons)/[^/]+|\.git/hooks/[^/]+)$"
)
_SHELLS: Final = "sh|bash|dash|zsh|ksh|fish|ash|pwsh"
_INSTALLERS: Final = r"pip[0-9.]*|pipx|uvx|npm|npx|yarn|pnpm|apt|apt-get|dnf|yum|apk|brew|gem|conda|dpkg|rpm"
_FETCHERS: Final = "curl|wget|nc|ncat|netcat|socat|scp|sftp|ftp|rsync|telnet|ssh"
PROGRAMS: Final = rf"(?:^|/)(?:{_SHELLS}|{_INSTALLERS}|{_FETCHERS})$"
CHANGES: Final = ("file.write", "file.delete", "file.rename", "file.chmod", "file.truncate", "file.link", "file.symlink")
_READS: Final = ("file.open", "file.read")
_SECRET, _START = re.compile(SECRETS), re.compile(STARTS)
_INSTALLER, _FETCHER, _SHELL = (re.compile(rf"(?:{names})") for names in (_INSTALLERS, _FETCHERS, _SHELLS))


class Rule(NamedTuple):
    """How bad a sort of deed is."""

    impact: Impact
    confidence: float  # that harm is meant, when no span tells of it
    owasp: Owasp
    advice: str


RULES: Final[Mapping[str, Rule]] = {
    "unexplained_secret_read": Rule(
        Impact.CRITICAL,
        0.5,
        Owasp.IDENTITY_ABUSE,
        "If no library of the agent needs this file: change its keys, and run the agent where it cannot be read.",
    ),
    "unexplained_secret_changed": Rule(
        Impact.CRITICAL, 0.8, Owasp.IDENTITY_ABUSE, "Compare the file with a copy from before; change the keys in it; look at what started this process."
    ),
    "unexplained_start_file": Rule(
        Impact.CRITICAL, 0.85, Owasp.ROGUE, "Something wants to stay. Compare the file with a copy from before, and look at what started this process."
    ),
    "unexplained_host": Rule(Impact.HIGH, 0.65, Owasp.ROGUE, "Look who asked for this host. If nobody did, block it and look at what was sent."),
    "unexplained_fetch": Rule(Impact.HIGH, 0.65, Owasp.CODE_EXECUTION, "Look what was fetched or sent, and by which process; no tool call asked for it."),
    "unexplained_install": Rule(
        Impact.HIGH,
        0.6,
        Owasp.SUPPLY_CHAIN,
        "Look what was installed. A framework that starts its own servers does this, too: start them before.",
    ),
    "unexplained_shell": Rule(Impact.MEDIUM, 0.4, Owasp.CODE_EXECUTION, "Look at the command. A tool that tells no span explains it: instrument that tool."),
}


class Deed(NamedTuple):
    """What a row is about."""

    rule: str
    key: str  # of the subject: path, host, program
    thing: str
    did: str  # completes «It …»


def deed(row: Mapping[str, Any]) -> Deed | None:
    """Of a row with the columns name, path, target, server and peer; None: nothing that matters."""
    name = row["name"]
    if name == "net.connect":
        host = row["server"] or row["peer"]
        return Deed("unexplained_host", "host", host, f"connected to {host}") if host and is_outside(row["peer"], row["server"]) else None
    if name == "process.exec":
        return _program(row["path"].rpartition("/")[2])
    for path in (row["target"], row["path"]):
        if path and name in CHANGES and (_SECRET.search(path) or _START.search(path)):
            rule = "unexplained_start_file" if _START.search(path) else "unexplained_secret_changed"
            return Deed(rule, "path", path, f"changed {path} ({name.partition('.')[2]})")
    if name in _READS and _SECRET.search(row["path"]):
        return Deed("unexplained_secret_read", "path", row["path"], f"read {row['path']}")
    return None


def is_outside(peer: str, server: str = "") -> bool:
    """Whether a connection leaves the machine and its network; a name says so where the address is not known."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return bool(server) and "." in server and not server.endswith((".local", ".internal", ".localhost", ".lan"))
    return not is_inner(address)


def _program(name: str) -> Deed | None:
    for rule, pattern in (("unexplained_fetch", _FETCHER), ("unexplained_install", _INSTALLER), ("unexplained_shell", _SHELL)):
        if pattern.fullmatch(name):
            return Deed(rule, "program", name, f"started {name}")
    return None
