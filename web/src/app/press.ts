/**
 * A press counts for what was pressed. Pages grow by themselves: where a line comes in above a button between the press of a mouse and its release,
 * the button is elsewhere at the release, and the browser clicks what both places have in common, which is mostly nothing. Such a click is given to the button.
 */
const PRESSABLE =
  "a[href], button, input, label, select, summary, [role=button], [role=menuitem], [role=option], [role=row], [role=tab], [role=treeitem]";
const STILL_PX = 4; // a hand is not quite still; who goes further drags, or thinks better of it

interface Press {
  readonly on: Element;
  readonly x: number;
  readonly y: number;
}

/** Mend clicks of the whole page; gives what ends it. */
export function keepPresses(): () => void {
  let press: Press | null = null;
  const begin = (event: PointerEvent) => {
    const on = event.isPrimary && event.button === 0 && event.target instanceof Element ? event.target.closest(PRESSABLE) : null;
    press = on && { on, x: event.clientX, y: event.clientY };
  };
  const end = (event: MouseEvent) => {
    const one = press;
    if (!event.isTrusted || event.detail === 0) return; // by a key, or by the page itself
    press = null;
    if (!one || !isLost(one, event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    one.on.dispatchEvent(new MouseEvent("click", event));
  };
  addEventListener("pointerdown", begin, true);
  addEventListener("click", end, true);
  return () => {
    removeEventListener("pointerdown", begin, true);
    removeEventListener("click", end, true);
  };
}

/** The pointer stayed where it was, and what it pressed did not. */
function isLost({ on, x, y }: Press, click: MouseEvent): boolean {
  const stayed = Math.abs(click.clientX - x) <= STILL_PX && Math.abs(click.clientY - y) <= STILL_PX;
  return stayed && on.isConnected && click.target instanceof Node && !on.contains(click.target);
}
