import { useEffect, useState } from "react";
import { Rest } from "@/model/rest";

/** Of whatever is scrolled on the page. */
export const scrolling = new Rest({
  nowMs: () => performance.now(),
  later: (run, ms) => setTimeout(run, ms),
  frame: (run) => requestAnimationFrame(run),
});

document.addEventListener("scroll", () => scrolling.moved(), { capture: true, passive: true });

/** False until what asks has stood still on the screen for a moment: rows that only pass by ask the server for nothing. */
export function useRested(): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => scrolling.wait(() => setRested(true)), []);
  return rested;
}
