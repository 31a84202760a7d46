"""Every command helps, and ends with the code that the documentation promises."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import typer

from spyglass.cli.main import app, main

NOBODY = "http://127.0.0.1:9"


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command by its words."""
    below = getattr(command, "commands", {})
    yield path
    for name, child in below.items():
        yield from commands(child, (*path, name))


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The exit code of the program as it is called from a shell, and what it said."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["spyglass", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out = capsys.readouterr()
        return int(ended.value.code or 0), out.out, out.err

    return call


@pytest.mark.parametrize("path", sorted(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_command_helps_within_80_columns(run: Any, path: tuple[str, ...]) -> None:
    """With a sentence for itself and each of its options."""
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert " ".join(("Usage:", "spyglass", *path)) in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [("query",), ("trace", "0" * 32), ("sql", "SELECT 1"), ("tail",), ("export",), ("demo", "--once", "--past", "1m", "-e", NOBODY)],
    ids=lambda arguments: arguments[0],
)
def test_no_server_is_code_3(ends: Any, arguments: tuple[str, ...]) -> None:
    """With what to do, and no traceback."""
    where = () if arguments[0] == "demo" else ("--url", NOBODY)
    code, _, said = ends(*arguments, *where)
    assert code == 3
    assert "spyglass up" in said
    assert NOBODY in said
    assert ("--endpoint" if arguments[0] == "demo" else "--url") in said
    assert "Traceback" not in said


def test_a_wrong_call_is_code_2(ends: Any, tmp_path: Path) -> None:
    """Unknown options, files that are not there, settings that are wrong."""
    (tmp_path / "wrong.yaml").write_text("nonsense: 1\n")
    assert ends("query", "--nonsense")[0] == 2
    assert ends("import", str(tmp_path / "nothing"))[0] == 2
    code, _, said = ends("config", "check", "--config", str(tmp_path / "wrong.yaml"))
    assert (code, "there is no such setting" in said) == (2, True)


def test_a_search_that_is_wrong_points_at_the_place(ends: Any, server: Any) -> None:
    """Code 2, as the server says it."""
    code, _, said = ends("query", "statsu:error", "--url", server.url)
    assert (code, "did you mean" in said) == (2, True)


def test_nothing_to_show_is_code_4(ends: Any, server: Any) -> None:
    """For scripts; a person is told."""
    code, out, _ = ends("query", "--project", "nobody-is-here", "--url", server.url)
    assert (code, "No traces match" in out) == (4, True)
    code, out, said = ends("trace", "0" * 31 + "1", "--url", server.url)
    assert (code, out, "trace" in said) == (4, "", True)


def test_json_is_one_object_per_line(ends: Any, run: Any) -> None:
    """Of every command that has it."""
    for arguments in (("version", "--json"), ("config", "check", "--json"), ("config", "schema", "--json")):
        assert isinstance(orjson.loads(run(*arguments).stdout.splitlines()[0]), dict)
