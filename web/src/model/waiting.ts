/** What is said of questions that nobody has answered yet, when that takes long. */

/** A question that the page waits for. */
export interface Awaited {
  readonly sinceMs: number;
  /** Why the last try failed; null: none did. */
  readonly failed: string | null;
}

const STEP_S = 5; // who is read the words aloud shall not hear them every second

/** A sentence for the reader; empty: nothing takes long. */
export function waitingWords(awaited: readonly Awaited[], nowMs: number): string {
  const longest = Math.max(0, ...awaited.map((one) => nowMs - one.sinceMs));
  const seconds = Math.floor(longest / 1000 / STEP_S) * STEP_S;
  if (!seconds) return "";
  const since = `${seconds} s`;
  const failed = awaited.find((one) => one.failed !== null)?.failed;
  return failed ? `Asked again by itself, for ${since} now: ${failed}` : `Waiting for the server for ${since}`;
}
