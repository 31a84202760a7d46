import { useEffect, useState } from "react";

/** For what opens over the page by being drawn: when it goes, the focus returns to what had it, unless that is gone or something else has it by then. */
export function useFocusBack(): void {
  const [before] = useState(opener);
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        const lost = document.activeElement === document.body || document.activeElement === null;
        if (lost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      });
    },
    [before],
  );
}

/** What had the focus; of a menu, which is gone by then, the button that opened it. */
function opener(): Element | null {
  const { activeElement: focused } = document;
  const button = focused?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return button ? document.getElementById(button) : focused;
}
