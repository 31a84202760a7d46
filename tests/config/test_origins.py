"""The settings remember what set them."""

from __future__ import annotations

from pathlib import Path

import pytest

from spyglass.config.load import load
from spyglass.model.errors import ConfigError


def test_each_setting_says_what_set_it(tmp_path: Path) -> None:
    """The strongest source by name, a variable in full; what nobody set is left out."""
    file = tmp_path / "spyglass.yaml"
    file.write_text("http_port: 1\notlp_http_port: 1\nreceive:\n  max_body_bytes: 77\n")
    variables = {"SPYGLASS_OTLP_HTTP_PORT": "2", "SPYGLASS_RETENTION__SPANS_DAYS": "3"}
    assert load(file, {"log_level": "error", "data_dir": None}, variables).origins == {
        "http_port": str(file),
        "otlp_http_port": "environment SPYGLASS_OTLP_HTTP_PORT",
        "log_level": "command line",
        "receive.max_body_bytes": str(file),
        "retention.spans_days": "environment SPYGLASS_RETENTION__SPANS_DAYS",
    }
    assert load(environ={}).origins == {}


def test_a_variable_that_holds_a_section_is_named_where_it_sets_something() -> None:
    """What a variable of its own sets goes before it, and says so; the same in what is refused."""
    variables = {"SPYGLASS_RETENTION": '{"spans_days": 3, "events_days": 4}', "SPYGLASS_RETENTION__EVENTS_DAYS": "5", "SPYGLASS_RETENTION__POINTS_DAYS": " "}
    found = load(environ=variables)
    assert (found.retention.spans_days, found.retention.events_days) == (3, 5)
    assert found.origins == {
        "retention.spans_days": "environment SPYGLASS_RETENTION",
        "retention.events_days": "environment SPYGLASS_RETENTION__EVENTS_DAYS",
    }
    with pytest.raises(ConfigError, match=r"^environment SPYGLASS_RETENTION: retention\.spans_days: "):
        load(environ={"SPYGLASS_RETENTION": '{"spans_days": -3}'})
