/**
 * Edits of a search text by clicks: what a facet says of `field:value` and `-field:value`, added and taken away in the text itself.
 * Only plain conditions that must hold are touched (`field:a,b`, `-field:a`); all else, also what is wrong, stays as it was written.
 */

interface Word {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

interface Condition extends Word {
  readonly field: string;
  readonly not: boolean;
  readonly values: readonly string[];
}

export interface Chosen {
  readonly only: readonly string[];
  readonly not: readonly string[];
}

const JOINS = new Set(["or", "not", "under", "over"]); // what makes a condition beside it something else than one that must hold
const KEYWORDS = new Set([...JOINS, "and"]);
const BARE = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_:/@+#%&.-]*[\p{L}\p{N}_])?$/u; // as the server writes them
const ALIASES: Readonly<Record<string, string>> = {
  env: "environment",
  "deployment.environment.name": "environment",
  "service.name": "service",
  "gen_ai.agent.name": "agent",
  "gen_ai.tool.name": "tool",
  "gen_ai.provider.name": "provider",
  "error.type": "error_type",
  level: "severity",
  event: "event_name",
  "event.name": "event_name",
};

/** A value as a search takes it: in quotes where it needs them. */
export function quoteValue(value: string): string {
  if (BARE.test(value) && !value.includes("..") && !KEYWORDS.has(value.toLowerCase())) return value;
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** What the text says of a field, as far as plain conditions do. */
export function chosen(text: string, field: string): Chosen {
  const found = conditions(text).filter((one) => one.field === field);
  return {
    only: found.filter((one) => !one.not).flatMap((one) => one.values),
    not: found.filter((one) => one.not).flatMap((one) => one.values),
  };
}

/** Fields that plain conditions speak of, each once. */
export function chosenFields(text: string): readonly string[] {
  return [...new Set(conditions(text).map((one) => one.field))];
}

/** The text without what plain conditions say of a field. */
export function withoutField(text: string, field: string): string {
  return conditions(text)
    .filter((one) => one.field === field)
    .reduceRight((left, one) => cut(left, one), text);
}

/** The value wanted (`not`: unwanted), or no longer where it already was. Another value of the same field is one more that may be. */
export function toggleValue(text: string, field: string, value: string, not = false): string {
  const told = chosen(text, field);
  const had = (not ? told.not : told.only).includes(value);
  const without = withoutValue(text, field, value);
  return had ? without : addValue(without, field, value, not);
}

/** The text with a value that must hold, unless it says so already. */
export function addCondition(text: string, field: string, value: string): string {
  return chosen(text, field).only.includes(value) ? text : addValue(text, field, value, false);
}

function addValue(text: string, field: string, value: string, not: boolean): string {
  const beside = conditions(text).find((one) => one.field === field && one.not === not);
  if (beside) return replace(text, beside, [...beside.values, value]);
  const condition = `${not ? "-" : ""}${field}:${quoteValue(value)}`;
  const before = text.trim();
  if (!before) return condition;
  return words(before).some((word) => word.text.toLowerCase() === "or") ? `(${before}) ${condition}` : `${before} ${condition}`;
}

function withoutValue(text: string, field: string, value: string): string {
  return conditions(text)
    .filter((one) => one.field === field && one.values.includes(value))
    .reduceRight((left, one) => {
      const values = one.values.filter((other) => other !== value);
      return values.length ? replace(left, one, values) : cut(left, one);
    }, text);
}

function replace(text: string, one: Condition, values: readonly string[]): string {
  const name = /^[-!]?[\w.]+/.exec(one.text)?.[0].replace(/^!/, "-") ?? one.field;
  return `${text.slice(0, one.from)}${name}:${values.map(quoteValue).join(",")}${text.slice(one.to)}`;
}

function cut(text: string, one: Word): string {
  const before = text.slice(0, one.from).trimEnd();
  const after = text.slice(one.to).trimStart();
  const joined = /(?:^|\s)and$/i.test(before) ? before.slice(0, -3).trimEnd() : before;
  const rest = joined === before && joined === "" ? after.replace(/^and\s+/i, "") : after;
  return [joined, rest].filter(Boolean).join(" ");
}

/** Conditions that must hold, each for itself. */
function conditions(text: string): readonly Condition[] {
  const all = words(text);
  if (all.some((word) => word.text.toLowerCase() === "or")) return [];
  const joins = (at: number) => JOINS.has(all[at]?.text.toLowerCase() ?? "");
  return all.flatMap((word, at) => {
    if (joins(at - 1) || all[at + 1]?.text.toLowerCase() === "under" || all[at + 1]?.text.toLowerCase() === "over") return [];
    return condition(word) ?? [];
  });
}

/** Runs of text between spaces that are outside quotes and brackets. */
function words(text: string): readonly Word[] {
  const found: Word[] = [];
  let depth = 0;
  let quoted = false;
  let from = -1;
  for (let at = 0; at <= text.length; at += 1) {
    const sign = text[at];
    const ends = sign === undefined || (!quoted && depth === 0 && /\s/.test(sign));
    if (ends) {
      if (from >= 0) found.push({ text: text.slice(from, at), from, to: Math.min(at, text.length) });
      from = -1;
      continue;
    }
    if (from < 0) from = at;
    if (sign === "\\") at += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === "(") depth += 1;
    else if (!quoted && sign === ")") depth = Math.max(0, depth - 1);
  }
  return found;
}

function condition(word: Word): Condition | null {
  const parts = /^([-!]?)([A-Za-z_][\w.]*)(:|=|!=)([\s\S]+)$/.exec(word.text);
  if (!parts?.[2] || !parts[4]) return null;
  const values = readValues(parts[4]);
  if (!values?.length || (parts[3] !== ":" && values.length > 1)) return null;
  const name = parts[2].toLowerCase();
  return { ...word, field: ALIASES[name] ?? name, not: (parts[1] !== "") !== (parts[3] === "!="), values };
}

/** Exact values between commas; null where they are something else: wildcards, ranges, brackets, comparisons, a quote that does not end. */
function readValues(text: string): readonly string[] | null {
  const values: string[] = [];
  let left = text;
  for (;;) {
    const found = /^(?:"((?:\\[\s\S]|[^"\\])*)"|((?:\\[\s\S]|[^\s"(),\\<>=*])(?:\\[\s\S]|[^\s"(),\\*])*))(,|$)/.exec(left);
    if (!found || (found[2]?.includes("..") ?? false)) return null;
    values.push(found[1] !== undefined ? found[1].replace(/\\(["\\])/g, "$1") : (found[2] ?? "").replace(/\\([\s\S])/g, "$1"));
    if (found[3] === "") return values;
    left = left.slice(found[0].length);
  }
}
