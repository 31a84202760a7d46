"""The kinds of runners there are: built-in ones, entry points of the group `spyglass.runners`, and the `*.py` files of the plugin directory.

In: a directory or none. Out: kinds by name, and what could not be used, each with what was found and what to do. A broken plugin never hinders the rest:
each is loaded by itself, in bounded time.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version
from pydantic import BaseModel

from spyglass.plugin.contracts import RunnerKind

__all__ = ["API", "GROUP", "Broken", "Found", "Plugins", "load"]

API: Final = Version("1.0")  # of the contract of runners: `RunnerKind.api`
GROUP: Final = "spyglass.runners"
BUILT_IN: Final = "built-in"
_ATTRIBUTE: Final = "runner"
_BUILT_INS: Final = (
    "spyglass.collect.host",
    "spyglass.collect.tail",
    "spyglass.collect.scrape",
    "spyglass.collect.poll",
    "spyglass.collect.transcripts.runner",
)
_LOAD_S: Final = 20.0
_Get = Callable[[], Any]
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Found:
    """A kind that can be used, and where it comes from."""

    kind: RunnerKind
    origin: str  # `built-in`, `name version` of a distribution, or a file


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that cannot be used, and why, with what to do."""

    origin: str
    problem: str


@dataclass(frozen=True, slots=True)
class Plugins:
    """All that were found."""

    kinds: Mapping[str, Found]
    broken: tuple[Broken, ...]


class _Unusable(Exception):
    """Why a plugin cannot be used."""


def load(directory: Path | None = None) -> Plugins:
    """Load all of them. Of two with one name the first stays: built-in, then installed, then files, each in the order of their names."""
    kinds: dict[str, Found] = {}
    broken: list[Broken] = []
    for origin, get in (*_built_ins(), *_entry_points(), *_files(directory, broken)):
        try:
            kind = _checked(_in_time(get))
            if kind.name in kinds:
                raise _Unusable(f"its name `{kind.name}` is taken by {kinds[kind.name].origin}; give it another name")
        except _Unusable as unusable:
            broken.append(Broken(origin, str(unusable)))
        else:
            kinds[kind.name] = Found(kind, origin)
    return Plugins(kinds, tuple(broken))


def _built_ins() -> Iterator[tuple[str, _Get]]:
    yield from ((BUILT_IN, partial(_attribute_of, name)) for name in _BUILT_INS)


def _attribute_of(module: str) -> Any:
    return getattr(importlib.import_module(module), _ATTRIBUTE)


def _entry_points() -> Iterator[tuple[str, _Get]]:
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        yield f"{origin} (entry point {point.name} = {point.value})", point.load


def _files(directory: Path | None, broken: list[Broken]) -> Iterator[tuple[str, _Get]]:
    if directory is None:
        return
    try:
        files = sorted(path for path in directory.iterdir() if path.suffix == ".py" and not path.name.startswith(("_", ".")))
    except OSError as error:
        broken.append(Broken(str(directory), f"the plugin directory cannot be read: {error.strerror}; check runners.plugins_dir"))
        return
    for path in files:
        yield str(path), partial(_of_file, path)


def _of_file(path: Path) -> Any:
    name = f"spyglass_plugins.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _Unusable("is no Python file that can be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pydantic look a class's module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    if not hasattr(module, _ATTRIBUTE):
        raise _Unusable(f"has no `{_ATTRIBUTE}`; a plugin provides `{_ATTRIBUTE} = RunnerKind(…)`, see docs/runners.md")
    return getattr(module, _ATTRIBUTE)


def _in_time(get: _Get) -> Any:
    """What `get` gives; code of others runs in it.

    Raises:
        _Unusable: it failed, or did not come back.
    """
    answer: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            answer.append(get())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="plugin-load", daemon=True)
    thread.start()
    thread.join(_LOAD_S)
    if failure:
        raise _Unusable(_why(failure[0])) from failure[0]
    if not answer:
        raise _Unusable(f"did not load within {_LOAD_S:.0f} s; a plugin does its work in `run`, not when it is imported")
    return answer[0]


def _why(error: BaseException) -> str:
    """Where and why loading failed."""
    match error:
        case _Unusable():
            return str(error)
        case ModuleNotFoundError(name=str(name)):
            return f"cannot be imported{_line(error)}: there is no module `{name}`; install the package that brings it into this environment"
        case SyntaxError():
            return f"is not valid Python: line {error.lineno}: {error.msg}"
        case _:
            return f"cannot be imported{_line(error)}: {type(error).__name__}: {str(error)[:300]}"


def _line(error: BaseException) -> str:
    """The last line of the plugin itself that was reached."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename and __file__ != frame.filename]
    return f" (line {lines[0]})" if lines else ""


def _checked(kind: Any) -> RunnerKind:
    """The kind, if it can be used here."""
    if not isinstance(kind, RunnerKind):
        raise _Unusable(f"`{_ATTRIBUTE}` is a {type(kind).__name__}; expected a RunnerKind of spyglass.plugin.contracts")
    if not isinstance(kind.name, str) or not _NAME.fullmatch(kind.name):
        raise _Unusable(f"its name is {kind.name!r:.80}; expected small letters, digits, `-` and `_`, 64 at most, a letter first")
    if not (isinstance(kind.settings, type) and issubclass(kind.settings, BaseModel)):
        raise _Unusable("its `settings` are no pydantic model; expected a subclass of pydantic.BaseModel")
    if not callable(kind.make):
        raise _Unusable("its `make` cannot be called; expected a function of (settings, context) that gives a Runner")
    _version(kind.version, "version")
    _check_api(_version(kind.api, "api"))
    _check_requirements(kind.requires)
    return kind


def _version(text: Any, what: str) -> Version:
    try:
        return Version(text)
    except (InvalidVersion, TypeError):
        raise _Unusable(f"its `{what}` is {text!r:.80}; expected a version such as 1.2.0") from None


def _check_api(wanted: Version) -> None:
    """The same major version, and not a newer minor one."""
    if wanted.major == API.major and wanted <= Version(f"{API.major}.{API.minor}.99999"):
        return
    do = "upgrade Spyglass, or install an older version of the plugin" if wanted > API else "upgrade the plugin"
    raise _Unusable(f"was written for version {wanted} of the runners' contract, and this Spyglass has {API}; {do}")


def _check_requirements(requires: Any) -> None:
    if not isinstance(requires, (tuple, list)) or not all(isinstance(text, str) for text in requires):
        raise _Unusable(f"its `requires` is {requires!r:.80}; expected a tuple of texts such as ('httpx>=0.28',)")
    lacking = [problem for text in requires if (problem := _lacking(text))]
    if lacking:
        raise _Unusable(f"needs {'; '.join(lacking)}; install that into this environment, such as with pip install {_quoted(requires)}")


def _lacking(text: str) -> str:
    try:
        wanted = Requirement(text)
    except InvalidRequirement as error:
        raise _Unusable(f"its `requires` names {text!r:.80}, which is no requirement: {str(error).splitlines()[0]}") from None
    if wanted.marker is not None and not wanted.marker.evaluate():
        return ""
    try:
        found = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return f"{wanted}, which is not installed"
    return "" if wanted.specifier.contains(found, prereleases=True) else f"{wanted}, and {found} is installed"


def _quoted(requires: Sequence[str]) -> str:
    return " ".join(f"'{text}'" for text in requires)
