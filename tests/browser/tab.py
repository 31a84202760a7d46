"""Pages of the app in a tab that is loaded once: a load costs three times what it does to go from one page to the next.

Between two pages stands an empty one (`/embed`): nothing of the page before is left on it, no answer is remembered, no request is under way. What a page shows
then is what it would show after a load.
"""

from __future__ import annotations

from typing import Any

__all__ = ["EMPTY", "ENTER", "at_rest", "leave", "visit"]

EMPTY = "/embed"
QUIET_MS, QUIET_FRAMES = 250, 12
RESTS_MS, LEAVES_MS = 90_000, 30_000
# The app's router and what it remembers of answers, as React holds them.
APP = """(() => {
  const root = document.getElementById("root");
  const all = [root[Object.keys(root).find((name) => name.startsWith("__reactContainer$"))].stateNode.current];
  const found = {};
  while (all.length && !(found.client && found.router)) {
    const { memoizedProps, sibling, child } = all.pop();
    found.client ??= memoizedProps?.client;
    found.router ??= memoizedProps?.router;
    all.push(...[sibling, child].filter((one) => one));
  }
  return found;
})()"""
# Where Tab begins, and what is marked, are as after a load, too.
LEAVE = f"""async ([empty, most]) => {{
  const {{ client, router }} = {APP};
  const frame = () => new Promise(requestAnimationFrame);
  router.history.push(empty);
  const there = () => router.state.status === "idle" && router.state.resolvedLocation.pathname === empty;
  const left = () => there() && document.querySelector("#root main")?.childElementCount === 0 && !document.querySelector("#root nav, [role=dialog]");
  const begun = performance.now();
  while (!left() || client.isFetching() || client.isMutating()) {{
    if (there() && !client.isFetching()) void client.refetchQueries(); // a server that was away is back
    if (performance.now() - begun > most) throw new Error(`still here: ${{document.body.innerText.slice(0, 500)}}`);
    await frame();
  }}
  client.clear();
  const first = document.createElement("i");
  first.tabIndex = -1;
  document.body.prepend(first);
  first.focus();
  first.remove();
  getSelection().removeAllRanges();
}}"""
ENTER = f"""(path) => {{
  {APP}.router.history.replace(path);
  return new Promise(requestAnimationFrame);
}}"""
# Nothing is asked for, nothing stands for what comes, and no more code or style came, for some frames.
REST = f"""([ms, frames, most]) => new Promise((done, failed) => {{
  const {{ client, router }} = {APP};
  const waits = () => client.isFetching() || router.state.status !== "idle" || document.querySelector("[class*=bone]");
  const begun = performance.now();
  let since, seen, had;
  const again = () => ([since, seen, had] = [performance.now(), 0, performance.getEntriesByType("resource").length]);
  const look = () => {{
    seen += 1;
    if (waits() || performance.getEntriesByType("resource").length !== had) again();
    if (seen > frames && performance.now() - since > ms) done();
    else if (performance.now() - begun > most) failed(new Error(`it never rests: ${{client.isFetching()}} questions, ${{router.state.status}}`));
    else requestAnimationFrame(look);
  }};
  again();
  requestAnimationFrame(look);
}})"""


def leave(page: Any) -> None:
    """Go to the empty page, and forget what was answered."""
    page.mouse.move(-1, -1)  # over nothing
    page.evaluate(LEAVE, [EMPTY, LEAVES_MS])


def visit(page: Any, path: str) -> None:
    """Go to another page of the app, without what the one before has left; the address before is where Back leads."""
    leave(page)
    page.evaluate(ENTER, path)


def at_rest(page: Any) -> None:
    """Wait until nothing more comes: no skeleton, no question under way."""
    page.locator("h1, h2, [role=main], main").first.wait_for()
    page.evaluate(REST, [QUIET_MS, QUIET_FRAMES, RESTS_MS])
