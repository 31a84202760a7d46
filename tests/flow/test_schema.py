"""The API is what its OpenAPI document says, for requests that nobody thought of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from spyglass.config.spec import Settings
from spyglass.show.app import create_app

load_all_checks()
DOCUMENT = create_app(SimpleNamespace(settings=Settings(), version="0")).openapi()  # type: ignore[arg-type]
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
API = schemathesis.openapi.from_dict(DOCUMENT)
# Texts of searches, times and SQL have a grammar that OpenAPI cannot tell: many that fit the schema are rightly refused.
REFUSALS = [positive_data_acceptance]


def _can_be_wrong(operation: Any) -> bool:
    return bool(operation.path_parameters or operation.query or operation.body)


CASES = [(path, method, GenerationMode.POSITIVE) for path, method in OPERATIONS]
CASES += [(path, method, GenerationMode.NEGATIVE) for path, method in OPERATIONS if _can_be_wrong(API[path][method])]


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_answers_are_as_documented(server: Any, path: str, method: str, mode: GenerationMode) -> None:
    """No 5xx; status codes, media types and schemas are those that are documented; wrong requests are refused."""
    operation = API[path][method]

    @settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate(base_url=server.url, excluded_checks=REFUSALS)

    ask()
