"""What a reader of the web app waits for, in headless Chromium against a real server: the list on a million spans, long traces, frames while they scroll.

Times are the page's own clock, from the beginning of the navigation to the frame that shows what was waited for. Browser and server share the machine, and the
machine may be shared with others: beside each time stands what browser and server together computed for it, which no neighbour makes longer than it is.
A page is opened in a new window, as nothing may be cached, and the navigation begins when that window and the server are at rest.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
from playwright.sync_api import sync_playwright

from bench.queries import fill
from bench.run import bodies
from bench.server import Server, server
from spyglass.testing.chromium import ARGUMENTS, HOW_TO_GET, executable

__all__ = ["main"]

_SITE = Path(__file__).resolve().parent.parent / "src" / "spyglass" / "site"
_RUNS = 5
_WHEELS = 150  # turns of the wheel while frames are watched
_WHEEL_PX = 400
_HIGH_PX = 900
_TRACES = {10_000: bytes([10]) * 16, 100_000: bytes([100]) * 16}
_READY_S = 240
_REST_S, _LOOK_MS, _REST = 60, 400, 0.1  # at rest: less than a tenth of a core over one look

# In the page, before any of its own code: when something that was asked for is first on the screen, and how long frames and tasks take.
_WATCH = """
(() => {
  const told = { shown: {}, frames: [], tasks: [] };
  window.__bench = told;
  new PerformanceObserver((list) => told.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask", buffered: true });
  const wanted = %s;
  const look = () => {
    for (const selector of wanted) {
      if (!(selector in told.shown) && document.querySelector(selector)) {
        told.shown[selector] = null;
        requestAnimationFrame(() => setTimeout(() => { told.shown[selector] = performance.now() }));  // the frame is painted then
      }
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-selected", "href"] });
  told.watch = () => {
    told.frames = []; told.tasks = []; told.on = true;
    let last = performance.now();
    const frame = () => { const now = performance.now(); told.frames.push(now - last); last = now; if (told.on) requestAnimationFrame(frame) };
    requestAnimationFrame(frame);
  };
})()
"""
_MOVED = "row => { for (let one = document.querySelector(row); one; one = one.parentElement) if (one.scrollTop > 0) return true; return false }"
_LIST_ROW = "[role=table] [data-row]"
_TREE_ROW = "[role=treeitem]"
_CHOSEN = "[role=treeitem][aria-selected=true]"
_STORY_ROW = "ol[aria-label=Transcript] > li"


def main(count: int = 1_000_000, folder: Path | None = None) -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    if not executable():
        return [("web app", f"not measured: {HOW_TO_GET}")]
    with tempfile.TemporaryDirectory(prefix="spyglass-bench-") as fresh:
        place = folder or Path(fresh)
        if not (place / "store").exists():
            fill(place, count)
        with server(place) as running, _browser() as browser:
            _send(running)
            return _measure(_Reader(browser, running))


@contextlib.contextmanager
def _browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        try:
            yield launched
        finally:
            launched.close()


def _send(running: Server) -> None:
    """The long traces, unless they are there, and the time that the store takes to write and merge them."""
    with httpx.Client(timeout=120) as client:
        for count, trace in _TRACES.items():
            address = f"{running.url()}/api/v1/traces/{trace.hex()}"
            if client.get(address, params={"limit": 1}).is_success:
                continue
            for body in bodies(trace, count, time.time_ns() - 300 * 10**9):
                client.post(f"{running.url('otlp_http')}/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}).raise_for_status()
            end = time.monotonic() + _READY_S
            while client.get(address, params={"limit": 1}).json().get("total", 0) < count and time.monotonic() < end:
                time.sleep(0.5)


@dataclass(frozen=True, slots=True)
class Waited:
    """How long a reader waited, and what was computed until then."""

    ms: float
    cpu_ms: float


class _Reader:
    """Opens pages, each in a browser context of its own: nothing is cached."""

    def __init__(self, browser: Any, running: Server) -> None:
        self._browser, self._url, self._server = browser, running.url(), running
        self._cpu_begin = 0.0
        self.words: list[str] = []
        self.scripts: set[str] = set()

    @contextlib.contextmanager
    def page(self, path: str, *wanted: str) -> Iterator[Any]:
        """A page that watches for selectors."""
        context = self._browser.new_context(base_url=self._url, viewport={"width": 1440, "height": _HIGH_PX})
        context.add_init_script(_WATCH % list(wanted))
        page = context.new_page()
        page.on("console", lambda one: self.words.append(f"{one.type}: {one.text}") if one.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.words.append(f"thrown: {error}"))
        self._cpu_begin = self._at_rest_s(page)
        page.goto(path)
        try:
            yield page
        finally:
            context.close()

    def _at_rest_s(self, page: Any) -> float:
        """CPU seconds so far, once browser and server have next to nothing to do."""
        before, end = self._cpu_s(), time.monotonic() + _REST_S
        while time.monotonic() < end:
            page.wait_for_timeout(_LOOK_MS)
            now = self._cpu_s()
            if now - before < _REST * _LOOK_MS / 1e3:
                return now
            before = now
        raise SystemExit("browser and server did not come to rest")

    def _cpu_s(self) -> float:
        """CPU seconds of browser and server so far."""
        total = self._server.cpu_s()
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if "chrom" in process.name():
                    times = process.cpu_times()
                    total += times.user + times.system
        return total

    def shown(self, page: Any, selector: str) -> Waited:
        """How long after the navigation began it was painted."""
        page.wait_for_function("selector => window.__bench.shown[selector]", arg=selector, timeout=60_000)
        cpu_ms = (self._cpu_s() - self._cpu_begin) * 1e3
        return Waited(float(page.evaluate("selector => window.__bench.shown[selector]", selector)), cpu_ms)

    def first(self, path: str, selector: str, runs: int = _RUNS) -> list[Waited]:
        """Of several loads of a page when the selector was painted."""
        found = []
        for _ in range(runs):
            with self.page(path, selector) as page:
                found.append(self.shown(page, selector))
                self.scripts |= set(page.evaluate("performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.endsWith('.js'))"))
        return found

    def interactive(self, path: str, runs: int = _RUNS) -> list[Waited]:
        """Of several loads of a tree when a row that was clicked as soon as it stood there was shown as chosen."""
        found = []
        for _ in range(runs):
            with self.page(path, _TREE_ROW, _CHOSEN) as page:
                self.shown(page, _TREE_ROW)
                page.evaluate("selector => document.querySelectorAll(selector)[1].click()", _TREE_ROW)
                found.append(self.shown(page, _CHOSEN))
        return found

    def scrolled(self, path: str, row: str, scroller: str) -> tuple[list[float], list[float]]:
        """Frames and long tasks (ms) while the wheel turns over a list."""
        with self.page(path, row) as page:
            self.shown(page, row)
            page.wait_for_timeout(1500)  # what comes after the first rows
            box = page.locator(scroller).first.bounding_box()
            page.mouse.move(box["x"] + box["width"] / 2, (max(box["y"], 0) + min(box["y"] + box["height"], _HIGH_PX)) / 2)  # a list is longer than the window
            page.evaluate("window.__bench.watch()")
            for turn in range(_WHEELS):
                page.mouse.wheel(0, _WHEEL_PX if turn < _WHEELS * 2 / 3 else -_WHEEL_PX)
                page.wait_for_timeout(12)
            if not page.evaluate(_MOVED, row):
                raise SystemExit(f"{path}: the wheel moved nothing")
            told = page.evaluate("() => { window.__bench.on = false; return [window.__bench.frames.slice(1), window.__bench.tasks] }")
            return told[0], told[1]


def _measure(reader: _Reader) -> list[tuple[str, str]]:
    out = [("load of the machine at the beginning", f"{os.getloadavg()[0]:.1f}")]
    out.append(("first list painted, nothing cached", _times(reader.first("/traces", _LIST_ROW), 1000)))
    out.append(("JavaScript of the first screen", f"{_gzip_kb(reader.scripts):.0f} kB gzip  (bar 300)"))
    for count, bar in ((10_000, 1000), (100_000, 3000)):
        path = f"/traces/{_TRACES[count].hex()}"
        out.append((f"trace of {count:,} spans, transcript painted", _times(reader.first(path, _STORY_ROW), bar)))
        out.append((f"trace of {count:,} spans, tree answers a click", _times(reader.interactive(f"{path}?view=tree"), bar)))
    path = f"/traces/{_TRACES[100_000].hex()}"
    out.append(("scrolling its tree and waterfall", _frames(*reader.scrolled(f"{path}?view=tree", _TREE_ROW, "[role=tree]"))))
    out.append(("scrolling its transcript", _frames(*reader.scrolled(path, _STORY_ROW, "ol[aria-label=Transcript]"))))
    out.append(("errors and warnings in the console", f"{len(reader.words)}{': ' + reader.words[0] if reader.words else ''}  (bar 0)"))
    out.append(("load of the machine at the end", f"{os.getloadavg()[0]:.1f}"))
    return out


def _times(found: list[Waited], bar_ms: float) -> str:
    took, cpu = [one.ms for one in found], [one.cpu_ms for one in found]
    told = f"median {statistics.median(took):.0f} ms, best {min(took):.0f}, worst {max(took):.0f}  (bar {bar_ms:.0f})"
    return f"{told}; CPU of browser and server {statistics.median(cpu):.0f} ms"


def _frames(frames: list[float], tasks: list[float]) -> str:
    late = sum(frame > 50 for frame in frames)
    longest = f"longest task {max(tasks):.0f} ms" if tasks else "no task over 50 ms"
    return f"{len(frames)} frames, median {statistics.median(frames):.0f} ms, longest {max(frames):.0f}, over 50 ms: {late}, {longest}  (bar 50)"


def _gzip_kb(scripts: set[str]) -> float:
    """Compressed as any server may do it, whatever this one sends."""
    return sum(len(gzip.compress((_SITE / urlsplit(name).path.lstrip("/")).read_bytes(), 9)) for name in scripts) / 1e3


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--dir", type=Path, help="a folder that is filled once and used again")
    asked = parser.parse_args()
    for what, measured in main(asked.spans, asked.dir):
        print(f"{what:48} {measured}")
