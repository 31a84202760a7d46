"""Runners come from the wheel, from other wheels and from files; one that cannot be used says why, and the rest runs. The example of the docs is one."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spyglass.collect.plan import plans
from spyglass.collect.plugins import RUNNERS
from spyglass.config.spec import Runners
from spyglass.model.errors import ConfigError
from spyglass.plugin.loading import Plugins, load

PAGE = Path(__file__).parents[2] / "docs" / "runners.md"
KIND = """
from pydantic import BaseModel, Field
from spyglass.plugin.contracts import RunnerKind

class Settings(BaseModel, extra="forbid"):
    limit: int = Field(3, gt=0)

runner = RunnerKind(**{{"name": "mine", "version": "1.0.0", "description": "…", "settings": Settings, "make": print, **{changes}}})
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Callable[..., Plugins[Any]]]:
    """`plugin("x = 1")`, or `plugin(api="2.0")`: what is loaded with a file of this text, or of a good plugin with these changes, beside a good one."""

    def write(text: str | None = None, **changes: Any) -> Plugins[Any]:
        (tmp_path / "one.py").write_text(textwrap.dedent(text) if text is not None else KIND.format(changes=changes))
        (tmp_path / "two.py").write_text(KIND.format(changes={"name": "other"}))
        return load(RUNNERS, tmp_path)

    yield write
    for name in [name for name in sys.modules if name.startswith("spyglass_plugins.")]:
        del sys.modules[name]


def test_the_built_in_ones_are_there() -> None:
    """Without any directory, and none of them is broken."""
    found = load(RUNNERS)
    assert {"host", "tail", "scrape", "poll", "transcripts"} <= found.kinds.keys()
    assert {one.origin for one in found.kinds.values()} == {"built-in"}
    assert found.broken == ()


def test_a_file_is_a_plugin(plugin: Any, tmp_path: Path) -> None:
    """Those that begin with an underscore are not."""
    (tmp_path / "_part.py").write_text("raise RuntimeError")
    found = plugin()
    assert (found.kinds["mine"].origin, found.broken) == (str(tmp_path / "one.py"), ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def broken(:", r"not valid Python: line 1"),
        ("import sys\nimport no_such_module", r"\(line 2\): there is no module `no_such_module`; install"),
        ("1 / 0", r"\(line 1\): ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", r"SystemExit: 3"),
        ("x = 1", r"has no `runner`; a plugin provides `runner = RunnerKind"),
        ("runner = 3", r"`runner` is a int; expected a RunnerKind"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(plugin: Any, tmp_path: Path, text: str, problem: str) -> None:
    """With the file, what was found and what to do; the others are loaded."""
    found = plugin(text)
    (broken,) = found.broken
    assert broken.origin == str(tmp_path / "one.py")
    assert re.search(problem, broken.problem), broken.problem
    assert {"other", "host"} <= found.kinds.keys()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"api": "2.0"}, "was written for version 2.0 of the runners' contract, and this Spyglass has 1.0; upgrade Spyglass"),
        ({"api": "1.7"}, "upgrade Spyglass, or install an older version"),
        ({"api": "0.9"}, "upgrade the plugin"),
        ({"api": "new"}, "its `api` is 'new'; expected a version such as 1.2.0"),
        ({"version": ""}, "its `version` is ''"),
        ({"name": "Two Words"}, "expected small letters"),
        ({"name": "host"}, "its name `host` is taken by built-in"),
        ({"make": 3}, "its `make` cannot be called"),
        ({"settings": 3}, "expected a subclass of pydantic.BaseModel"),
        ({"requires": ("pydantic>=99", "no-such-thing")}, "needs pydantic>=99, and 2"),
        ({"requires": ("no-such-thing>=1",)}, "no-such-thing>=1, which is not installed; install that into this environment, such as with pip install"),
        ({"requires": ("what is this",)}, "is no requirement"),
        ({"requires": "pydantic"}, "expected a tuple"),
        ({"requires": None}, "expected a tuple"),
    ],
)
def test_a_kind_that_does_not_fit_says_why(plugin: Any, changes: dict[str, Any], problem: str) -> None:
    """Versions, names, parts and requirements are looked at before anything runs."""
    found = plugin(**changes)
    assert [problem in broken.problem for broken in found.broken] == [True], found.broken
    assert "other" in found.kinds


