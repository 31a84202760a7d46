import { useEffect, useState } from "react";

/** Whether so long has passed since it was first drawn: what is beside a page asks after the page itself. */
export function useLater(ms: number): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setPassed(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return passed;
}
