/** What a page of one thing calls it, for the name of the tab: `coder · Agent · Spyglass`. */
import { useLayoutEffect, useSyncExternalStore } from "react";

const LONGEST = 80;
const listeners = new Set<() => void>();
let named = "";

function change(name: string): void {
  named = name;
  for (const listener of listeners) listener();
}

/** Say what is shown, from a page of one thing; empty: it is not known yet. */
export function useNamed(name: string): void {
  useLayoutEffect(() => {
    change(name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name);
    return () => change("");
  }, [name]);
}

/** What is shown now; empty: a page of many things. */
export function useName(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => named,
  );
}
