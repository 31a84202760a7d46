import { useEffect, useState } from "react";

const REST_MS = 150;
let movedMs = Number.NEGATIVE_INFINITY; // when anything on the page was scrolled last

document.addEventListener("scroll", () => (movedMs = performance.now()), { capture: true, passive: true });

/** False until what asks has stood still on the screen for a moment: rows that only pass by ask the server for nothing. */
export function useRested(): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let frame = 0;
    const look = () => {
      const left = movedMs + REST_MS - performance.now();
      if (left <= 0) setRested(true);
      else timer = setTimeout(next, left);
    };
    // A busy page tells late that it was scrolled: before a frame, never after.
    const next = () => {
      frame = requestAnimationFrame(look);
    };
    next();
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, []);
  return rested;
}
