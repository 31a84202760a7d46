/** The moments of an execution that can be gone to. In: its times, steps and snapshots. Out: marks in order of time, from its begin to its end (or now). */
import { type RawSearch, readChoice, readText } from "./search-state";

export const PARTS = ["state", "changes", "messages", "memory", "files"] as const;
export type Part = (typeof PARTS)[number];

export interface TravelSearch {
  /** The moment that is looked at, as the API names it; left out: the end, or now. */
  readonly at?: string | undefined;
  /** The moment that it is compared with; left out: the one before. */
  readonly against?: string | undefined;
  readonly show?: Part | undefined;
}

export function readTravelSearch(raw: RawSearch): TravelSearch {
  const at = readText(raw["at"], 64);
  const against = readText(raw["against"], 64);
  const show = readChoice(raw["show"], PARTS);
  return { ...(at && at !== LAST ? { at } : {}), ...(against ? { against } : {}), ...(show && show !== "state" ? { show } : {}) };
}

export const LAST = "last";

interface Step {
  readonly number: number | null;
  readonly name: string;
  readonly time: string;
  readonly duration_ns: number | null;
  readonly status: string;
  readonly kind: string;
}

interface Snapshot {
  readonly id: string;
  readonly time: string;
  readonly name: string;
  readonly step: number;
  readonly step_name: string;
  readonly has_state: boolean;
}

interface Run {
  readonly start: string;
  readonly end: string | null;
}

export interface Mark {
  /** As the API takes it for `at`. */
  readonly id: string;
  readonly kind: "begin" | "step" | "snapshot" | "end";
  readonly label: string;
  /** ns since 1970; null: now. */
  readonly ns: bigint | null;
  readonly failed: boolean;
  /** The snapshot whose state holds then; null: there is none, or its content was not sent. */
  readonly state: string | null;
}

/** ns since 1970 of ISO 8601 text; 0 where it is none. */
export function nsOf(iso: string): bigint {
  const found = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(iso);
  const ms = Date.parse(`${found?.[1] ?? ""}${found?.[3] ?? "Z"}`);
  return Number.isNaN(ms) ? 0n : BigInt(ms) * 1_000_000n + BigInt((found?.[2] ?? "").padEnd(9, "0").slice(0, 9));
}

/** ISO 8601 text of a mark's time; null: now. */
export function isoOf(mark: Mark): string | null {
  return mark.ns === null ? null : new Date(Number(mark.ns / 1_000_000n)).toISOString();
}

/** Whether the execution told of it by an event: then its number means something to the API. Others are spans, counted for the list. */
function isTold(step: Step): boolean {
  return step.number !== null && step.kind === "";
}

/** How a step is named in an address: by its number, else by its end. */
export function stepMark(step: Step): string {
  return !isTold(step) ? String(nsOf(step.time) + BigInt(step.duration_ns ?? 0)) : String(step.number);
}

type Draft = Omit<Mark, "state"> & { readonly own: Snapshot | null };

/** Every moment once. A snapshot that a step took by itself is the moment of that step. */
export function marksOf(run: Run, steps: readonly Step[], snapshots: readonly Snapshot[]): readonly Mark[] {
  const byStep = new Map(snapshots.filter((one) => one.step_name).map((one) => [one.step, one]));
  const drafts = new Map<string, Draft>();
  const taken = new Set<string>();
  for (const step of steps) {
    const own = step.number === null || !isTold(step) ? undefined : byStep.get(step.number);
    if (own) taken.add(own.id);
    const ended = nsOf(step.time) + BigInt(step.duration_ns ?? 0);
    const ns = own && nsOf(own.time) > ended ? nsOf(own.time) : ended;
    const label = step.number === null ? `after ${step.name}` : `step ${step.number}: ${step.name}`;
    drafts.set(stepMark(step), { id: stepMark(step), kind: "step", label, ns, failed: step.status === "failed", own: own ?? null });
  }
  for (const one of snapshots) {
    if (taken.has(one.id)) continue;
    const label = one.name ? `snapshot ${one.name}` : one.step ? `snapshot after step ${one.step}` : "snapshot";
    drafts.set(one.id, { id: one.id, kind: "snapshot", label, ns: nsOf(one.time), failed: false, own: one });
  }
  const start = nsOf(run.start);
  drafts.delete(String(start));
  const inOrder = [...drafts.values()].sort((a, b) => (a.ns === b.ns ? 0 : (a.ns ?? 0n) < (b.ns ?? 0n) ? -1 : 1));
  const begin: Draft = { id: String(start), kind: "begin", label: "begin", ns: start, failed: false, own: null };
  const end: Draft = {
    id: LAST,
    kind: "end",
    label: run.end ? "end" : "now",
    ns: run.end ? nsOf(run.end) : null,
    failed: false,
    own: null,
  };
  let holds: string | null = null;
  return [begin, ...inOrder, end].map(({ own, ...draft }) => {
    if (own) holds = own.has_state ? own.id : null;
    return { ...draft, state: holds };
  });
}

/** Where a moment of the address is among the marks; the last where it is none of them. */
export function placeOf(marks: readonly Mark[], at: string | undefined): number {
  const found = marks.findIndex((mark) => mark.id === at);
  return found < 0 ? marks.length - 1 : found;
}

/** What a moment is compared with where nothing is said: the one before. Of the end, which mostly has the state of the last snapshot, the last moment with another state. */
export function beforeOf(marks: readonly Mark[], place: number): Mark | undefined {
  const mark = marks[place];
  if (mark?.kind !== "end" || mark.state === null) return marks[place - 1];
  return marks.slice(0, place).findLast((one) => one.state !== mark.state) ?? marks[place - 1];
}
