"""The settings are told as they are in force, and no secret is."""

from __future__ import annotations

from typing import Any

import orjson

from spyglass.config.load import load
from spyglass.config.names import fields, section_of
from spyglass.show import settings as resource


def told(**variables: str) -> dict[str, dict[str, Any]]:
    """Every setting by its path."""
    found = load(environ=variables)
    values = orjson.loads(found.model_dump_json(by_alias=True))
    return {path: resource._item(found, values, path, field) for path, field in fields() if section_of(field) is None}


def test_every_setting_is_told_with_what_set_it() -> None:
    """Value, default and the variable that sets it."""
    items = told(SPYGLASS_RETENTION__SPANS_DAYS="77")
    one = items["retention.spans_days"]
    assert (one["value"], one["origin"], one["variable"]) == (77, "environment SPYGLASS_RETENTION__SPANS_DAYS", "SPYGLASS_RETENTION__SPANS_DAYS")
    assert one["default"] != 77
    assert items["http_port"] | {"description": ""} == {
        "name": "http_port",
        "value": 7700,
        "default": 7700,
        "origin": "",
        "variable": "SPYGLASS_HTTP_PORT",
        "description": "",
        "secret": False,
    }


def test_no_secret_is_told() -> None:
    """Neither keys nor passwords in addresses; that there are some is."""
    items = told(SPYGLASS_API_KEYS="a-very-long-key-indeed", SPYGLASS_STORE__URL="clickhouse://me:hidden-word@db:8123/x")
    assert items["api_keys"]["secret"]
    assert items["api_keys"]["value"]
    text = orjson.dumps(items)
    assert b"very-long-key" not in text
    assert b"hidden-word" not in text
