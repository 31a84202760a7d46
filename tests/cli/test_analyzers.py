"""`spyglass analyzers` against a server with a plugin that hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.flow.conftest import chat, spans

from spyglass.model.errors import InputError, NotFound

HANGS = """
import time
from pydantic import BaseModel
from spyglass.plugin.contracts import AnalyzerKind

class Settings(BaseModel):
    seconds: float = 3600

class Hangs:
    def __init__(self, settings): self.seconds = settings.seconds
    def observe(self, seen):
        time.sleep(self.seconds)
        return ()
    def settle(self, now_ns): return ()
    def save(self): return {}
    def restore(self, state): pass

analyzer = AnalyzerKind(name="hangs", version="1.0.0", description="Hangs.", reads=frozenset({"span"}), settings=Settings, make=Hangs)
"""


@pytest.fixture(scope="module")
def hanging(run_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with one that never answers."""
    folder = tmp_path_factory.mktemp("hanging")
    (folder / "hangs.py").write_text(HANGS)
    (folder / "half.py").write_text("analyzer = 3")
    with run_server(folder, ANALYZERS__PLUGINS_DIR=str(folder), ANALYZERS__PLUGIN_ANSWER_S="0.3") as running:
        yield running


def eventually(look: Callable[[], Any]) -> Any:
    """What it gives, as soon as that is something."""
    deadline = time.monotonic() + 120
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come about in time"
        threading.Event().wait(0.05)
    return found


def send(running: Any) -> None:
    """A model call."""
    now_ns = time.time_ns()
    body = spans(chat(trace=now_ns.to_bytes(16, "big"), number=1, start_ns=now_ns - 10**9)).SerializeToString()
    headers = {"content-type": "application/x-protobuf"}
    httpx.post(f"{running.endpoint}/v1/traces", content=body, headers=headers, trust_env=False, verify=False).raise_for_status()


def test_one_that_hangs_is_shown_and_goes_on_with_other_settings(run: Any, told: Any, hanging: Any) -> None:
    """Why it rests and until when; then it runs, and counts go on. What cannot be used is told below."""
    url = ("--url", hanging.url)
    send(hanging)

    def item() -> Any:
        return told(run("analyzers", "show", "hangs", *url, "--json"))[0]

    assert eventually(lambda: item()["suspended"]) == "it did not answer within 0.3 s"
    listed = run("analyzers", "list", *url).stdout
    assert max(map(len, listed.splitlines())) <= 80
    assert [line.split()[1] for line in listed.splitlines() if line.startswith("hangs ")] == ["rests"]
    assert "half.py" in listed
    assert (item()["failures"], item()["resumes"] is not None, item()["running"]) == (1, True, False)
    assert run("analyzers", "configure", "hangs", '{"seconds": 0}', *url).exit_code == 0
    assert run("analyzers", "start", "hangs", *url).exit_code == 0
    before = item()["rows"]
    send(hanging)
    eventually(lambda: item()["rows"] > before)
    assert (item()["running"], item()["failures"], item()["values"]) == (True, 1, {"seconds": 0.0})
    assert run("analyzers", "stop", "hangs", *url, "--json").stdout.count("somebody let it rest") == 1


def test_what_is_not_there_is_said(run: Any, hanging: Any) -> None:
    """And what is no JSON."""
    with pytest.raises(NotFound, match="there is no analyzer nobody; there are aggregation"):
        run("analyzers", "show", "nobody", "--url", hanging.url)
    with pytest.raises(InputError, match="the settings are no JSON"):
        run("analyzers", "configure", "hangs", "{", "--url", hanging.url)
