"""Filters, noise rules and sampling: is this command, path or peer wanted?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Protocol
from zlib import crc32

from spyglass.collect.system.settings import Noise, Settings, Wanted
from spyglass.collect.system.text import clean
from spyglass.model.told import Value

__all__ = ["PathView", "Sieve", "sampled"]

_CACHE: Final = 4096  # paths whose judgement is remembered: one that is used, is used again soon
_WHOLE: Final = 1 << 32


def sampled(key: str, share: float) -> bool:
    """Whether a thing is among the share that is told: always the same answer for the same key."""
    return share >= 1 or crc32(key.encode("utf-8", "surrogatepass")) < share * _WHOLE


@dataclass(frozen=True, slots=True)
class PathView:
    """A path, judged."""

    attributes: dict[str, Value]
    read_rule: str  # noise rule that reading it falls under; empty: none
    write_rule: str
    interesting: bool  # reading it is told
    unwanted: str  # why it is not told at all; empty: it is


class _Match(Protocol):
    def __call__(self, text: str, /) -> object: ...


def _pattern(globs: tuple[str, ...]) -> str:
    return "|".join(translate("*/" + glob[2:] if glob.startswith("~/") else glob) for glob in globs) or r"(?!)"


def _globs(globs: tuple[str, ...]) -> _Match:
    """A function that says whether one of the globs matches."""
    return re.compile(_pattern(globs)).match


def _rules(noise: Iterable[Noise]) -> Callable[[str], str]:
    """A function that gives the name of the first rule that matches; empty: none does."""
    names = {f"rule_{index}": rule for index, rule in enumerate(noise)}
    match = re.compile("|".join(f"(?P<{name}>{_pattern(rule.paths)})" for name, rule in names.items()) or r"(?!)").match
    return lambda path: names[found.lastgroup or ""].name if (found := match(path)) else ""


class _Choice:
    def __init__(self, wanted: Wanted) -> None:
        self.any = not wanted.only
        self._only, self._skip = _globs(wanted.only), _globs(wanted.skip)

    def only(self, *names: str) -> bool:
        return any(self._only(name) for name in names)

    def skips(self, *names: str) -> bool:
        return any(self._skip(name) for name in names)

    def takes(self, *names: str) -> bool:
        return (self.any or self.only(*names)) and not self.skips(*names)


class _Ports:
    def __init__(self, only: tuple[str, ...], skip: tuple[str, ...]) -> None:
        self._only, self._skip = self._spans(only), self._spans(skip)

    @staticmethod
    def _spans(spans: tuple[str, ...]) -> list[range]:
        ends = [span.partition("-") for span in spans]
        return [range(int(low), int(high or low) + 1) for low, _, high in ends]

    def takes(self, port: int) -> bool:
        return (not self._only or any(port in span for span in self._only)) and not any(port in span for span in self._skip)


class Sieve:
    """All rules of a watch, ready to be asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._commands, self._paths, self._hosts = _Choice(settings.commands), _Choice(settings.paths), _Choice(settings.hosts)
        self._ports = _Ports(settings.ports.only, settings.ports.skip)
        self._reading, self._writing = _rules(settings.noise), _rules(rule for rule in settings.noise if rule.writes)
        self._interesting = _globs(settings.interesting_reads)
        self._views: dict[str, PathView] = {}

    def takes_command(self, path: str, command: str) -> bool:
        """Whether a program is wanted."""
        return self._commands.takes(path, path.rpartition("/")[2], command)

    def takes_peer(self, address: str, port: int, name: str) -> bool:
        """Whether what goes to and from a peer is wanted."""
        return (not port or self._ports.takes(port)) and self._takes_host(address, name)

    def path(self, path: str) -> PathView:
        """What the rules say about a path."""
        view = self._views.get(path)
        if view is None:
            if len(self._views) >= _CACHE:
                self._views.clear()
            view = self._views[path] = self._judge(path)
        return view

    def _judge(self, path: str) -> PathView:
        unwanted = "" if self._paths.takes(path) else "filtered"
        if not unwanted and not sampled(path, self._settings.sampling.files):
            unwanted = "sampled"
        return PathView(_named(path), self._reading(path), self._writing(path), bool(self._interesting(path)), unwanted)

    def _takes_host(self, address: str, name: str) -> bool:
        names = (address, name) if name else (address,)
        only, skip = self._settings.hosts.networks
        ip = _ip(address) if only or skip else None
        if self._hosts.skips(*names) or (ip and any(ip in network for network in skip)):
            return False
        return self._hosts.any or self._hosts.only(*names) or bool(ip and any(ip in network for network in only))


def _ip(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None


def _named(path: str) -> dict[str, Value]:
    name = path.rstrip("/").rpartition("/")[2] or path
    attributes: dict[str, Value] = {"file.path": clean(path), "file.name": clean(name, 256)}
    stem, dot, extension = name.rpartition(".")
    if stem and dot and 0 < len(extension) <= 32:
        attributes["file.extension"] = clean(extension)
    return attributes
