/** Findings of analyzers: what they are put together by, what is kept, and their parts in words. In: items of the API. Out: groups and short text that is safe to show. */
import { visible } from "./evidence-words";
import { parseTime, plural } from "./format";

export const SEVERITIES = ["critical", "error", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Told {
  readonly fingerprint: string;
  readonly analyzer: string;
  readonly rule: string;
  readonly severity: string;
  readonly title: string;
  readonly agent: string;
  readonly metric: string;
  readonly owasp?: string;
  /** Others that are like the subject and in the same state; of a cause that is shared, all that are. */
  readonly peers?: number | null;
  /** What they share, where it befalls most of them. */
  readonly cause?: string;
  readonly count: number;
  readonly first_seen: string;
  readonly last_seen: string;
}

export interface Group<F> {
  readonly id: string;
  readonly label: string;
  /** Quietly beside the label. */
  readonly note: string;
  readonly findings: readonly F[];
  /** How many agents it befalls, as far as it was told; 0: none is named. */
  readonly agents: number;
}

type By = "cause" | "subject" | "class";

interface Kept {
  readonly severity?: readonly string[] | undefined;
  readonly analyzer?: string | undefined;
  readonly agent?: string | undefined;
}

/** Those that are asked for. */
export function keep<F extends Told>(findings: readonly F[], { severity = [], analyzer = "", agent = "" }: Kept): readonly F[] {
  return findings.filter(
    (one) =>
      (!severity.length || severity.includes(one.severity)) && (!analyzer || one.analyzer === analyzer) && (!agent || one.agent === agent),
  );
}

/**
 * Findings in groups, the worst first, then the latest. What befalls most that call a model, use a tool or have a role has that cause, whoever found it; else
 * what one analyzer says of one figure stands together. By time there is one group.
 */
export function arrange<F extends Told>(findings: readonly F[], by: By | "time"): readonly Group<F>[] {
  if (by === "time") return findings.length ? [{ id: "all", label: "", note: "", findings: findings.toSorted(later), agents: 0 }] : [];
  const found = new Map<string, F[]>();
  for (const one of findings) {
    const key = { cause: one.cause || `${one.analyzer}\n${one.metric || one.rule}`, subject: one.agent, class: one.owasp ?? "" }[by];
    const before = found.get(key);
    if (before) before.push(one);
    else found.set(key, [one]);
  }
  const groups = [...found].map(([id, all]) => ({ id, findings: all.toSorted(worse), agents: agentsOf(all), ...namesOf(all, by) }));
  return groups.toSorted((a, b) => worse(a.findings[0] as F, b.findings[0] as F));
}

function namesOf(all: readonly Told[], by: By): { readonly label: string; readonly note: string } {
  const [first] = all;
  if (!first) return { label: "", note: "" };
  if (by === "subject") return { label: visible(first.agent) || "No single agent", note: "" };
  if (by === "class") return { label: owaspWords(first.owasp ?? "") || "No class", note: "" };
  if (first.cause)
    return { label: capital(visible(first.cause)), note: [...new Set(all.map((one) => words(one.metric || one.rule)))].join(", ") };
  return { label: headline(first.metric || first.rule), note: visible(first.analyzer) };
}

/** Those that are named, or as many as a finding says there are. */
function agentsOf(all: readonly Told[]): number {
  const named = new Set(all.map((one) => one.agent).filter(Boolean)).size;
  return all.reduce((most, one) => Math.max(most, one.cause ? (one.peers ?? 0) + (one.agent ? 1 : 0) : 0), named);
}

/** `9 of 12 others`; who was not compared with anybody stands alone as far as it was told. */
export function atOnce(peers: number, compared: number | null): string {
  if (compared === null) return peers ? plural(peers, "other") : "nobody else";
  return `${peers} of ${plural(compared, "other")}`;
}

interface Verdict {
  readonly verdict: "useful" | "noise";
  readonly factor: number;
  readonly heeded: boolean;
}

/** What verdicts do to the rule's threshold for this subject. */
export function verdictWords({ verdict, factor, heeded }: Verdict): string {
  if (!heeded) return `Called ${verdict}. The rule is exact: it has no threshold that could follow.`;
  if (factor === 1) return `Called ${verdict}. Verdicts cancel each other out: the rule has its usual threshold for it.`;
  const share = factor < 1 ? `1/${Math.round(1 / factor)} of` : `${factor} times`;
  return `Called ${verdict}. The rule has ${share} the usual share of the false-alarm budget for it.`;
}

/** What people write in capitals. */
const SHORT = /\b(?:api|cpu|gpu|id|ip|llm|mcp|pii|sql|ssrf|url|usd)\b/g;

/** `time to first token` of `time_to_first_token`, `SQL` of `sql`. */
export function words(name: string): string {
  return visible(name.replaceAll("_", " ").trim()).replace(SHORT, (letters) => letters.toUpperCase());
}

/** The same at the begin of a line. */
export function headline(name: string): string {
  return capital(words(name));
}

function capital(text: string): string {
  return text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

function worse(a: Told, b: Told): number {
  return rank(a.severity) - rank(b.severity) || later(a, b);
}

function later(a: Told, b: Told): number {
  return a.last_seen < b.last_seen ? 1 : a.last_seen > b.last_seen ? -1 : a.fingerprint < b.fingerprint ? -1 : 1;
}

function rank(severity: string): number {
  const at = (SEVERITIES as readonly string[]).indexOf(severity);
  return at < 0 ? SEVERITIES.length : at;
}

/** How many there are of each severity, the worst first; those that there are, and those that are chosen. */
export function severityCounts(
  findings: readonly Told[],
  chosen: readonly string[],
): readonly { readonly severity: Severity; readonly count: number }[] {
  return SEVERITIES.map((severity) => ({ severity, count: findings.filter((one) => one.severity === severity).length })).filter(
    ({ severity, count }) => count > 0 || chosen.includes(severity),
  );
}

/** What was found after `looked`, the time of the latest that somebody saw; nothing is new to who never looked. */
export function newer<F extends Told>(findings: readonly F[], looked: string): readonly F[] {
  return findings.filter((one) => one.last_seen > looked);
}

/** The time of the latest; empty where there is none. */
export function latest(findings: readonly Told[]): string {
  return findings.reduce((found, one) => (one.last_seen > found ? one.last_seen : found), "");
}

const WEEK_MS = 7 * 86_400_000;

/** Whether it is a time of the last seven days. */
export function isRecent(iso: string, nowMs: number): boolean {
  return nowMs - parseTime(iso) < WEEK_MS; // not where it is none
}

export type Row =
  | { readonly kind: "span"; readonly traceId: string; readonly spanId: string }
  | { readonly kind: "event"; readonly eventId: string }
  | { readonly kind: "other"; readonly text: string };

/** A row that shows it, from `trace/span` or 32 digits, which are an event or a trace; what is none of these is only told. */
export function evidenceRow(text: string): Row {
  const [, traceId, spanId] = /^([0-9a-f]{32})\/([0-9a-f]{16})$/.exec(text) ?? [];
  if (traceId && spanId) return { kind: "span", traceId, spanId };
  if (/^[0-9a-f]{32}$/.test(text)) return { kind: "event", eventId: text };
  return { kind: "other", text: visible(text).slice(0, 200) };
}

/** The search for the events that told it. */
export function timesQuery(fingerprint: string): string {
  return `event:finding attr.spyglass.finding.fingerprint:"${fingerprint}"`;
}

const OWASP: Readonly<Record<string, string>> = {
  ASI01: "Agent goal hijack",
  ASI02: "Tool misuse and exploitation",
  ASI03: "Identity and privilege abuse",
  ASI04: "Agentic supply chain",
  ASI05: "Unexpected code execution",
  ASI06: "Memory and context poisoning",
  ASI07: "Insecure communication between agents",
  ASI08: "Cascading failures",
  ASI09: "Human trust exploited",
  ASI10: "Rogue agents",
};

/** `ASI02 Tool misuse and exploitation`; a class that is not known as it was told. */
export function owaspWords(code: string): string {
  return [visible(code).slice(0, 40), OWASP[code]].filter(Boolean).join(" ");
}
