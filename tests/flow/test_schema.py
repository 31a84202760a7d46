"""The API is what its OpenAPI document says, for requests that nobody thought of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))  # as the app's own: `tests/show/test_openapi.py`
OPERATIONS = [(path, method, told) for path, methods in DOCUMENT["paths"].items() for method, told in methods.items()]


def _can_be_wrong(told: dict[str, Any]) -> bool:
    return "requestBody" in told or any(parameter["in"] in {"path", "query"} for parameter in told.get("parameters", ()))


CASES = [(path, method, "positive") for path, method, _ in OPERATIONS]
CASES += [(path, method, "negative") for path, method, told in OPERATIONS if _can_be_wrong(told)]


@pytest.fixture(scope="module")
def api() -> Any:
    """The document's operations. Loaded by who runs these tests: the library takes longer to load than all other files are to collect."""
    import schemathesis
    from schemathesis.checks import load_all_checks

    load_all_checks()
    return schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture
def nothing_goes_on(server: Any, path: str) -> Iterator[None]:
    """What a request set going is stopped: a demo would keep the server that all share busy, for as long as a day."""
    yield
    if path.endswith("/demo"):
        httpx.delete(f"{server.url}{path}", timeout=60, trust_env=False, verify=False).raise_for_status()


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
@pytest.mark.usefixtures("nothing_goes_on")
def test_answers_are_as_documented(server: Any, api: Any, path: str, method: str, mode: str) -> None:
    """No 5xx; status codes, media types and schemas are those that are documented; wrong requests are refused."""
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    # Texts of searches, times and SQL have a grammar that OpenAPI cannot tell: many that fit the schema are rightly refused.
    refusals = [positive_data_acceptance]

    @settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(api[path][method].as_strategy(generation_mode=GenerationMode(mode)))
    def ask(case: Any) -> None:
        case.call_and_validate(base_url=server.url, excluded_checks=refusals, timeout=60)

    ask()
