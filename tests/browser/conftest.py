"""A real Chromium against a real server that the demo has fed. Every page is watched: a word in the console or a request to elsewhere fails its test."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from spyglass.testing.chromium import ARGUMENTS, HOW_TO_GET, executable

HERE = Path(__file__).parent
WAIT_MS = 90_000  # a busy machine is no failure
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is missing on this machine is said once for each test, with the way to get it."""
    reason = missing()
    if reason:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, for the fixtures that end after it."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def tell(page: Any) -> None:
    """Print what a page showed when its test failed."""
    focus = "document.hasFocus(), document.activeElement?.outerHTML.slice(0, 200)"
    state = f"() => [{focus}, document.querySelector('[role=tree]')?.scrollTop, document.body.innerText]"
    print("the page at", page.url, "showed", *page.evaluate(state), sep="\n")  # noqa: T201  into the report of the test


def missing() -> str:
    """Why no browser test can run here; empty: they can."""
    if not executable():
        return HOW_TO_GET
    if not (Path(str(files("spyglass"))) / "site" / "index.html").is_file():
        return "the web app was not built: .venv/bin/python hatch_build.py"
    return ""


@dataclass
class Watched:
    """What a page did that no page may do."""

    origin: str
    refusals: tuple[int | str, ...] = ()
    wrong: list[str] = field(default_factory=list)

    def watch(self, page: Any) -> None:
        """From here on."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(f"thrown: {error}"))
        page.on("request", lambda request: self._look(request.url))
        page.on("websocket", lambda socket: self._look(socket.url))

    def _hear(self, message: Any) -> None:
        # Chromium itself tells of every answer that is a refusal; a test that asks for one says which.
        expected = message.text.startswith(("Failed to load resource", "WebSocket connection")) and any(one in message.text for one in self._expected())
        if message.type in {"error", "warning"} and not expected:
            self.wrong.append(f"{message.type}: {message.text}")

    def _expected(self) -> list[str]:
        return [f"status of {one}" if isinstance(one, int) else one for one in self.refusals]

    def _look(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.origin).netloc:
            self.wrong.append(f"asked elsewhere: {url}")


@pytest.fixture(scope="session")
def fed(run_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with twenty minutes of the demo in its project `default`; for looking only."""
    folder = tmp_path_factory.mktemp("fed")
    shutil.copytree(_told_demo(run_server, _of_all_workers(tmp_path_factory)), folder / "data", symlinks=True)
    with run_server(folder, STORE__COMMIT_INTERVAL_S="0.05") as server:
        yield server


def _of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def _told_demo(run_server: Callable[..., AbstractContextManager[Any]], folder: Path) -> Path:
    """The data directory of a server that the demo was told to; the first worker makes it, as that takes six times what a copy of it costs."""
    made = folder / "demo-made"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = Path(tempfile.mkdtemp(prefix="demo-", dir=folder))
            with run_server(making, STORE__COMMIT_INTERVAL_S="0.05") as server:
                command = [
                    sys.executable,
                    "-m",
                    "spyglass",
                    "demo",
                    "--once",
                    "--past",
                    "20m",
                    "--seed",
                    "7",
                    "--endpoint",
                    server.endpoint,
                    "--url",
                    server.url,
                ]
                subprocess.run(command, check=True, capture_output=True, timeout=240)
                server.settled()
            (making / "data").rename(made)
    return made


@pytest.fixture(scope="session")
def finding_server(run_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server that tells the findings which a test wants (`telling.tell_findings`), and lets policies act."""
    own = {"STORE__COMMIT_INTERVAL_S": "0.05", "ANALYZERS__PLUGINS_DIR": str(HERE / "plugins"), "ALERTS__LIVE_ACTIONS": "true"}
    with run_server(tmp_path_factory.mktemp("findings"), **own) as server:
        yield server


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of what finds wrong for people who see little, hear pages or use keys."""
    source = HERE.parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        pytest.skip("axe is not here: (cd web && npm ci)")
    return source.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for the tests of a file: while Playwright runs, its event loop does, and no test of asyncio could."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """`open_page(server, path, refusals=(400,), **context)`: a page at that path in a browser context of its own; what it did wrong fails the test.

    `refusals` are the statuses that the test expects the server to refuse something with, or what breaks a connection (`net::ERR_FAILED`).
    """
    contexts, watches = [], []

    def opening(server: Any, path: str, refusals: tuple[int | str, ...] = (), **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "base_url": server.url, **options})
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        watched = Watched(server.url, refusals)
        watched.watch(page)
        contexts.append(context)
        watches.append(watched)
        page.goto(path)
        return page

    yield opening
    for context in contexts:
        if request.node.stash.get(FAILED, False):
            for page in context.pages:
                tell(page)
        context.close()
    assert [wrong for watched in watches for wrong in watched.wrong] == []


@pytest.fixture
def page(open_page: Callable[..., Any], fed: Any) -> Callable[..., Any]:
    """`page(path, **context)`: a page of the fed server."""
    return lambda path, **options: open_page(fed, path, **options)


@pytest.fixture(scope="module")
def _tab(browser: Any, fed: Any) -> Iterator[tuple[Any, Watched]]:
    """A page of the fed server for all tests of a file, and who watches it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=fed.url)
    context.set_default_timeout(WAIT_MS)
    page, watched = context.new_page(), Watched(fed.url)
    watched.watch(page)
    yield page, watched
    context.close()


@pytest.fixture
def same_page(_tab: tuple[Any, Watched]) -> Iterator[Callable[..., Any]]:
    """`same_page(path, refusals)`: as `page`, loaded anew in the context that the tests of a file share. For those that only look: it takes half the time."""
    page, watched = _tab

    def opening(path: str, refusals: tuple[int | str, ...] = ()) -> Any:
        watched.refusals = refusals
        page.emulate_media(color_scheme="light")
        page.goto(path)
        return page

    yield opening
    wrong = list(watched.wrong)
    page.goto("about:blank")  # what is broken off by leaving is not wrong
    watched.refusals = ()
    watched.wrong.clear()
    assert wrong == []
