import { type KeyboardEvent, useState } from "react";
import type { Candidate } from "@/model/completion";

interface Walk {
  /** The candidate that Enter takes; -1: none, Enter asks. */
  readonly at: number;
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
  readonly setAt: (at: number) => void;
  /** Whether the key was for the list. */
  readonly press: (event: KeyboardEvent) => boolean;
}

/** Keys of a list of candidates below a field: arrows walk, Enter and Tab take, Escape closes. */
export function useCompletionKeys(items: readonly Candidate[], onTake: (item: Candidate) => void): Walk {
  const [at, setAt] = useState(-1);
  const [open, setOpen] = useState(false);
  const shown = open && items.length > 0;
  const current = shown ? Math.min(at, items.length - 1) : -1;
  const press = (event: KeyboardEvent): boolean => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = items[current];
    if (step) {
      setOpen(true);
      if (shown) setAt(current + step < -1 ? items.length - 1 : current + step >= items.length ? -1 : current + step);
    } else if ((event.key === "Enter" || event.key === "Tab") && item && !event.shiftKey) {
      onTake(item);
      setAt(-1);
    } else if (event.key === "Escape" && shown) {
      setOpen(false);
      setAt(-1);
    } else return false;
    event.preventDefault();
    return true;
  };
  return {
    at: current,
    open: shown,
    setOpen: (next) => {
      setOpen(next);
      setAt(-1);
    },
    setAt,
    press,
  };
}
