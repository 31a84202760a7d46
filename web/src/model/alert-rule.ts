/** A rule of alerts as a form. In: a rule of the API, or nothing. Out: texts of fields; and back, the rule with what is wrong in which field. The server says the last word. */

import { KINDS, measuresOf } from "./alert-condition";
import { type ModuleForm, type ModulePath, moduleForms, RATES_HINT, ratesOf, readModules } from "./alert-modules";
import { asKept, type Values } from "./kept";
import { secondsOf, timeText } from "./short-time";

/** Of everything a text, as somebody types it; times as `5m`. */
export interface RuleForm {
  readonly name: string;
  readonly title: string;
  readonly enabled: boolean;
  readonly query: string;
  readonly groupBy: string;
  readonly kind: string;
  readonly source: string;
  /** Name of the metric whose points are looked at; of other sources nothing. */
  readonly metric: string;
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
  readonly modules: readonly ModuleForm[];
  readonly least: string;
  readonly quiet: string;
  readonly interval: string;
  readonly holds: string;
  readonly keeps: string;
  readonly severity: string;
  readonly labels: string;
  readonly runbook: string;
  readonly description: string;
  /** The rule as it was opened: what nobody changes here stays as it was there. Null: it is a new one. */
  readonly kept: Values | null;
}

export type Field = keyof RuleForm;
export type TextField = Exclude<Field, "enabled" | "modules" | "kept">;

export const NEW_RULE: RuleForm = {
  name: "",
  title: "",
  enabled: true,
  query: "",
  groupBy: "agent",
  kind: "threshold",
  source: "calls",
  metric: "",
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
  modules: [],
  least: "warning",
  quiet: "1h",
  interval: "30s",
  holds: "0s",
  keeps: "1m",
  severity: "warning",
  labels: "",
  runbook: "",
  description: "",
  kept: null,
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
    kind: text(condition, "kind", NEW_RULE.kind),
    source: text(condition, "source", NEW_RULE.source),
    metric: text(condition, "metric", ""),
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
    modules: moduleForms(condition["modules"]),
    least: text(condition, "severity", NEW_RULE.least),
    quiet: time(condition, "quiet_s", NEW_RULE.quiet),
    interval: time(rule, "interval_s", NEW_RULE.interval),
    holds: time(rule, "for_s", NEW_RULE.holds),
    keeps: time(rule, "keep_firing_s", NEW_RULE.keeps),
    severity: text(rule, "severity", NEW_RULE.severity),
    labels: labelsText(rule),
    runbook: text(rule, "runbook_url", ""),
    description: text(rule, "description", ""),
    kept: Object.keys(rule).length ? rule : null,
  };
}

function labelsText(rule: Values): string {
  return Object.entries((rule["labels"] as Readonly<Record<string, string>> | undefined) ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");
}

export type Mistakes = Partial<Record<Field | ModulePath, string>>;

export interface ReadRule {
  /** Null: something is wrong. */
  readonly rule: Values | null;
  readonly mistakes: Readonly<Mistakes>;
}

/** The rule that a form says, or what is wrong in which field. */
export function readForm(form: RuleForm): ReadRule {
  const { kept } = form;
  const mistakes: Mistakes = {};
  const made = valuesOf(form, mistakes);
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(form.name)) mistakes.name = "small letters, digits, and . _ - between them";
  if (Object.keys(mistakes).some((field) => field !== "name")) return { rule: null, mistakes };
  return { rule: kept ? mergedRule(made, kept, form.name) : made, mistakes };
}

/** Members of a condition belong to its kind: one of another kind has nothing of what was kept. */
function mergedRule(made: Values, kept: Values, name: string): Values {
  const again = valuesOf(formOf(name, kept), {});
  const [condition, before, was] = [made, again, kept].map((one) => (one["condition"] ?? {}) as Values) as [Values, Values, Values];
  const merged = condition["kind"] === was["kind"] ? asKept(condition, before, was) : condition;
  return { ...asKept(made, again, kept), condition: merged };
}

function valuesOf(form: RuleForm, mistakes: Mistakes): Values {
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
  return {
    title: form.title.trim(),
    enabled: form.enabled,
    query: form.query.trim(),
    group_by: columnsOf(form.groupBy),
    condition: conditionOf(form, number, time, mistakes),
    interval_s: time("interval"),
    for_s: time("holds"),
    keep_firing_s: time("keeps"),
    severity: form.severity,
    labels: labelsOf(form, mistakes),
    runbook_url: form.runbook.trim(),
    description: form.description.trim(),
  };
}

function columnsOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}

function conditionOf(
  form: RuleForm,
  number: (field: Field, text: string) => number,
  time: (field: Field) => number,
  mistakes: Mistakes,
): Values {
  const { kind, source } = form;
  if (!KINDS.some((one) => one === kind)) return { kind }; // of a newer server: as it was kept
  if (kind === "finding") return { kind, severity: form.least, quiet_s: time("quiet") };
  if (kind === "success_rate") {
    const rates = ratesOf(form.rates);
    if (!rates) mistakes.rates = RATES_HINT;
    const [warning, error, critical] = rates ?? [];
    const modules = readModules(form.modules, columnsOf(form.groupBy), mistakes);
    return { kind, source, window_s: time("window"), min_count: number("minCount", form.minCount), warning, error, critical, modules };
  }
  const metric = source === "points" ? form.metric.trim() : "";
  if (source === "points" && !metric) mistakes.metric = "the name of a metric";
  if (kind === "absence") return { kind, source, metric, window_s: time("window"), known_s: time("known") };
  const measured = { source, metric, measure: form.measure, window_s: time("window"), min_count: number("minCount", form.minCount) };
  if (kind === "change") return { kind, ...measured, by: number("by", form.by), direction: form.direction, before_s: time("before") };
  const clear = form.clear.trim() ? number("clear", form.clear) : null;
  return { kind, ...measured, op: form.op, value: number("value", form.value), clear };
}

/** What goes along with another source: a figure that it has; of points no least count, they are as many as their exporter likes. */
export function withSource(form: RuleForm, source: string): Partial<RuleForm> {
  const measures = measuresOf(source);
  const count = source === "points" && form.minCount === NEW_RULE.minCount ? { minCount: "0" } : {};
  if (measures.includes(form.measure)) return { source, ...count };
  return { source, measure: measures.includes(NEW_RULE.measure) ? NEW_RULE.measure : (measures[0] ?? NEW_RULE.measure), ...count };
}

function labelsOf({ labels: text, kept }: RuleForm, mistakes: Mistakes): unknown {
  if (kept?.["labels"] && text === labelsText(kept)) return kept["labels"]; // a value may have several lines
  const pairs = text
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => [one.slice(0, Math.max(0, one.indexOf("="))).trim(), one.slice(one.indexOf("=") + 1).trim()] as const);
  if (pairs.some(([key]) => !/^[a-z_][a-z0-9_.]{0,63}$/.test(key))) mistakes.labels = "one in each line, as team=search";
  return Object.fromEntries(pairs);
}
