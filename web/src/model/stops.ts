/** Executions that somebody asked to stop: how that stands, in words. */
interface Told {
  readonly heard: string | null;
  readonly withdrawn: string | null;
}

interface Standing {
  readonly state: "ok" | "pending" | "unset";
  readonly words: string;
}

/** A program that knows ends the execution at its next step. */
export function stopStanding({ heard, withdrawn }: Told): Standing {
  if (withdrawn) return { state: "unset", words: "taken back" };
  return heard ? { state: "ok", words: "its program knows" } : { state: "pending", words: "not heard yet" };
}

/** Whether it can be taken back: what a program has heard holds. */
export function canWithdraw({ heard, withdrawn }: Told): boolean {
  return !heard && !withdrawn;
}
