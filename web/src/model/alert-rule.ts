/** A rule of alerts as a form. In: a rule of the API, or nothing. Out: texts of fields; and back, the rule with what is wrong in which field. The server says the last word. */

export const KINDS = ["threshold", "change", "absence", "success_rate", "finding"] as const;
export type Kind = (typeof KINDS)[number];
export const SOURCES = ["spans", "calls", "tools", "events"] as const;
export type Source = (typeof SOURCES)[number];

const COUNTS = ["count", "rate_per_min", "errors", "error_rate", "success_rate"] as const;
const TIMES = ["p50_s", "p90_s", "p95_s", "p99_s"] as const;
const SPENT = ["tokens", "input_tokens", "output_tokens", "cost_usd"] as const;
/** Figures that a source has. */
export const MEASURES: Readonly<Record<Source, readonly string[]>> = {
  spans: [...COUNTS, ...TIMES],
  calls: [...COUNTS, ...TIMES, ...SPENT],
  tools: [...COUNTS, ...TIMES],
  events: COUNTS,
};

/** Of everything a text, as somebody types it; times as `5m`. */
export interface RuleForm {
  readonly name: string;
  readonly title: string;
  readonly enabled: boolean;
  readonly query: string;
  readonly groupBy: string;
  readonly kind: Kind;
  readonly source: Source;
  readonly measure: string;
  readonly op: string;
  readonly value: string;
  readonly clear: string;
  readonly by: string;
  readonly direction: string;
  readonly before: string;
  readonly known: string;
  readonly window: string;
  readonly minCount: string;
  readonly rates: string;
  readonly least: string;
  readonly quiet: string;
  readonly interval: string;
  readonly holds: string;
  readonly keeps: string;
  readonly severity: string;
  readonly labels: string;
  readonly runbook: string;
  readonly description: string;
}

export type Field = keyof RuleForm;
type Values = Readonly<Record<string, unknown>>;

export const NEW_RULE: RuleForm = {
  name: "",
  title: "",
  enabled: true,
  query: "",
  groupBy: "agent",
  kind: "threshold",
  source: "calls",
  measure: "error_rate",
  op: ">",
  value: "0.1",
  clear: "",
  by: "0.5",
  direction: "both",
  before: "0s",
  known: "1d",
  window: "5m",
  minCount: "20",
  rates: "0.95 0.9 0.8",
  least: "warning",
  quiet: "1h",
  interval: "30s",
  holds: "0s",
  keeps: "1m",
  severity: "warning",
  labels: "",
  runbook: "",
  description: "",
};

/** The form of a rule that is kept. */
export function formOf(name: string, rule: Values): RuleForm {
  const condition = (rule["condition"] ?? {}) as Values;
  const text = (from: Values, key: string, usual: string) => (from[key] === undefined || from[key] === null ? usual : String(from[key]));
  const time = (from: Values, key: string, usual: string) => (typeof from[key] === "number" ? timeText(from[key]) : usual);
  const rate = (key: string, at: number) => text(condition, key, NEW_RULE.rates.split(" ")[at] ?? "");
  return {
    ...NEW_RULE,
    name,
    title: text(rule, "title", ""),
    enabled: rule["enabled"] !== false,
    query: text(rule, "query", ""),
    groupBy: ((rule["group_by"] as readonly string[] | undefined) ?? []).join(", "),
    kind: KINDS.find((one) => one === condition["kind"]) ?? "threshold",
    source: SOURCES.find((one) => one === condition["source"]) ?? NEW_RULE.source,
    measure: text(condition, "measure", NEW_RULE.measure),
    op: text(condition, "op", NEW_RULE.op),
    value: text(condition, "value", NEW_RULE.value),
    clear: text(condition, "clear", ""),
    by: text(condition, "by", NEW_RULE.by),
    direction: text(condition, "direction", NEW_RULE.direction),
    before: time(condition, "before_s", NEW_RULE.before),
    known: time(condition, "known_s", NEW_RULE.known),
    window: time(condition, "window_s", NEW_RULE.window),
    minCount: text(condition, "min_count", NEW_RULE.minCount),
    rates: [rate("warning", 0), rate("error", 1), rate("critical", 2)].join(" "),
    least: text(condition, "severity", NEW_RULE.least),
    quiet: time(condition, "quiet_s", NEW_RULE.quiet),
    interval: time(rule, "interval_s", NEW_RULE.interval),
    holds: time(rule, "for_s", NEW_RULE.holds),
    keeps: time(rule, "keep_firing_s", NEW_RULE.keeps),
    severity: text(rule, "severity", NEW_RULE.severity),
    labels: Object.entries((rule["labels"] as Readonly<Record<string, string>> | undefined) ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join("\n"),
    runbook: text(rule, "runbook_url", ""),
    description: text(rule, "description", ""),
  };
}

export interface ReadRule {
  /** Null: something is wrong. */
  readonly rule: Values | null;
  readonly mistakes: Readonly<Partial<Record<Field, string>>>;
}

/** The rule that a form says, or what is wrong in which field. */
export function readForm(form: RuleForm): ReadRule {
  const mistakes: Partial<Record<Field, string>> = {};
  const number = (field: Field, text: string) => {
    const value = Number(text.trim());
    if (text.trim() === "" || !Number.isFinite(value)) mistakes[field] = "a number";
    return value;
  };
  const time = (field: Field) => {
    const value = secondsOf(String(form[field]));
    if (value === null) mistakes[field] = "a time, as 30s, 5m, 1h or 1d";
    return value ?? 0;
  };
  const rule = {
    title: form.title.trim(),
    enabled: form.enabled,
    query: form.query.trim(),
    group_by: form.groupBy
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean),
    condition: conditionOf(form, number, time, mistakes),
    interval_s: time("interval"),
    for_s: time("holds"),
    keep_firing_s: time("keeps"),
    severity: form.severity,
    labels: labelsOf(form.labels, mistakes),
    runbook_url: form.runbook.trim(),
    description: form.description.trim(),
  };
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(form.name)) mistakes.name = "small letters, digits, and . _ - between them";
  return { rule: Object.keys(mistakes).some((field) => field !== "name") ? null : rule, mistakes };
}

