import { useEffect, useMemo, useRef, useState } from "react";
import type { Selection } from "@/components/DataTable";

export interface Chosen {
  readonly ids: readonly string[];
  /** Not only those that are listed by now: all that match. */
  readonly everything: boolean;
  readonly takeEverything: () => void;
  readonly takeListed: () => void;
  readonly clear: () => void;
  readonly selection: Selection;
}

/** Rows chosen for an action. Another question (`of`) begins anew. */
export function useSelection(of: string, keys: readonly string[]): Chosen {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [everything, setEverything] = useState(false);
  const anchor = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was chosen among other rows means nothing here
  useEffect(() => {
    setChosen(new Set());
    setEverything(false);
  }, [of]);
  return useMemo(() => {
    const change = (next: ReadonlySet<string>) => {
      setChosen(next);
      setEverything(false);
    };
    const toggle: Selection["toggle"] = (at, range, from) => {
      const next = new Set(chosen);
      const key = keys[at];
      if (key === undefined) return;
      if (range) {
        if (from !== undefined && !chosen.has(keys[from] ?? "")) anchor.current = from;
        for (const one of keys.slice(Math.min(anchor.current, at), Math.max(anchor.current, at) + 1)) next.add(one);
      } else {
        if (!next.delete(key)) next.add(key);
        anchor.current = at;
      }
      change(next);
    };
    const count = keys.reduce((sum, key) => sum + (chosen.has(key) ? 1 : 0), 0);
    return {
      ids: keys.filter((key) => chosen.has(key)),
      everything,
      takeEverything: () => {
        setChosen(new Set(keys));
        setEverything(true);
      },
      takeListed: () => change(new Set(keys)),
      clear: () => change(new Set()),
      selection: {
        has: (at) => chosen.has(keys[at] ?? ""),
        toggle,
        toggleAll: () => change(count === keys.length ? new Set() : new Set(keys)),
        state: count === 0 ? "none" : count === keys.length ? "all" : "some",
      },
    };
  }, [chosen, everything, keys]);
}
