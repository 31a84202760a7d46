/** Runners in words: how one is doing, how much it can see, and what became of what it saw. */
import { visible } from "./evidence-words";
import { count, plural } from "./format";

interface Told {
  readonly state: "running" | "waiting" | "stopping" | "hanging" | "stopped" | "ended" | "failed";
  readonly level: "full" | "partial" | "minimal";
  readonly enabled: boolean;
  readonly crashes_in_row: number;
}

export interface RunnerStanding {
  readonly state: "ok" | "warning" | "error" | "unset" | "pending";
  readonly words: string;
}

const LEVELS = { full: "sees all that it is made for", partial: "sees a part", minimal: "sees the least" } as const;

/** How it is doing; what it lacks says more than that it runs. */
export function runnerStanding({ state, level, crashes_in_row }: Told): RunnerStanding {
  if (state === "running") return { state: level === "full" ? "ok" : "warning", words: `runs, ${LEVELS[level]}` };
  if (state === "waiting") return { state: "error", words: `crashed ${plural(crashes_in_row, "time")} in a row, is started again` };
  if (state === "stopping") return { state: "pending", words: "stops" };
  if (state === "hanging") return { state: "error", words: "hangs: it does not answer, or did not stop" };
  if (state === "ended") return { state: "unset", words: "ended: it had no more to tell" };
  if (state === "failed") return { state: "error", words: "cannot run here" };
  return { state: "unset", words: "stopped" };
}

/** Whether it can be stopped, or else be started. */
export function canStop(state: Told["state"]): boolean {
  return state === "running" || state === "waiting" || state === "hanging" || state === "stopping";
}

/** `1.2k of too many, 3 of filter`; empty: nothing was dropped. Most first. */
export function droppedWords(dropped: Readonly<Record<string, number>>): string {
  return Object.entries(dropped)
    .filter(([, number]) => number > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([reason, number]) => `${count(number)} ${visible(reason.replaceAll("_", " "))}`)
    .join(", ");
}
