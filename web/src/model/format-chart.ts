/** Times and values as charts write them. */
import { bytes, count, duration, money, percent } from "./format";

/** `Nov 3 14:02`, with seconds where they are not zero; in the viewer's zone. Empty where there is none. */
export function chartMoment(ms: number | undefined): string {
  if (ms === undefined) return "";
  const at = new Date(ms);
  const clock = [at.getHours(), at.getMinutes(), ...(at.getSeconds() ? [at.getSeconds()] : [])]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return `${at.toLocaleString("en-US", { month: "short", day: "numeric" })} ${clock}`;
}

/** How values of a unit of OpenTelemetry (UCUM) are written. */
export function formatOfUnit(unit: string): (value: number) => string {
  const scale = { s: 1e9, ms: 1e6, us: 1e3, ns: 1, min: 60e9, h: 3600e9 }[unit];
  if (scale) return (value) => duration(value * scale);
  if (unit === "By" || unit === "bytes") return bytes;
  if (unit === "USD" || unit === "{USD}") return money;
  if (unit === "1" || unit === "" || unit.startsWith("{")) return count;
  if (unit === "%") return (value) => percent(value / 100);
  const one = /^[a-z]{3,}s$/.test(unit) ? unit.slice(0, -1) : unit;
  return (value) => `${count(value)} ${value === 1 ? one : unit}`;
}

/** How a figure of a series is written, by its name: `p95_ns`, `cost_usd`, `count`. */
export function formatOfFigure(name: string): (value: number) => string {
  if (name.endsWith("_ns")) return duration;
  if (name.endsWith("_usd")) return money;
  if (name.endsWith("_bytes")) return bytes;
  return count;
}
