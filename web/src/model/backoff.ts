/** How long to wait before try number `attempt` (from 0): doubles up to a bound; `chance` (0 to 1) spreads many clients over the upper half. */
export function backoffMs(attempt: number, chance: number, firstMs = 500, mostMs = 15_000): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 20));
  return Math.round(full / 2 + (full / 2) * chance);
}
