"""Promises about settings: where they come from, and what is said when they are wrong."""

from pathlib import Path

import pytest

from spyglass.config.load import fields, load
from spyglass.config.values import masked
from spyglass.model.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    file = folder / "spyglass.yaml"
    file.write_text(text)
    return file


def test_defaults_need_no_file() -> None:
    """Without anything the documented ports are used and the store is embedded in the data directory."""
    settings = load(environ={})
    assert (settings.http_port, settings.otlp_http_port, settings.otlp_grpc_port) == (7700, 4318, 4317)
    assert settings.store_url == f"chdb://{settings.data_dir.absolute() / 'store'}"


def test_command_line_wins_over_environment_wins_over_file(tmp_path: Path) -> None:
    """The nearer to the call, the stronger."""
    file = write(tmp_path, "http_port: 1\notlp_http_port: 1\notlp_grpc_port: 1\n")
    settings = load(file, {"otlp_grpc_port": 3, "data_dir": None}, {"SPYGLASS_OTLP_HTTP_PORT": "2", "SPYGLASS_OTLP_GRPC_PORT": "2"})
    assert (settings.http_port, settings.otlp_http_port, settings.otlp_grpc_port) == (1, 2, 3)


def test_nested_and_listed_settings_from_the_environment() -> None:
    """A section's setting has a double underscore, a list has commas."""
    settings = load(environ={"SPYGLASS_RECEIVE__MAX_BODY_BYTES": "77", "SPYGLASS_HOST": "0.0.0.0, ::"})
    assert settings.receive.max_body_bytes == 77
    assert settings.host == ("0.0.0.0", "::")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("htpp_port: 1", "htpp_port: there is no such setting; did you mean `http_port`?"),
        ("receive: {max_bodi_bytes: 1}", "receive.max_bodi_bytes: there is no such setting; did you mean `max_body_bytes`?"),
        ("http_port: 99999", "http_port: input should be less than or equal to 65535, got 99999"),
        ("prices: {overrides: [{modle: x}]}", "prices.overrides.0.modle: there is no such setting; did you mean `model`?"),
        ("- 1", "expected settings as `name: value`, got a list"),
        ("a: [", "is not valid YAML"),
    ],
)
def test_wrong_settings_say_where_and_what(tmp_path: Path, text: str, told: str) -> None:
    """An error names the file, the path of the setting and the nearest right name."""
    with pytest.raises(ConfigError) as error:
        load(write(tmp_path, text), environ={})
    assert told in error.value.message
    assert "spyglass.yaml" in error.value.message


def test_variables_of_the_sdk_are_not_settings(tmp_path: Path) -> None:
    """A server may run beside what it watches, in one environment."""
    assert load(write(tmp_path, "http_port: 1\n"), {}, {"SPYGLASS_SDK_CAPTURE": "off"}).http_port == 1


def test_unknown_variable_is_an_error() -> None:
    """A misspelt variable does not pass silently."""
    with pytest.raises(ConfigError, match="did you mean `SPYGLASS_HTTP_PORT`"):
        load(environ={"SPYGLASS_HTP_PORT": "1"})


def test_keys_never_stand_in_errors(tmp_path: Path) -> None:
    """What was wrong with a key is told without the key."""
    with pytest.raises(ConfigError) as error:
        load(write(tmp_path, "api_keys: {a: hunter2}"), environ={})
    assert "hunter2" not in error.value.message


def test_every_setting_is_described() -> None:
    """The reference page is made from the descriptions."""
    assert [path for path, field in fields() if not field.description] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("receive: {max_in_flight_bytes: 5}", "receive.max_in_flight_bytes: expected at least 100663296 "),
        ("receive: {tls_key: key.pem}", "receive.tls_certificate: expected tls_certificate and tls_key, or none of them"),
        ("redact: {extra: [{name: x, regex: '('}]}", "redact.extra.0.regex: expected a regular expression that RE2 understands"),
        ("redact: {extra: [{name: 'A B', regex: a}]}", "redact.extra.0.name: string should match pattern"),
        ("store: {url: 'mysql://x'}", "store.url: expected `chdb:///path` or `clickhouse://user:password@host:8123/database`, got the scheme `mysql`"),
        ("store: {cluster: main}", "store.cluster: expected a server in store.url"),
        ("facts: {url: 'sqlite://facts.db'}", "facts.url: expected `sqlite:////path/file.db`"),
        (
            "prices: {overrides: [{model: x, input: 1, output: 1, from: 2026-02-01, until: 2026-01-01}]}",
            "prices.overrides.0.until: expected a day after",
        ),
        ("otlp_http_port: 7700", "otlp_http_port: expected another port than http_port, got 7700"),
        ("host: []", "host: tuple should have at least 1 item"),
    ],
)
def test_what_would_stop_the_start_is_told_before(tmp_path: Path, text: str, told: str) -> None:
    """Each by its path, and what was wanted."""
    with pytest.raises(ConfigError) as error:
        load(write(tmp_path, text), environ={})
    assert f"spyglass.yaml: {told}" in error.value.message


def test_a_price_has_its_days(tmp_path: Path) -> None:
    """As the price table takes them."""
    settings = load(write(tmp_path, "prices: {overrides: [{model: x, input: 1, output: 2, from: 2026-01-01, until: 2026-02-01}]}"), environ={})
    assert str(settings.prices.overrides[0].since) == "2026-01-01"


@pytest.mark.parametrize(
    "text",
    [
        "api_keys: [hunter2",
        "api_keys: [*hunter2]",
        "receive: {api_keys: [hunter2], max_in_flight_bytes: 5}",
        "receive: hunter2",
        "store: {url: 'clickhouse://bob:hunter2/x@host:8123'}",
        "store: {url: 'mysql://bob:hunter2@host'}",
        "facts: {url: 'postgresql://u:hunter2@host:port/d'}",
        "store: {url: [hunter2]}",
        "api_keys: [[hunter2]]",
    ],
)
def test_no_error_tells_a_secret(tmp_path: Path, text: str) -> None:
    """Not even where the file is broken, or something else in the section is wrong."""
    with pytest.raises(ConfigError) as error:
        load(write(tmp_path, text), environ={})
    assert "hunter2" not in error.value.message
    assert error.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("clickhouse://bob:geheim@host:8123/db", "clickhouse://bob:***@host:8123/db"),
        ("postgresql://u:p@w:1@host/db", "postgresql://u:***@host/db"),
        ("postgresql://host/db?user=u&password=geheim", "postgresql://host/db?user=u&password=***"),
        ("clickhouse://bob@host/db", "clickhouse://bob@host/db"),
        ("chdb:///data/a:b@c", "chdb:///data/a:b@c"),
    ],
)
def test_addresses_are_shown_without_their_password(url: str, shown: str) -> None:
    """User, host and database may be seen."""
    assert masked(url) == shown
