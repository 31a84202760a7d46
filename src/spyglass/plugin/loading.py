"""What plugins provide: built-in kinds, entry points of installed packages, and the `*.py` files of a directory.

In: a sort of plugin (`Sort`), and a directory or none. Out: kinds by name, and what could not be used, each with what was found and what to do. A broken
plugin never hinders the rest: each is loaded by itself, in bounded time.
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
from typing import Any, Final, Generic, TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version
from pydantic import BaseModel

from spyglass.model.errors import ConfigError
from spyglass.plugin.contracts import AnalyzerKind, RunnerKind

__all__ = ["BUILT_IN", "Broken", "Found", "Plugins", "Sort", "get", "load"]

BUILT_IN: Final = "built-in"
_LOAD_S: Final = 20.0
_Get = Callable[[], Any]
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")

Kind = TypeVar("Kind", RunnerKind, AnalyzerKind)


@dataclass(frozen=True, slots=True)
class Sort(Generic[Kind]):
    """A sort of plugin: `runner`s, for example. A plugin provides one under this name; entry points and the folder's setting have its plural."""

    name: str
    of: type[Kind]
    makes: str  # what its `make` must be
    built_ins: tuple[str, ...]  # modules
    api: Version  # of its contract in plugin/contracts.py

    @property
    def group(self) -> str:
        """Of entry points."""
        return f"spyglass.{self.name}s"

    @property
    def setting(self) -> str:
        """Where the folder is told."""
        return f"{self.name}s.plugins_dir"


@dataclass(frozen=True, slots=True)
class Found(Generic[Kind]):
    """A kind that can be used, and where it comes from."""

    kind: Kind
    origin: str  # `built-in`, `name version` of a distribution, or a file
    at: str = ""  # how another process finds it: see `get`


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that cannot be used, and why, with what to do."""

    origin: str
    problem: str


@dataclass(frozen=True, slots=True)
class Plugins(Generic[Kind]):
    """All that were found."""

    kinds: Mapping[str, Found[Kind]]
    broken: tuple[Broken, ...]


class _Unusable(Exception):
    """Why a plugin cannot be used."""


def load(sort: Sort[Kind], directory: Path | None = None, tried: Callable[[Sequence[str]], Mapping[str, str]] | None = None) -> Plugins[Kind]:
    """Load all of them. Of two with one name the first stays: built-in, then installed, then files, each in the order of their names.

    `tried`: loads those of others somewhere else first, where nothing can happen; which of them must not be loaded here, and why.
    """
    kinds: dict[str, Found[Kind]] = {}
    broken: list[Broken] = []
    others: list[tuple[str, str]] = [*_entry_points(sort), *_files(sort, directory, broken)]
    harmful = tried([at for _, at in others]) if tried is not None and others else {}
    for origin, at in (*((BUILT_IN, f"module:{name}") for name in sort.built_ins), *others):
        try:
            if at in harmful:
                raise _Unusable(harmful[at])
            kind = _checked(sort, _in_time(partial(_provided, sort, at)))
            if kind.name in kinds:
                raise _Unusable(f"its name `{kind.name}` is taken by {kinds[kind.name].origin}; give it another name")
        except _Unusable as unusable:
            broken.append(Broken(origin, str(unusable)))
        else:
            kinds[kind.name] = Found(kind, origin, at)
    return Plugins(kinds, tuple(broken))


def get(sort: Sort[Kind], at: str) -> Kind:
    """The one kind that `Found.at` names.

    Raises:
        ConfigError: it cannot be used, and why.
    """
    try:
        return _checked(sort, _in_time(partial(_provided, sort, at)))
    except _Unusable as unusable:
        raise ConfigError(f"{at}: {unusable}") from unusable


def _provided(sort: Sort[Kind], at: str) -> Any:
    """`module:` a module, `entry:` the name of an entry point, or `file:` a path."""
    how, _, where = at.partition(":")
    if how == "module":
        return getattr(importlib.import_module(where), sort.name)
    if how == "file":
        return _of_file(sort, Path(where))
    (point,) = metadata.entry_points(group=sort.group, name=where)
    return point.load()


def _entry_points(sort: Sort[Kind]) -> Iterator[tuple[str, str]]:
    for point in sorted(metadata.entry_points(group=sort.group), key=lambda point: point.name):
        origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        yield f"{origin} (entry point {point.name} = {point.value})", f"entry:{point.name}"


def _files(sort: Sort[Kind], directory: Path | None, broken: list[Broken]) -> Iterator[tuple[str, str]]:
    if directory is None:
        return
    try:
        files = sorted(path for path in directory.iterdir() if path.suffix == ".py" and not path.name.startswith(("_", ".")))
    except OSError as error:
        broken.append(Broken(str(directory), f"the plugin directory cannot be read: {error.strerror}; check {sort.setting}"))
        return
    yield from ((str(path), f"file:{path}") for path in files)


def _of_file(sort: Sort[Kind], path: Path) -> Any:
    name = f"spyglass_plugins.{sort.name}.{path.stem}"
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
    if not hasattr(module, sort.name):
        raise _Unusable(f"has no `{sort.name}`; a plugin provides `{sort.name} = {sort.of.__name__}(…)`, see docs/{sort.name}s.md")
    return getattr(module, sort.name)


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


def _checked(sort: Sort[Kind], kind: Any) -> Kind:
    """The kind, if it can be used here."""
    if not isinstance(kind, sort.of):
        raise _Unusable(f"`{sort.name}` is a {type(kind).__name__}; expected a {sort.of.__name__} of spyglass.plugin.contracts")
    if not isinstance(kind.name, str) or not _NAME.fullmatch(kind.name):
        raise _Unusable(f"its name is {kind.name!r:.80}; expected small letters, digits, `-` and `_`, 64 at most, a letter first")
    if not (isinstance(kind.settings, type) and issubclass(kind.settings, BaseModel) and kind.settings is not BaseModel):
        raise _Unusable("its `settings` are no pydantic model; expected a subclass of pydantic.BaseModel")
    if not callable(kind.make):
        raise _Unusable(f"its `make` cannot be called; expected {sort.makes}")
    _version(kind.version, "version")
    _check_api(sort, _version(kind.api, "api"))
    _check_requirements(kind.requires)
    return kind


def _version(text: Any, what: str) -> Version:
    try:
        return Version(text)
    except (InvalidVersion, TypeError):
        raise _Unusable(f"its `{what}` is {text!r:.80}; expected a version such as 1.2.0") from None


def _check_api(sort: Sort[Kind], wanted: Version) -> None:
    """The same major version, and not a newer minor one."""
    api = sort.api
    if wanted.major == api.major and wanted <= Version(f"{api.major}.{api.minor}.99999"):
        return
    do = "upgrade Spyglass, or install an older version of the plugin" if wanted > api else "upgrade the plugin"
    raise _Unusable(f"was written for version {wanted} of the {sort.name}s' contract, and this Spyglass has {api}; {do}")


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
