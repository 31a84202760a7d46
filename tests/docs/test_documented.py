"""Every setting, error and command is on its page, and nothing is on a page that does not exist."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from spyglass.model.errors import SpyglassError
from spyglass.show import problem

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    path = DOCS / name
    if not path.is_file():
        pytest.skip(f"docs/{name} is not written")
    return path.read_text(encoding="utf-8")


def module(name: str):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            pytest.skip(f"{name} is not written")
        raise


def first_column(text: str) -> set[str]:
    """Give what stands in backticks at the start of table rows."""
    return set(re.findall(r"^\| *`([^`]+)`", text, re.MULTILINE))


def settings() -> dict[str, str]:
    """Description by dotted path, of settings that hold a value."""
    found = dict(module("spyglass.config.load").fields())
    return {path: field.description for path, field in found.items() if not any(other.startswith(f"{path}.") for other in found)}


def errors(of: type[SpyglassError] = SpyglassError) -> Iterator[type[SpyglassError]]:
    yield of
    for child in of.__subclasses__():
        yield from errors(child)


def commands() -> dict[str, set[str]]:
    """Long options by full command, e.g. `spyglass config check`."""
    typer_main = importlib.import_module("typer.main")
    return dict(_commands(typer_main.get_command(module("spyglass.cli.main").app), "spyglass"))


def _commands(command, path: str) -> Iterator[tuple[str, set[str]]]:
    below = getattr(command, "commands", {})
    if not below:
        names = (name for option in command.params for name in option.opts if not getattr(option, "hidden", False))
        yield path, {name for name in names if name.startswith("--")}
    for name, child in below.items():
        if not child.hidden:
            yield from _commands(child, f"{path} {name}")


def test_every_setting_is_documented_as_it_is():
    """docs/configuration.md has each path and its sentence, word by word."""
    text = page("configuration.md").replace("\\|", "|")
    missing = [path for path, sentence in settings().items() if f"`{path}`" not in text or sentence not in text]
    assert not missing, f"docs/configuration.md lacks, or describes otherwise: {', '.join(missing)}"


def test_no_setting_is_made_up():
    """Rows of docs/configuration.md that start with a dotted setting start with one that exists, or with a field of its items."""
    known = dict(module("spyglass.config.load").fields())
    named = {name for name in first_column(page("configuration.md")) if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name)}
    strangers = {name for name in named if name not in known and name.rsplit(".", 1)[0] not in settings()}
    assert not strangers, f"docs/configuration.md describes settings that are not there: {sorted(strangers)}"


def test_every_setting_has_a_sentence():
    """A setting nobody explains helps nobody."""
    assert [path for path, sentence in settings().items() if not sentence or not sentence.endswith(".")] == []


def answered() -> set[str]:
    """Codes of what the API really answers: to each error of ours, and to what the framework refuses by itself."""
    app = FastAPI()
    problem.answer_problems(app)
    ours = [error for error in errors() if error.__module__ == "spyglass.model.errors"]

    @app.get("/ours/{number}")
    def ours_of(number: int) -> None:
        raise ours[number]("…")

    @app.get("/theirs/{status}")
    def theirs(status: int) -> None:
        raise HTTPException(status)

    client = TestClient(app, raise_server_exceptions=False)
    paths = [
        *(f"/ours/{number}" for number in range(len(ours))),
        "/ours/x",
        f"/ours/{len(ours)}",
        "/nowhere",
        *(f"/theirs/{status}" for status in range(400, 452)),
    ]
    return {client.get(path).json()["code"] for path in paths} | {client.delete("/ours/1").json()["code"]}


def test_every_error_code_is_documented():
    """docs/errors.md has a row for each code that is answered, and no other rows."""
    assert first_column(page("errors.md")) == answered()


def test_every_error_row_gives_its_status():
    """The HTTP status stands in the row of the code."""
    rows = {row.split("`")[1]: row for row in page("errors.md").splitlines() if row.startswith("| `")}
    wrong = [error.code for error in errors() if error.code in rows and str(error.status) not in rows[error.code]]
    assert not wrong, f"docs/errors.md gives another HTTP status for {', '.join(wrong)}"


def test_every_command_and_option_is_documented():
    """docs/cli.md has each command by its full name, and each of its long options."""
    text = page("cli.md")
    missing = [path for path in commands() if not re.search(rf"`{path}[` ]", text)]
    missing += sorted({option for options in commands().values() for option in options} - set(re.findall(r"--[a-z][a-z0-9-]*", text)))
    assert not missing, f"docs/cli.md lacks {', '.join(missing)}"


def test_no_command_is_made_up():
    """Headings of docs/cli.md name commands that exist."""
    named = {match.strip() for match in re.findall(r"^#+ `(spyglass[a-z ]*)", page("cli.md"), re.MULTILINE)}
    groups = {path.rsplit(" ", 1)[0] for path in commands()}
    assert named <= commands().keys() | groups
