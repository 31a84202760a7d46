import { type RefObject, useEffect, useRef } from "react";

const NEAR_PX = 60;

/** Who reads at the end of a story stays there while the run goes on: `toEnd` is called when rows were added. Who scrolled away is left alone. */
export function useEnd(scroller: RefObject<HTMLElement | null>, rows: number, followed: boolean, toEnd: () => void): void {
  const there = useRef(false);
  const before = useRef(0);
  const latest = useRef(toEnd);
  latest.current = toEnd;
  const shown = rows > 0;
  useEffect(() => {
    const element = scroller.current;
    if (!element || !shown) return;
    const look = () => {
      there.current = element.scrollTop + element.clientHeight >= element.scrollHeight - NEAR_PX;
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, [scroller, shown]);
  useEffect(() => {
    if (followed && before.current && rows > before.current && there.current) latest.current();
    before.current = rows;
  }, [rows, followed]);
}
