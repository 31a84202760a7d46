import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { useFocusedKeys, useKeys } from "@/app/keys";

interface Walk {
  readonly at: number;
  readonly set: (at: number) => void;
  /** Shows a row and gives it the focus. */
  readonly to: (at: number) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -Infinity, End: Infinity };

const FOCUSED = {
  ArrowDown: "Next row",
  ArrowUp: "Row before",
  PageDown: "20 rows on",
  PageUp: "20 rows back",
  Home: "First row",
  End: "Last row",
  Enter: "Open the row",
};

/** Walk a virtual list by keyboard: j and k from anywhere on the page, arrows where a row has the focus. Rows are links with `data-row`. */
export function useRowWalk(scroller: RefObject<HTMLElement | null>, rows: number, show: (at: number) => void): Walk {
  const [at, setAt] = useState(0);
  const place = useRef(0); // the same at once: keys may come faster than rows are drawn
  const wanted = useRef<number | null>(null);
  const set = useCallback((next: number) => {
    place.current = next;
    setAt(next);
  }, []);
  const to = useCallback(
    (next: number) => {
      wanted.current = next;
      set(next);
      show(next);
      focus(scroller.current, wanted); // at once: the next key may come before the next frame
      if (wanted.current !== null) requestAnimationFrame(() => focus(scroller.current, wanted)); // the row has to be drawn first
    },
    [scroller, show, set],
  );
  const go = useCallback(
    (step: number) => {
      if (!rows) return;
      const inside = scroller.current?.contains(document.activeElement) && document.activeElement?.hasAttribute("data-row");
      const begun = inside || wanted.current !== null; // the first key only enters the list
      to(begun ? Math.min(rows - 1, Math.max(0, place.current + step)) : place.current);
    },
    [rows, scroller, to],
  );
  useEffect(() => focus(scroller.current, wanted));
  useEffect(() => set(Math.max(0, Math.min(place.current, rows - 1))), [rows, set]);
  useKeys([
    { keys: "j", label: "Next row", group: "Lists", run: () => go(1) },
    { keys: "k", label: "Row before", group: "Lists", run: () => go(-1) },
  ]);
  useFocusedKeys("Lists", FOCUSED);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined || !(event.target as HTMLElement).hasAttribute("data-row")) return;
    event.preventDefault();
    go(step);
  };
  return { at, set, to, onKeyDown };
}

function focus(scroller: HTMLElement | null, wanted: RefObject<number | null>): void {
  if (wanted.current === null) return;
  const row = scroller?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
  if (!row) return;
  row.focus({ preventScroll: true });
  wanted.current = null;
}
