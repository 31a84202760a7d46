/** Lengths of time as somebody types them (`5m`), and as the API has them (300). */

const UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `300` of `5m`; plain figures are seconds; null where it is no time. */
export function secondsOf(text: string): number | null {
  const [, figure, unit = "s"] = /^\s*(\d{1,9})\s*([smhd])?\s*$/.exec(text) ?? [];
  return figure === undefined ? null : Number(figure) * (UNITS_S[unit] ?? 1);
}

/** `5m` of 300: the largest unit in which it is whole. */
export function timeText(seconds: number): string {
  for (const unit of ["d", "h", "m"]) {
    const size = UNITS_S[unit] ?? 1;
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}