type Mistakes = Partial<Record<Field, string>>;

function conditionOf(
  form: RuleForm,
  number: (field: Field, text: string) => number,
  time: (field: Field) => number,
  mistakes: Mistakes,
): Values {
  const { kind, source } = form;
  const measured = () => ({
    source,
    measure: form.measure,
    window_s: time("window"),
    min_count: number("minCount", form.minCount),
  });
  if (kind === "threshold") {
    const clear = form.clear.trim() ? number("clear", form.clear) : null;
    return { kind, ...measured(), op: form.op, value: number("value", form.value), clear };
  }
  if (kind === "change") return { kind, ...measured(), by: number("by", form.by), direction: form.direction, before_s: time("before") };
  if (kind === "absence") return { kind, source, window_s: time("window"), known_s: time("known") };
  if (kind === "finding") return { kind, severity: form.least, quiet_s: time("quiet") };
  const [warning, error, critical, more] = form.rates
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const three = [warning, error, critical].every((one) => one !== undefined && Number.isFinite(one)) && more === undefined;
  if (!three) mistakes.rates = "three shares of 1: below which it is a warning, an error, critical";
  return { kind, source, window_s: time("window"), min_count: number("minCount", form.minCount), warning, error, critical };
}

function labelsOf(text: string, mistakes: Mistakes): Readonly<Record<string, string>> {
  const pairs = text
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => [one.slice(0, Math.max(0, one.indexOf("="))).trim(), one.slice(one.indexOf("=") + 1).trim()] as const);
  if (pairs.some(([key]) => !/^[a-z_][a-z0-9_.]{0,63}$/.test(key))) mistakes.labels = "one in each line, as team=search";
  return Object.fromEntries(pairs);
}

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

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  threshold: "a figure passes a bound",
  change: "a figure changes",
  absence: "nothing matches any more",
  success_rate: "the share that goes well falls",
  finding: "an analyzer finds something",
};

export function kindWords(kind: Kind): string {
  return KIND_WORDS[kind];
}

/** A rule's condition in a line: `error_rate of calls > 0.1 over 5m`. */
export function conditionWords(condition: Values): string {
  const over = typeof condition["window_s"] === "number" ? ` over ${timeText(condition["window_s"])}` : "";
  const what = `${String(condition["measure"] ?? "").replaceAll("_", " ")} of ${condition["source"]}`;
  switch (condition["kind"]) {
    case "threshold":
      return `${what} ${condition["op"]} ${condition["value"]}${over}`;
    case "change": {
      const how = condition["direction"] === "both" ? "changes" : `${condition["direction"]}s`;
      return `${what} ${how} by ${Math.round(Number(condition["by"]) * 100)} %${over}`;
    }
    case "absence":
      return `no ${condition["source"]}${over}`;
    case "success_rate":
      return `success of ${condition["source"]} below ${condition["warning"]}, ${condition["error"]}, ${condition["critical"]}${over}`;
    case "finding":
      return `a finding, ${condition["severity"]} or worse`;
    default:
      return "";
  }
}
