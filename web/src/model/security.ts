/** Security findings: which are open, what each row of one is in its story, and threat in words. In: items of the API. Out: lists and short text. */
import { duration, parseTime } from "./format";

/** The search for findings about security: those with a class of OWASP that the server itself told. */
export const SECURITY_QUERY = "event:finding scope:spyglass.server has:attr.spyglass.finding.owasp";

export const STANDINGS = ["open", "mitigated", "all"] as const;
export type Standing = (typeof STANDINGS)[number];

interface Told {
  readonly mitigated: { readonly again: boolean } | null;
}

/** Nobody did anything about it, or it was found again since. */
export function isOpen({ mitigated }: Told): boolean {
  return mitigated === null || mitigated.again;
}

/** `mitigated`, `came back`; empty: nobody did anything about it. */
export function mitigationWord({ mitigated }: Told): string {
  if (!mitigated) return "";
  return mitigated.again ? "came back" : "mitigated";
}

/** The search as it is sent: security findings among those that are asked for. */
export function securityQuery(query: string): string {
  return query ? `(${query}) ${SECURITY_QUERY}` : SECURITY_QUERY;
}

export type Tone = "error" | "warning" | "pending" | "ok";

/** How much a score is, in a word and a colour: the steps of severities. */
export function threatWord(score: number): { readonly word: string; readonly tone: Tone } {
  if (score >= 0.85) return { word: "very high", tone: "error" };
  if (score >= 0.6) return { word: "high", tone: "error" };
  if (score >= 0.3) return { word: "raised", tone: "warning" };
  return score > 0 ? { word: "low", tone: "pending" } : { word: "none", tone: "ok" };
}

interface Row {
  readonly part: string;
  readonly kind: string;
  readonly tool: string;
  readonly name: string;
  readonly time: string | null;
  readonly duration_ns: number | null;
  readonly input: string;
  readonly output: string;
}

export interface Link<R extends Row = Row> {
  readonly row: R;
  readonly label: string;
  readonly tone: Tone | "unset";
  /** What it tells: what was read, or what was done. */
  readonly text: string;
  /** Since the end of the row before; empty: there is none, or its time is not known. */
  readonly after: string;
}

const LABELS: Readonly<Record<string, { readonly label: string; readonly tone: Tone }>> = {
  untrusted: { label: "Content of strangers was read", tone: "warning" },
  private: { label: "Private data was read", tone: "pending" },
  acts: { label: "Then it acted on the outside", tone: "error" },
};

/** The rows of a finding as its story, each with what matters of it. */
export function chainOf<R extends Row>(rows: readonly R[]): readonly Link<R>[] {
  return rows.map((row, at) => ({
    row,
    ...(LABELS[row.part] ?? { label: row.kind === "" ? "A row that is gone" : row.tool || row.name, tone: "unset" as const }),
    text:
      row.part === "acts" ? row.input || row.output : row.part === "shows" && row.tool ? row.input || row.output : row.output || row.input,
    after: since(rows[at - 1], row),
  }));
}

function since(before: Row | undefined, row: Row): string {
  if (!before?.time || !row.time) return "";
  const ns = (parseTime(row.time) - parseTime(before.time)) * 1e6 - (before.duration_ns ?? 0);
  return ns > 0 ? `${duration(ns)} later` : "";
}
