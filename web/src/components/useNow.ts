import { useEffect, useState } from "react";

/** The time (ms), told anew every second while something goes on; never before `leastMs`, when the answer that is shown came. */
export function useNow(going: boolean, leastMs: number): number {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    if (!going) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [going]);
  return Math.max(nowMs, leastMs);
}
