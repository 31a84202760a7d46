"""What people save, over the API: views, dashboards, queries."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

BODIES: dict[str, dict[str, Any]] = {
    "views": {"page": "/traces", "search": {"query": "status:error"}},
    "dashboards": {"description": "ours", "panels": [{"title": "Cost", "source": "calls", "measure": "cost_usd", "group_by": ["model"], "w": 12}]},
    "queries": {"sql": "SELECT count() AS n FROM spans"},
}


@pytest.mark.parametrize("kind", BODIES)
def test_saved_things_come_and_go(server: Any, kind: str) -> None:
    """Made, listed, changed by whoever saw the version, deleted."""
    with httpx.Client(base_url=f"{server.url}/api/v1/saved/", params={"project": f"saved-{kind}"}, trust_env=False, verify=False) as client:
        made = client.post(kind, json={"name": "first", "body": BODIES[kind]}).raise_for_status().json()
        path = f"{kind}/{made['id']}"
        assert [one["id"] for one in client.get(kind).json()["items"]] == [made["id"]]
        change = {"name": "second", "body": made["body"], "version": 1}
        assert client.put(path, json=change).json()["version"] == 2
        late = client.put(path, json=change)
        assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "conflict", 2)
        assert client.delete(path).status_code == 204
        assert client.get(path).status_code == 404


def test_a_body_of_another_kind_is_refused(server: Any) -> None:
    """A query is no view."""
    answer = httpx.post(f"{server.url}/api/v1/saved/views", json={"name": "x", "body": BODIES["queries"]}, trust_env=False, verify=False)
    assert (answer.status_code, "views" in answer.json()["detail"]) == (400, True)
