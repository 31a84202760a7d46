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
from tests.browser.tab import ENTER, leave

from spyglass.testing.chromium import ARGUMENTS, HOW_TO_GET, executable

HERE = Path(__file__).parent
SCREEN = {"width": 1440, "height": 900}
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
        page.on("dialog", self._dismiss)

    def _hear(self, message: Any) -> None:
        # Chromium itself tells of every answer that is a refusal; a test that asks for one says which.
        expected = message.text.startswith(("Failed to load resource", "WebSocket connection")) and any(one in message.text for one in self._expected())
        # The router tells of code that did not come, if it comes to it before the page loads itself anew.
        expected |= message.text.startswith("TypeError: Failed to fetch dynamically imported module") and "net::ERR_FAILED" in self.refusals
        if message.type in {"error", "warning"} and not expected:
            self.wrong.append(f"{message.type}: {message.text}")

    def _dismiss(self, dialog: Any) -> None:
        self.wrong.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _expected(self) -> list[str]:
        return [f"status of {one}" if isinstance(one, int) else one for one in self.refusals]

    def _look(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.origin).netloc:
            self.wrong.append(f"asked elsewhere: {url}")


@pytest.fixture(scope="session")
def fed(
    share_server: Callable[..., AbstractContextManager[Any]], run_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A server with twenty minutes of the demo in its project `default`; for looking only."""
    folder = tmp_path_factory.mktemp("fed")
    shutil.copytree(_told_demo(run_server, _of_all_workers(tmp_path_factory)), folder / "data", symlinks=True)
    with share_server("fed", folder, STORE__COMMIT_INTERVAL_S="0.05") as server:
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
def finding_server(share_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server that tells the findings which a test wants (`telling.tell_findings`), and lets policies act."""
    own = {"STORE__COMMIT_INTERVAL_S": "0.05", "ANALYZERS__PLUGINS_DIR": str(HERE / "plugins"), "ALERTS__LIVE_ACTIONS": "true"}
    with share_server("finding_server", tmp_path_factory.mktemp("findings"), **own) as server:
        yield server


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of what finds wrong for people who see little, hear pages or use keys."""
    source = HERE.parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        pytest.skip("axe is not here: (cd web && npm ci)")
    return source.read_text(encoding="utf-8")


class Chromium:
    """One browser for all tests here, from the first that wants it to the last: while Playwright runs, its event loop does, and no test of asyncio could."""

    def __init__(self) -> None:
        self._running: tuple[Any, Any] | None = None

    def launched(self) -> Any:
        """It runs from here on."""
        from playwright.sync_api import sync_playwright

        if self._running is None:
            playwright = sync_playwright().start()
            self._running = playwright, playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        return self._running[1]

    def end(self) -> None:
        """If it runs."""
        if self._running is not None:
            playwright, browser = self._running
            self._running = None
            browser.close()
            playwright.stop()


CHROMIUM = Chromium()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None]:
    """The browser ends with the tests that want it."""
    try:
        yield
    finally:
        if nextitem is None or HERE not in nextitem.path.parents:
            CHROMIUM.end()


class Tab:
    """A page of a server that one test after the other looks at."""

    def __init__(self, url: str) -> None:
        self.context = new_context(url)
        self.page, self.watched, self.loaded = self.context.new_page(), Watched(url), False
        self.watched.watch(self.page)

    def show(self, path: str, refusals: tuple[int | str, ...], viewport: dict[str, int]) -> Any:
        """Lead it there."""
        self.watched.refusals = refusals
        if self.page.viewport_size != viewport:
            self.page.set_viewport_size(viewport)
        if self.loaded:
            self.page.evaluate(ENTER, path)
        else:
            self.page.goto(path)
        self.loaded = False  # until it was left again
        return self.page

    def leave(self) -> None:
        """As it was found. Where that cannot be, as the app is not there, the next test loads it anew."""
        from playwright.sync_api import Error

        try:
            self.page.unroute_all(behavior="ignoreErrors")
            leave(self.page)
            self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
            self.page.emulate_media(color_scheme="light")
        except Error:
            self.context.close()
            return
        self.watched.refusals = ()
        self.watched.wrong.clear()  # what is broken off by leaving is not wrong
        self.loaded = True


def new_context(url: str, **options: Any) -> Any:
    """A profile of its own: nothing is in its cache, its storage, its history. What breathes while one waits would be drawn sixty times a second."""
    context = CHROMIUM.launched().new_context(**{"viewport": SCREEN, "base_url": url, "reduced_motion": "reduce", **options})
    context.set_default_timeout(WAIT_MS)
    return context


@pytest.fixture(scope="module")
def tabs() -> Iterator[dict[str, Tab]]:
    """Tabs that the tests of a file share, by the server that they show."""
    opened: dict[str, Tab] = {}
    yield opened
    for tab in opened.values():
        tab.context.close()


@pytest.fixture
def open_page(tabs: dict[str, Tab], request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """`open_page(server, path, refusals=(400,), **context)`: a page at that path; what it did wrong fails the test.

    `refusals` are the statuses that the test expects the server to refuse something with, or what breaks a connection (`net::ERR_FAILED`). The page is as
    after a load, in a tab that was loaded for an earlier test of the file (`tab.py`). It is truly loaded, in a context of its own, where a test says
    `own=True`, has wishes that only a context grants, opens a second one, or begins with `about:blank`.
    """
    contexts, watches, lent = [], [], {}

    def opening(server: Any, path: str, refusals: tuple[int | str, ...] = (), own: bool = False, **options: Any) -> Any:
        if not (own or options.keys() - {"viewport"} or path == "about:blank" or server.url in lent):
            tab = lent[server.url] = tabs.pop(server.url, None) or Tab(server.url)
            contexts.append(tab.context)
            watches.append(tab.watched)
            return tab.show(path, refusals, options.get("viewport", SCREEN))
        context = new_context(server.url, **options)
        page = context.new_page()
        watched = Watched(server.url, refusals)
        watched.watch(page)
        contexts.append(context)
        watches.append(watched)
        page.goto(path)
        return page

    yield opening
    failed = request.node.stash.get(FAILED, False)
    wrong = [wrong for watched in watches for wrong in watched.wrong]
    kept = {} if failed or wrong else lent
    for context in contexts:
        if failed:
            for page in context.pages:
                tell(page)
        if all(context is not tab.context for tab in kept.values()):
            context.close()
    for url, tab in kept.items():
        tab.leave()
        if tab.loaded:
            tabs[url] = tab
    assert wrong == []


@pytest.fixture
def page(open_page: Callable[..., Any], fed: Any) -> Callable[..., Any]:
    """`page(path, **context)`: a page of the fed server."""
    return lambda path, **options: open_page(fed, path, **options)
