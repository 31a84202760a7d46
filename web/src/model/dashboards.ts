/** Dashboards that are there from the start, as code; a copy of one can be saved and changed. */
export interface Panel {
  readonly title: string;
  readonly chart: "line" | "area" | "bar" | "number" | "table";
  readonly source: "spans" | "calls" | "events" | "points" | "sql";
  readonly measure: string;
  readonly query: string;
  readonly group_by: readonly string[];
  readonly metric: string;
  readonly sql: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Dashboard {
  readonly description: string;
  readonly panels: readonly Panel[];
}

export interface ReadyMade extends Dashboard {
  readonly id: string;
  readonly name: string;
}

export const NEW_PANEL: Panel = {
  title: "",
  chart: "line",
  source: "spans",
  measure: "count",
  query: "",
  group_by: [],
  metric: "",
  sql: "",
  x: 0,
  y: 0,
  w: 6,
  h: 5,
};

/** The panels of what was saved, with what it leaves out. */
export function panelsOf(body: { readonly panels?: readonly Partial<Panel>[] | undefined }): readonly Panel[] {
  return (body.panels ?? []).map((panel) => ({ ...NEW_PANEL, ...panel }));
}

/** What can be asked of each source. */
export const MEASURES: Readonly<Record<Exclude<Panel["source"], "sql">, readonly string[]>> = {
  spans: ["count", "errors", "p50_ns", "p90_ns", "p95_ns", "p99_ns", "sum_ns", "max_ns"],
  calls: [
    "count",
    "errors",
    "cost_usd",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "reasoning_tokens",
    "p50_ns",
    "p95_ns",
    "p99_ns",
  ],
  events: ["count", "errors"],
  points: ["avg", "min", "max", "last", "increase", "rate", "p50", "p90", "p95", "p99"],
};

/** Whether figures of a measure can be added up: then nothing told is zero, else a gap. */
export function isSum(measure: string): boolean {
  return /^(count|errors|cost_usd|increase|rate|sum_ns|\w+_tokens)$/.test(measure);
}

const row = (y: number, h: number, ...panels: readonly Partial<Panel>[]): readonly Panel[] => {
  const w = Math.floor(12 / panels.length);
  return panels.map((panel, at) => ({ ...NEW_PANEL, ...panel, x: at * w, y, w, h }));
};

const figures = row(
  0,
  2,
  { title: "Spans", chart: "number" },
  { title: "Failed spans", chart: "number", measure: "errors" },
  { title: "Model calls", chart: "number", source: "calls" },
  { title: "Cost", chart: "number", source: "calls", measure: "cost_usd" },
);

export const READY_MADE: readonly ReadyMade[] = [
  {
    id: "overview",
    name: "Overview",
    description: "What the agents do, and whether it works.",
    panels: [
      ...figures,
      ...row(
        2,
        5,
        { title: "Runs by agent", chart: "bar", query: "kind:agent", group_by: ["agent"] },
        { title: "Failed spans by kind", chart: "bar", measure: "errors", group_by: ["kind"] },
      ),
      ...row(
        7,
        5,
        { title: "p95 of runs by agent", query: "kind:agent", measure: "p95_ns", group_by: ["agent"] },
        { title: "Cost by model", chart: "bar", source: "calls", measure: "cost_usd", group_by: ["model"] },
      ),
    ],
  },
  {
    id: "cost",
    name: "Cost",
    description: "What is spent, on what, and by whom.",
    panels: [
      ...row(
        0,
        5,
        { title: "Cost by model", chart: "bar", source: "calls", measure: "cost_usd", group_by: ["model"] },
        { title: "Cost by agent", chart: "bar", source: "calls", measure: "cost_usd", group_by: ["agent"] },
      ),
      ...row(
        5,
        5,
        { title: "Tokens in by model", chart: "bar", source: "calls", measure: "input_tokens", group_by: ["model"] },
        { title: "Tokens out by model", chart: "bar", source: "calls", measure: "output_tokens", group_by: ["model"] },
        { title: "Tokens from the cache", chart: "bar", source: "calls", measure: "cache_read_tokens", group_by: ["model"] },
      ),
      ...row(10, 6, {
        title: "Dearest sessions",
        chart: "table",
        source: "sql",
        sql: "SELECT session_id, count() AS calls, sum(input_tokens + output_tokens) AS tokens, round(sum(cost_usd), 4) AS usd FROM calls WHERE session_id != '' AND start >= {from:DateTime64(9)} AND start < {to:DateTime64(9)} GROUP BY session_id ORDER BY usd DESC LIMIT 50",
      }),
    ],
  },
  {
    id: "performance",
    name: "Performance",
    description: "How long things take, and what fails.",
    panels: [
      ...row(
        0,
        5,
        { title: "p95 of model calls", source: "calls", measure: "p95_ns", group_by: ["model"] },
        { title: "p50 of model calls", source: "calls", measure: "p50_ns", group_by: ["model"] },
      ),
      ...row(
        5,
        5,
        { title: "p95 of tools", query: "kind:tool", measure: "p95_ns", group_by: ["tool"] },
        { title: "Failed tools", chart: "bar", query: "kind:tool", measure: "errors", group_by: ["tool"] },
      ),
      ...row(10, 5, { title: "Errors by type", chart: "bar", measure: "errors", query: "status:error", group_by: ["error_type"] }),
    ],
  },
  {
    id: "coding-agents",
    name: "Coding agents",
    description: "Claude Code, Codex, Gemini CLI and others of their sort.",
    panels: [
      ...row(
        0,
        5,
        {
          title: "Claude Code: cost by model",
          chart: "bar",
          source: "points",
          metric: "claude_code.cost.usage",
          measure: "increase",
          group_by: ["attr.model"],
        },
        {
          title: "Claude Code: tokens by sort",
          chart: "bar",
          source: "points",
          metric: "claude_code.token.usage",
          measure: "increase",
          group_by: ["attr.type"],
        },
      ),
      ...row(
        5,
        5,
        {
          title: "Lines of code",
          chart: "bar",
          source: "points",
          metric: "claude_code.lines_of_code.count",
          measure: "increase",
          group_by: ["attr.type"],
        },
        {
          title: "Edit decisions",
          chart: "bar",
          source: "points",
          metric: "claude_code.code_edit_tool.decision",
          measure: "increase",
          group_by: ["attr.decision"],
        },
        { title: "Tools", chart: "bar", query: "kind:tool", group_by: ["tool"] },
      ),
    ],
  },
  {
    id: "system",
    name: "System",
    description: "What comes in, and from where.",
    panels: [
      ...row(
        0,
        5,
        { title: "Spans by service", chart: "bar", group_by: ["service"] },
        { title: "Log records by service", chart: "bar", source: "events", group_by: ["service"] },
      ),
      ...row(
        5,
        5,
        { title: "Spans by instrumentation", chart: "bar", group_by: ["scope_name"] },
        { title: "Spans by convention", chart: "bar", group_by: ["dialect"] },
      ),
    ],
  },
];
