"""Promises about settings of the environment."""

import os
from pathlib import Path

import pytest

from spyglass.config.load import load
from spyglass.model.errors import ConfigError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file is here."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("text", ["0.0.0.0", "0.0.0.0,", '["0.0.0.0"]', " 0.0.0.0 "])
def test_a_list_is_separated_by_commas_or_json(text: str) -> None:
    """One item needs no comma."""
    assert load(environ={"SPYGLASS_HOST": text}).host == ("0.0.0.0",)


def test_a_section_is_json_and_its_own_variables_win() -> None:
    """As in a file."""
    settings = load(environ={"SPYGLASS_RECEIVE": '{"max_requests_per_s": 1, "burst_s": 2}', "SPYGLASS_RECEIVE__BURST_S": "3"})
    assert (settings.receive.max_requests_per_s, settings.receive.burst_s) == (1, 3)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("HOST", "[bad", "environment SPYGLASS_HOST: host: expected a list separated by commas, or as JSON"),
        ("RECEIVE", "5", "environment SPYGLASS_RECEIVE: receive: expected a section as JSON"),
        ("RECEIVE", '{"burst": 1}', "environment SPYGLASS_RECEIVE: receive.burst: there is no such setting; did you mean `burst_s`?"),
        ("HTTP_PORT", "x", "environment SPYGLASS_HTTP_PORT: http_port: input should be a valid integer, unable to parse string as an integer, got 'x'"),
        ("RECEIVE__MAX_IN_FLIGHT_BYTES", "5", "environment SPYGLASS_RECEIVE__MAX_IN_FLIGHT_BYTES: receive.max_in_flight_bytes: expected at least"),
        ("REDACT__EXTRA", "x", "environment SPYGLASS_REDACT__EXTRA: redact.extra.0: input should be"),
    ],
)
def test_a_wrong_variable_is_named(name: str, text: str, told: str) -> None:
    """With the setting, and what was wanted."""
    with pytest.raises(ConfigError) as error:
        load(environ={f"SPYGLASS_{name}": text})
    assert told in error.value.message


def test_an_empty_variable_sets_nothing_but_an_empty_list() -> None:
    """Containers often pass variables on that nobody set."""
    settings = load(environ={"SPYGLASS_HTTP_PORT": "", "SPYGLASS_RECEIVE__TLS_KEY": "", "SPYGLASS_RECEIVE__PATHS": ""})
    assert (settings.http_port, settings.receive.tls_key, settings.receive.paths) == (7700, None, ())


def test_the_given_environment_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process has does not leak in."""
    monkeypatch.setitem(os.environ, "SPYGLASS_HTTP_PORT", "1")
    assert load(environ={}).http_port == 7700
    assert load().http_port == 1