@pytest.mark.parametrize("api", ["1", "1.0", "1.0.9"])
def test_what_was_written_for_this_version_runs(plugin: Any, api: str) -> None:
    """Patches do not matter."""
    assert plugin(api=api).broken == ()


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With the name of its setting."""
    (broken,) = load(RUNNERS, tmp_path / "nowhere").broken
    assert "runners.plugins_dir" in broken.problem


def planned(settings: dict[str, Any], plugins: Plugins[Any], *, strict: bool = False) -> Any:
    return plans(Runners.model_validate(settings), plugins, strict=strict)


def test_settings_are_checked_by_the_kind(plugin: Any) -> None:
    """All that is wrong is told at once, by its path, with what may have been meant."""
    found = plugin()
    entries = [{"kind": "mine", "settings": {"limit": 0}}, {"kind": "other", "settings": {"limti": 1}}, {"kind": "hosst"}]
    with pytest.raises(ConfigError) as caught:
        planned({"entries": entries}, found)
    assert caught.value.message.splitlines() == [
        "runners.entries.0.settings.limit: input should be greater than 0, got 0",
        "runners.entries.1.settings.limti: there is no such setting; did you mean `limit`?",
        "runners.entries.2.kind: there is no runner `hosst`; did you mean `host`?",
    ]


def test_secrets_are_not_told() -> None:
    """Neither in the message nor beside it."""
    entry = {"kind": "poll", "settings": {"url": "ftp://user:hush@host", "headers": {"Authorization": 17}}}
    with pytest.raises(ConfigError) as caught:
        planned({"entries": [entry]}, load(RUNNERS))
    assert "runners.entries.0.settings.url: expected an address" in caught.value.message
    assert "runners.entries.0.settings.headers.Authorization" in caught.value.message
    assert not any(secret in caught.value.message for secret in ("hush", "17"))


def test_a_broken_plugin_stops_a_check_but_no_start(plugin: Any) -> None:
    """The entry that needs it is planned with its problem."""
    found = plugin("x = 1")
    lost, host = planned({"entries": [{"kind": "mine"}]}, found)
    assert (lost.found, host.id) == (None, "host")
    assert "has no `runner`" in lost.problem
    with pytest.raises(ConfigError, match=r"runners\.entries\.0\.kind: there is no runner `mine`"):
        planned({"entries": [{"kind": "mine"}]}, found, strict=True)


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        ({}, ["host"]),
        ({"defaults": False}, []),
        ({"entries": [{"kind": "host", "id": "box"}]}, ["box"]),
        ({"entries": [{"kind": "host", "id": "a"}, {"kind": "host", "id": "b", "enabled": False}]}, ["a", "b"]),
    ],
)
def test_defaults_run_unless_they_have_an_entry(settings: dict[str, Any], ids: list[str]) -> None:
    """Or nobody wants them."""
    assert [plan.id for plan in planned(settings, load(RUNNERS))] == ids


def example() -> str:
    """The plugin of the docs."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


async def test_the_example_of_the_docs_works(plugin: Any, context: Any, first: Any, tmp_path: Path) -> None:
    """As it stands there, with the settings that stand there."""
    found = plugin(example())
    kind = found.kinds["folder_size"].kind
    folder = tmp_path / "watched"
    runner = kind.make(kind.settings(folder=folder, limit_bytes=5, interval_s=0.01), context)

    def grow(_: int) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "file").write_bytes(b"123456")

    empty, full, again = await first(runner, 3, grow)
    assert (empty.points[0].value, full.points[0].value, [event.name for event in full.events], again.events) == (0, 6, ["folder.too_large"], [])
    assert runner.health().problems == ()
    assert planned({"entries": [{"kind": "folder_size", "settings": {"folder": "/var/lib/agent", "limit_bytes": 500000000}}]}, found)


def test_every_setting_of_a_built_in_runner_is_documented() -> None:
    """With its sentence, word by word."""
    text = PAGE.read_text(encoding="utf-8")
    fields = [(name, field) for kind in ("host", "tail", "scrape", "poll") for name, field in load(RUNNERS).kinds[kind].kind.settings.model_fields.items()]
    assert [name for name, field in fields if f"| `{name}` |" not in text or str(field.description) not in text] == []
