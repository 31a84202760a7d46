/** The time of the latest finding that somebody saw in this browser, by project: what came later is new. Kept over visits, as what was read in a mailbox is. */
import { useSyncExternalStore } from "react";

const NAME = "spyglass-looked";
const listeners = new Set<() => void>();

/** ISO text as the API told it; empty: nobody looked. */
export function useLooked(project: string): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => readLooked(project),
  );
}

export function readLooked(project: string): string {
  try {
    return localStorage.getItem(`${NAME}:${project}`) ?? "";
  } catch {
    return ""; // storage may be forbidden
  }
}

/** Never goes back: an older list is no reason for what was seen to be new again. */
export function writeLooked(project: string, iso: string): void {
  if (iso <= readLooked(project)) return;
  try {
    localStorage.setItem(`${NAME}:${project}`, iso);
  } catch {
    return; // then all stays new
  }
  for (const listener of listeners) listener();
}
