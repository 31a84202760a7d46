/** Which spans are folded; those above a chosen one open by themselves. */
import { useCallback, useEffect, useState } from "react";
import { foldedBelow, revealed, type TraceRows } from "@/model/trace-rows";

export interface Folding {
  readonly folded: ReadonlySet<string>;
  readonly fold: (row: number, folded?: boolean) => void;
  readonly foldAll: () => void;
  readonly unfoldAll: () => void;
}

const NOTHING: ReadonlySet<string> = new Set();

export function useFolding(trace: TraceRows | undefined, selected: number): Folding {
  const [folded, setFolded] = useState(NOTHING);
  useEffect(() => {
    if (trace && selected >= 0) setFolded((before) => revealed(trace, before, selected));
  }, [trace, selected]);
  const fold = useCallback(
    (row: number, close?: boolean) => {
      const id = trace?.outline.span_id[row];
      if (id === undefined) return;
      setFolded((before) => {
        const next = new Set(before);
        if (close ?? !before.has(id)) next.add(id);
        else next.delete(id);
        return next;
      });
    },
    [trace],
  );
  const foldAll = useCallback(() => trace && setFolded(foldedBelow(trace, 2)), [trace]);
  const unfoldAll = useCallback(() => setFolded(NOTHING), []);
  return { folded, fold, foldAll, unfoldAll };
}
