/** A range of time as the API takes it: `from` and `to` are `-24h`, `now` or ISO 8601. Relative ranges move with the clock, absolute ones stand. */
import { parseTime } from "./format";

export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

export interface Bounds {
  readonly fromMs: number;
  readonly toMs: number;
}

export const DEFAULT_RANGE: TimeRange = { from: "-24h", to: "now" };

/** What the picker offers; `key` chooses it where the picker has the focus. */
export const PRESETS = [
  { from: "-15m", short: "15m", label: "Last 15 minutes" },
  { from: "-1h", short: "1h", label: "Last hour" },
  { from: "-6h", short: "6h", label: "Last 6 hours" },
  { from: "-24h", short: "24h", label: "Last 24 hours" },
  { from: "-7d", short: "7d", label: "Last 7 days" },
  { from: "-30d", short: "30d", label: "Last 30 days" },
] as const;

const UNITS_MS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3, w: 604_800e3 };
const RELATIVE = /^(?:now)?-(\d{1,6})([smhdw])$/;

/** Milliseconds since 1970 of one end; null where it is no time. */
export function moment(text: string, nowMs: number): number | null {
  if (text === "now") return nowMs;
  const relative = RELATIVE.exec(text);
  if (relative?.[1] && relative[2]) return nowMs - Number(relative[1]) * (UNITS_MS[relative[2]] ?? 0);
  const absolute = parseTime(text);
  return Number.isNaN(absolute) ? null : absolute;
}

export function isTime(text: string): boolean {
  return moment(text, 0) !== null;
}

/** Whether the range moves with the clock. */
export function isMoving(range: TimeRange): boolean {
  return range.to === "now" || RELATIVE.test(range.to);
}

/** Both ends in ms; what cannot be read falls back to the default. */
export function bounds(range: TimeRange, nowMs: number): Bounds {
  const toMs = moment(range.to, nowMs) ?? nowMs;
  const fromMs = moment(range.from, nowMs) ?? nowMs - 86_400e3;
  return fromMs < toMs ? { fromMs, toMs } : { fromMs: toMs - 60e3, toMs };
}

/** The absolute range between two moments, as when a chart is dragged; at least a second long. */
export function between(aMs: number, bMs: number): TimeRange {
  const fromMs = Math.floor(Math.min(aMs, bMs) / 1000) * 1000;
  const toMs = Math.max(fromMs + 1000, Math.ceil(Math.max(aMs, bMs) / 1000) * 1000);
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** `Last 24 hours`, `Last 45 min`, or both ends in the viewer's zone. */
export function rangeLabel(range: TimeRange): string {
  const preset = PRESETS.find((one) => one.from === range.from && range.to === "now");
  if (preset) return preset.label;
  const relative = RELATIVE.exec(range.from);
  if (relative && range.to === "now")
    return `Last ${relative[1]} ${{ s: "s", m: "min", h: "h", d: "days", w: "weeks" }[relative[2] ?? ""] ?? ""}`;
  return `${endLabel(range.from)} – ${endLabel(range.to)}`;
}

/** In a few letters, for a phone: `2h`; of two times the days. */
export function rangeShort({ from, to }: TimeRange): string {
  if (to === "now" && /^-\d+[smhdw]$/.test(from)) return from.slice(1);
  const day = (text: string) => endLabel(text).replace(/, \d\d:\d\d$/, "");
  return day(from) === day(to) ? day(from) : `${day(from)} – ${day(to)}`;
}

function endLabel(text: string): string {
  const ms = parseTime(text);
  if (Number.isNaN(ms)) return text;
  return new Date(ms).toLocaleString("en-US", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
