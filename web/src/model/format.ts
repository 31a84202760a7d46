/** Numbers and times as people read them. In: raw figures of the API (ns, bytes, USD, ISO text). Out: short text; `full…` gives the whole value for a tooltip. */

const NARROW = "\u202f"; // between number and unit: does not break, and is thinner than a space
const DASH = "–";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `12,431.5`: up to three decimals. By hand: `toLocaleString` takes tens of milliseconds for the first rows of a table. */
function grouped(value: number): string {
  const text = String(Math.round(value * 1000) / 1000);
  if (text.includes("e")) return text;
  const [whole = "", decimals] = text.split(".");
  const commas = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals ? `${commas}.${decimals}` : commas;
}

function significant(value: number, digits: number): string {
  const whole = Math.trunc(Math.abs(value)).toString().length;
  return value
    .toFixed(Math.max(0, digits - whole))
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

/** `1.24 s`, `340 ms`, `2m 05s`, `1h 12m`; ns in. */
export function duration(ns: number | null | undefined): string {
  if (ns === null || ns === undefined || !Number.isFinite(ns)) return DASH;
  if (ns < 0) return `-${duration(-ns)}`;
  if (ns === 0) return `0${NARROW}ms`;
  if (ns < 1e3) return `${Math.round(ns)}${NARROW}ns`;
  if (ns < 999_500) return `${significant(ns / 1e3, 3)}${NARROW}µs`;
  if (ns < 999.5e6) return `${significant(ns / 1e6, ns < 10e6 ? 2 : 3)}${NARROW}ms`;
  const seconds = ns / 1e9;
  if (seconds < 59.95) return `${significant(seconds, 3)}${NARROW}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m${NARROW}${pad(whole % 60)}s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h${NARROW}${pad(minutes % 60)}m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}d${NARROW}${pad(hours % 24)}h`;
}

/** `1,240,000,000 ns`, for hovering. */
export function fullDuration(ns: number): string {
  return `${grouped(ns)}${NARROW}ns`;
}

/** `832`, `12.4k`, `3.1M`. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  if (value < 0) return `-${count(-value)}`;
  if (value < 1e3) return Number.isInteger(value) ? String(value) : significant(value, 3);
  for (const [size, unit] of [
    [1e3, "k"],
    [1e6, "M"],
    [1e9, "G"],
  ] as const) {
    if (value < size * 999.5) return `${significant(value / size, 3)}${unit}`;
  }
  return `${significant(value / 1e12, 3)}T`;
}

/** `12,431`, for hovering. */
export function fullCount(value: number): string {
  return grouped(value);
}

/** `312 B`, `4.2 MiB`. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  let left = value;
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (left < 1023.5) return `${significant(left, 3)}${NARROW}${unit}`;
    left /= 1024;
  }
  return `${significant(left, 3)}${NARROW}TiB`;
}

/** `$0.0031`, `$1.24`, `$1,240`: two digits that say something, never a long tail of zeros. */
export function money(usd: number | null | undefined): string {
  if (usd === null || usd === undefined || !Number.isFinite(usd)) return DASH;
  if (usd < 0) return `-${money(-usd)}`;
  return priced(Math.round(usd * 1e9) / 1e9 || usd); // kept in billionths: what is added up here is rounded like what was added up there
}

function priced(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.000_001) return "<$0.000001";
  if (usd < 0.00995) return `$${Number(usd.toPrecision(2)).toFixed(Math.min(7, 1 - Math.floor(Math.log10(usd))))}`;
  if (usd < 1) return `$${usd.toFixed(3)}`;
  return usd < 1000 ? `$${usd.toFixed(2)}` : `$${grouped(Math.round(usd))}`;
}

/** `$0.003127500`, for hovering. */
export function fullMoney(usd: number): string {
  return `$${usd.toFixed(9).replace(/0+$/, "").replace(/\.$/, "")}`;
}

/** `3.2 %` of a share between 0 and 1. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return DASH;
  const value = share * 100;
  if (value > 0 && value < 0.1) return `<0.1${NARROW}%`;
  return `${value >= 10 ? Math.round(value) : significant(value, 2)}${NARROW}%`;
}

/** Milliseconds since 1970 of ISO 8601 text with any number of fractional digits; NaN where it is none. */
export function parseTime(iso: string): number {
  return Date.parse(iso.replace(/(\.\d{3})\d+/, "$1"));
}

/** `14:02:31.043` today, `Nov 3 14:02:31` within the year, `2025-11-03 14:02` before; in the viewer's zone. */
export function time(iso: string, nowMs: number): string {
  const ms = parseTime(iso);
  if (Number.isNaN(ms)) return DASH;
  const at = new Date(ms);
  const now = new Date(nowMs);
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  if (at.toDateString() === now.toDateString()) return `${clock}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  if (at.getFullYear() === now.getFullYear()) return `${monthOf(at)} ${at.getDate()} ${clock}`;
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${clock.slice(0, 5)}`;
}

/** `Nov`. */
export function monthOf(at: Date): string {
  return MONTHS[at.getMonth()] ?? "";
}

/** `2026-11-03 13:02:31.043 UTC`, for hovering. */
export function utc(iso: string): string {
  const ms = parseTime(iso);
  return Number.isNaN(ms) ? iso : `${new Date(ms).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** `now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function ago(iso: string, nowMs: number): string {
  const seconds = (nowMs - parseTime(iso)) / 1000;
  if (Number.isNaN(seconds)) return DASH;
  if (seconds < 2) return "now";
  if (seconds < 90) return `${Math.round(seconds)}${NARROW}s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)}${NARROW}min ago`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)}${NARROW}h ago`;
  return `${Math.round(seconds / 86_400)}${NARROW}d ago`;
}

/** `1 trace`, `3 traces`, `1.2k traces`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** What others wrote as a sentence among ours: with an end, or nothing. */
export function sentence(text: string): string {
  const told = text.trim();
  return !told || /[.!?…:;。]$/.test(told) ? told : `${told}.`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
