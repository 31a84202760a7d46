"""Who may read: the same for requests and for the live view."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from spyglass.config.spec import Settings
from spyglass.model.errors import Unauthorized
from spyglass.show.app import create_app
from spyglass.show.keys import check_key

ASKED = Settings.model_validate({"api_keys": ["other", "schlüssel"]})
AS_HEADER = "schlüssel".encode().decode("latin-1")  # as Starlette reads what clients write in UTF-8


@pytest.mark.parametrize(
    ("authorization", "api_key", "in_address"),
    [(f"Bearer {AS_HEADER}", None, ""), (f"bearer {AS_HEADER}", None, ""), (None, AS_HEADER, ""), (None, "wrong", "schlüssel"), ("Bearer other", None, "")],
)
def test_a_key_is_taken_wherever_it_stands(authorization: str | None, api_key: str | None, in_address: str) -> None:
    """The scheme's case does not matter."""
    assert check_key(ASKED, authorization, api_key, in_address)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "schlüssel"])
def test_others_are_refused_and_told_how(authorization: str | None) -> None:
    """Without a key or with a wrong one."""
    with pytest.raises(Unauthorized, match="Authorization: Bearer KEY"):
        check_key(ASKED, authorization, None)


def test_without_keys_everyone_may_read() -> None:
    """And nobody is taken for more than that."""
    assert not check_key(Settings(), "Bearer x", "y", "z")


def test_every_resource_asks_for_the_key() -> None:
    """All that the document has, whatever the parameters; only whether data flows is told to everyone."""
    app = create_app(SimpleNamespace(settings=ASKED, version="0"))  # type: ignore[arg-type]
    document = app.openapi()
    asked = [(method, path) for path, operations in document["paths"].items() for method in operations if path != "/health"]
    with TestClient(app) as client:
        answers = {(method, path): client.request(method, path.replace("{", "").replace("}", "")).status_code for method, path in asked}
    assert len(asked) > 100
    assert {told for told, status in answers.items() if status != 401} == set()
    assert document["security"] == [{"bearer": []}, {"key": []}, {}]
