/** A figure against the band that was expected. In: the figure, the band, the unit. Out: places in hundredths of a drawing, and words. */
import { count, percent } from "./format";
import { formatOfUnit } from "./format-chart";

export interface Band {
  /** Where the band begins and ends, and where the figure is: 0 to 100. */
  readonly low: number;
  readonly high: number;
  readonly at: number;
  readonly outside: boolean;
}

const MARGIN = 8; // of hundred, on both sides: nothing is drawn at the edge
const LEAST = 2; // a band that is as thin as a hair is seen all the same

/** Null where there is nothing to draw: a part is missing, or no number. The scale holds both; it begins with zero where all is above and zero is not far. */
export function bandOf(observed: number | null | undefined, expected: readonly number[] | null | undefined): Band | null {
  const [low, high] = expected ?? [];
  if (observed === null || observed === undefined || low === undefined || high === undefined) return null;
  if (![observed, low, high].every(Number.isFinite) || low > high) return null;
  const least = Math.min(low, observed);
  const most = Math.max(high, observed);
  const from = least >= 0 && least < most * 0.6 ? 0 : least;
  const half = most / 2 - from / 2; // of figures at the end of what numbers can tell the whole is none
  const place = (value: number) => (half > 0 ? MARGIN + ((value / 2 - from / 2) / half) * (100 - 2 * MARGIN) : 50);
  const outside = observed < low || observed > high;
  const begin = Math.min(place(low), 100 - LEAST);
  return { low: begin, high: Math.max(place(high), begin + LEAST), at: place(observed), outside };
}

/** How figures of findings are written: shares in percent, rates a minute, the rest by its unit. */
export function formatOfFinding(unit: string): (value: number) => string {
  if (unit === "1") return percent;
  if (unit === "1/min") return (value) => `${count(value)}/min`;
  const format = formatOfUnit(unit.slice(0, 24));
  return (value) => (Math.abs(value) > 0 && (Math.abs(value) < 1e-9 || Math.abs(value) > 1e15) ? value.toExponential(2) : format(value));
}

/** `8.4 s, expected 0.9 s to 2.3 s`; what is not known is left out. */
export function bandWords(observed: number | null | undefined, expected: readonly number[] | null | undefined, unit: string): string {
  const format = formatOfFinding(unit);
  const [low, high] = expected ?? [];
  const said = observed === null || observed === undefined ? "" : format(observed);
  const usual = low === undefined || high === undefined ? "" : `expected ${span(format(low), format(high))}`;
  return [said, usual].filter(Boolean).join(", ");
}

/** `0 to 3 attempts`: what both end with is told once, and so is a figure that is both. */
function span(low: string, high: string): string {
  if (low === high) return high;
  const [end = ""] = /[^\d.]*$/.exec(high) ?? [];
  const shared = [end, end.replace(/s$/, "")].find((one) => one.trim() && low.endsWith(one)) ?? "";
  return `${low.slice(0, low.length - shared.length)} to ${high}`;
}

/** How often something as unusual comes where nothing is wrong: `1 in 4.8M`. */
export function rarity(probability: number | null | undefined): string {
  if (probability === null || probability === undefined || !(probability >= 0) || probability > 1) return "";
  if (probability === 0) return "less than any number tells";
  const every = 1 / probability;
  return every < 1.5
    ? "always"
    : `1 in ${every > 1e15 ? every.toExponential(0).replace("e+", " × 10^") : count(Number(every.toPrecision(2)))}`;
}
