/** What the address says of the metrics page, and what can be asked of a metric. */
import { type RawSearch, readChoice, readText } from "./search-state";

export const AGGREGATIONS = ["avg", "min", "max", "last", "increase", "rate", "p50", "p90", "p95", "p99"] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export interface MetricsSearch {
  readonly metric?: string | undefined;
  readonly agg?: Aggregation | undefined;
  /** A field, or `attr.<name>`. */
  readonly by?: string | undefined;
  readonly query?: string | undefined;
}

export function readMetricsSearch(raw: RawSearch): MetricsSearch {
  const metric = readText(raw["metric"], 512);
  const agg = readChoice(raw["agg"], AGGREGATIONS);
  const by = readText(raw["by"], 256);
  const query = readText(raw["query"]);
  return { ...(metric ? { metric } : {}), ...(agg ? { agg } : {}), ...(by ? { by } : {}), ...(query ? { query } : {}) };
}

/** A metric's name as it is shown: one that nobody could see stands in quotation marks. */
export function shownName(metric: string): string {
  return metric.trim() ? metric : `"${metric}"`;
}

/** `Exponential histogram`. */
export function typeName(type: string): string {
  const words = type.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `, in job` of UCUM's `{job}`; nothing of what has no unit. */
export function unitName(unit: string): string {
  const name = unit.replace(/[{}]/g, "").trim();
  return name && name !== "1" ? `, in ${name}` : "";
}

/** What makes sense for a type of metric; the first is what is shown unasked. */
export function aggregationsOf(type: string): readonly Aggregation[] {
  if (type.includes("histogram")) return ["p95", "p50", "p90", "p99", "avg", "increase", "rate"];
  if (type === "sum") return ["increase", "rate", "last", "avg", "max"];
  return ["avg", "last", "min", "max"];
}

/** Whether what is asked adds up over groups, so that nothing told is zero. */
export function addsUp(aggregation: Aggregation): boolean {
  return aggregation === "increase" || aggregation === "rate";
}
