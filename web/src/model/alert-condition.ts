/** What conditions of alert rules are made of: kinds, what they look at, figures, and a condition in words. As src/spyglass/alert/rules.py has it. */
import { plural } from "./format";
import { timeText } from "./short-time";

export const KINDS = ["threshold", "change", "absence", "success_rate", "finding"] as const;
export type Kind = (typeof KINDS)[number];
/** What is counted, each once. */
const COUNTED = ["spans", "calls", "tools", "events"] as const;
export const SOURCES = [...COUNTED, "points"] as const;
export type Source = (typeof SOURCES)[number];

const COUNTS = ["count", "rate_per_min", "errors", "error_rate", "success_rate"] as const;
const TIMES = ["p50_s", "p90_s", "p95_s", "p99_s"] as const;
const SPENT = ["tokens", "input_tokens", "output_tokens", "cost_usd"] as const;
const OF_POINTS = ["avg", "min", "max", "last", "increase", "rate_per_s", "values", "p50", "p90", "p95", "p99"] as const;
const MEASURES: Readonly<Record<Source, readonly string[]>> = {
  spans: [...COUNTS, ...TIMES],
  calls: [...COUNTS, ...TIMES, ...SPENT],
  tools: [...COUNTS, ...TIMES],
  events: COUNTS,
  points: [...OF_POINTS, "count", "rate_per_min"],
};

/** Figures that a source has; of one that is not known here, none. */
export function measuresOf(source: string): readonly string[] {
  return MEASURES[source as Source] ?? [];
}

/** What a condition can look at: points of a metric go neither well nor badly. */
export function sourcesOf(kind: string): readonly Source[] {
  return kind === "success_rate" ? COUNTED : SOURCES;
}

const SOURCE_WORDS: Readonly<Record<string, string>> = { calls: "model calls", tools: "tool calls", points: "points of a metric" };

export function sourceWords(source: string): string {
  return SOURCE_WORDS[source] ?? source;
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  threshold: "a figure passes a bound",
  change: "a figure changes",
  absence: "nothing matches any more",
  success_rate: "the share that goes well falls",
  finding: "an analyzer finds something",
};

export function kindWords(kind: string): string {
  return KIND_WORDS[kind] ?? kind;
}

/** A rule's condition in a line: `error_rate of calls > 0.1 over 5m`, `p95 of queue.depth > 100 over 5m`. */
export function conditionWords(condition: Readonly<Record<string, unknown>>): string {
  const over = typeof condition["window_s"] === "number" ? ` over ${timeText(condition["window_s"])}` : "";
  const of = condition["source"] === "points" ? condition["metric"] : condition["source"];
  const what = `${String(condition["measure"] ?? "").replaceAll("_", " ")} of ${of}`;
  switch (condition["kind"]) {
    case "threshold":
      return `${what} ${condition["op"]} ${condition["value"]}${over}`;
    case "change": {
      const how = condition["direction"] === "both" ? "changes" : `${condition["direction"]}s`;
      return `${what} ${how} by ${Math.round(Number(condition["by"]) * 100)} %${over}`;
    }
    case "absence":
      return `no ${of}${over}`;
    case "success_rate": {
      const modules = ((condition["modules"] as readonly unknown[] | undefined) ?? []).length;
      const bounds = `${condition["warning"]}, ${condition["error"]}, ${condition["critical"]}`;
      return `success of ${of} below ${bounds}${over}${modules ? `, ${plural(modules, "module")} otherwise` : ""}`;
    }
    case "finding":
      return `a finding, ${condition["severity"]} or worse`;
    default:
      return "";
  }
}
