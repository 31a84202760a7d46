"""What all resources below /api/v1 do alike."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from spyglass.config.spec import Settings
from spyglass.show.app import create_app
from spyglass.show.resource import BELOW, parameters_of


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """All resources, and nothing behind them."""
    return create_app(SimpleNamespace(settings=Settings(), version="0"))  # type: ignore[arg-type]


def test_a_parameter_that_does_not_exist_is_refused(app: FastAPI) -> None:
    """Wherever one asks: as a filter that is mistyped would be none."""
    paths = app.openapi()["paths"]
    asked = [(method, path) for path, operations in paths.items() if path.startswith(BELOW) for method in operations]
    with TestClient(app) as client:
        answers = {(method, path): client.request(method, path.replace("{", "").replace("}", ""), params={"no_such": "1"}) for method, path in asked}
    assert len(asked) > 100
    assert {where for where, answer in answers.items() if answer.status_code != 422 or "query.no_such: there is no such parameter" not in answer.text} == set()


def test_those_of_the_document_are_known(app: FastAPI) -> None:
    """Each by the name that the document gives it."""
    paths = app.openapi()["paths"]
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.path in paths]
    named = [
        {one["name"] for method in route.methods for one in paths[route.path][method.lower()].get("parameters", ()) if one["in"] == "query"} for route in routes
    ]
    assert any(named)
    assert {route.path for route, names in zip(routes, named, strict=True) if names != parameters_of(route)} == set()


def test_a_misspelt_one_is_told_what_was_meant(app: FastAPI) -> None:
    """By its likeness."""
    with TestClient(app) as client:
        assert "did you mean limit?" in client.get(f"{BELOW}/traces", params={"limt": 5}).json()["detail"]
