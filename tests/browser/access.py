"""What people need who see little, hear pages or use keys, on a page that is shown."""

from __future__ import annotations

from typing import Any

from tests.browser.tab import at_rest

__all__ = ["check_reach", "check_rules"]

MOST_TABS = 700
ROUNDS = 3
ALIKE_LOOKED_AT = 4
TABS = 14  # pressed before anybody looks whether it begins again
# Roles that are worked with, and so must say what they are.
WORKED = {
    *("button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "option", "treeitem"),
    *("textbox", "searchbox", "combobox", "spinbutton", "slider", "application", "tree", "listbox"),
}
# Marks what has the focus after each Tab: asking the browser after each would take as long as all the rest.
LISTEN = """() => {
  document.activeElement?.blur();
  for (const one of document.querySelectorAll("[data-walked]")) delete one.dataset.walked;
  window.walked = 0;
  window.begunAgain = false;
  window.removeEventListener("keyup", window.marking, true);
  window.marking = ({ key }) => {
    const one = document.activeElement;
    if (key !== "Tab" || one === document.body) return;
    if (one.dataset.walked !== undefined) window.begunAgain ||= window.walked > 2;
    else {
      one.dataset.walked = "";
      window.walked += 1;
    }
  };
  window.addEventListener("keyup", window.marking, true);
}"""
# What can be clicked and is in sight. What React listens for clicks at stands in a property of its own, whatever the element is.
CLICKED = """() => {
  const listens = (one) => {
    const key = Object.keys(one).find((name) => name.startsWith("__reactProps$"));
    return key !== undefined && one[key].onClick !== undefined;
  };
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0 && !one.closest("[inert]");
  const worked = "a[href], button, input, select, textarea, summary, [role=button], [role=link], [role=tab], [role=treeitem]";
  return [...document.querySelectorAll("body *")].filter((one) => (one.matches(worked) || listens(one)) && shown(one) && !one.disabled);
}"""
# Reached: Tab came to it, to something in it, or to what holds it and moves among its parts by arrows.
MISSED = f"""() => {{
  const clicked = ({CLICKED})();
  const walked = (one) => one.matches("[data-walked]") || one.querySelector("[data-walked]") !== null;
  const group = "[role=tree], [role=radiogroup], [role=tablist], [role=application], [role=listbox]";
  const rows = (one) => one.closest("[data-row]") ?? one.closest("[role=row]")?.querySelector("[data-row]") ?? one.querySelector("[data-row]");
  const reached = (one) => {{
    if (walked(one)) return true;
    const held = one.closest(group);
    if (held && walked(held)) return true;
    if (one.closest("label")?.control?.matches("[data-walked]")) return true;
    if (one.type === "radio") return document.querySelector(`input[name="${{one.name}}"][data-walked]`) !== null;
    const row = rows(one);
    return row !== null && row !== undefined && document.querySelector("[data-row][data-walked]") !== null;
  }};
  const split = (one) => one.role === "separator" || one.style.cursor === "col-resize" || getComputedStyle(one).cursor === "col-resize";
  return clicked.filter((one) => !reached(one) && !split(one)).map((one) => one.outerHTML.slice(0, 160));
}}"""
# What no scheme of colours changes is looked at in light alone.
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "dark": ["color-contrast", "link-in-text-block"],
}
# Marks text whose colours others have already, on the same grounds: every row of a list has them, and each would be looked at.
ALIKE = """(most) => {
  const numbers = new Map(), grounds = new Map(), had = new Map();
  const number = (text) => numbers.get(text) ?? numbers.set(text, numbers.size).get(text);
  const ground = (one) => {
    if (one === null) return -1;
    if (!grounds.has(one)) {
      const { backgroundColor, backgroundImage, opacity, filter, mixBlendMode } = getComputedStyle(one);
      const own = [backgroundColor, backgroundImage, opacity, filter, mixBlendMode].join();
      const below = ground(one.parentElement);
      grounds.set(one, own === "rgba(0, 0, 0, 0),none,1,none,normal" ? below : number(`${below} ${own}`));
    }
    return grounds.get(one);
  };
  for (const one of document.querySelectorAll("[data-alike]")) delete one.dataset.alike;
  for (const one of document.body.querySelectorAll("*")) {
    if (![...one.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim())) continue;
    const { color, fontSize, fontWeight, textShadow, textDecorationLine } = getComputedStyle(one);
    const off = one.closest(":disabled, [aria-disabled=true], [aria-hidden=true], [inert]") !== null || !one.checkVisibility({ visibilityProperty: true });
    const looks = [one.tagName, one.className, color, fontSize, fontWeight, textShadow, textDecorationLine, off, ground(one)].join();
    had.set(looks, (had.get(looks) ?? 0) + 1);
    if (had.get(looks) > most) one.dataset.alike = "";
  }
}"""
# Colours of text are looked at where nothing has the same.
SPARE = "() => window.axe.configure({ rules: [{ id: 'color-contrast', selector: '*:not([data-alike])' }] })"
RUN = """async (rules) => {
  const found = await window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.flatMap((one) => one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.html.slice(0, 160)}: ${node.failureSummary.slice(0, 300)}`));
}"""
# No colour is on its way to another one; what turns for ever is none.
STILL = "() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)"


def walk(page: Any) -> int:
    """Press Tab until it begins again; what had the focus is marked. Gives how many that were."""
    page.evaluate(LISTEN)
    for _ in range(MOST_TABS // TABS):
        for _ in range(TABS):
            page.keyboard.press("Tab")
        if page.evaluate("window.begunAgain"):
            break
    return int(page.evaluate("window.walked"))


def nameless(page: Any) -> list[str]:
    """Roles of all that is worked with and has no name, as the browser tells them to a screen reader."""
    reader = page.context.new_cdp_session(page)
    told = reader.send("Accessibility.getFullAXTree")["nodes"]
    reader.detach()
    seen = [node for node in told if not node["ignored"] and node["role"]["value"] in WORKED]
    return [str(node) for node in seen if not node.get("name", {}).get("value", "").strip()]


def check_reach(page: Any) -> None:
    """All that a pointer can click, Tab comes to, and each thing has a name.

    What came while the keyboard walked, as it may where a machine is slow, is walked to in another round; what cannot be reached is missed in each.
    """
    at_rest(page)
    assert nameless(page) == []
    missed: list[str] = []
    for _ in range(ROUNDS):
        assert walk(page) > 0
        missed = page.evaluate(MISSED)
        if not missed:
            break
        at_rest(page)
    assert missed == []


def check_rules(page: Any, axe: str) -> None:
    """Axe finds nothing wrong (WCAG 2.2 A and AA): in light, and then, as the system changes to it, in dark."""
    at_rest(page)
    page.evaluate(axe)
    page.evaluate(SPARE)
    for scheme, rules in RULES.items():
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html[data-mantine-color-scheme={scheme}]").wait_for()
        page.wait_for_function(STILL)
        page.evaluate(ALIKE, ALIKE_LOOKED_AT)
        assert page.evaluate(RUN, rules) == [], scheme
