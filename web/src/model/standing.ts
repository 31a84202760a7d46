/** A health score in a colour and in words. */

export type StandingState = "healthy" | "degraded" | "critical" | "no_data";
export type Tone = "ok" | "warning" | "error" | "unset";

const TONES: Readonly<Record<StandingState, Tone>> = { healthy: "ok", degraded: "warning", critical: "error", no_data: "unset" };
const DEGRADED = 80;
const CRITICAL = 60;

export function toneOf(state: StandingState): Tone {
  return TONES[state];
}

/** Of a part, which has a score and no state. */
export function toneOfScore(score: number | null): Tone {
  if (score === null) return "unset";
  return score >= DEGRADED ? "ok" : score >= CRITICAL ? "warning" : "error";
}

/** Whole numbers, never rounded up into a better state: 79.6 is 79. */
export function scoreText(score: number | null): string {
  return score === null ? "–" : String(Math.floor(score));
}

export function stateWords(state: StandingState): string {
  return state === "no_data" ? "no data" : state;
}

/** `12 healthy, 1 critical`; those that there are. */
export function countWords(counts: Readonly<Record<string, number>>): string {
  const order: readonly StandingState[] = ["critical", "degraded", "healthy", "no_data"];
  return order
    .filter((state) => counts[state])
    .map((state) => `${counts[state]} ${stateWords(state)}`)
    .join(", ");
}
