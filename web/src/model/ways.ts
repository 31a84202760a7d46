/** Which step follows which: edges of the API in; a graph that can be placed, lists by step, and changes in words out. Steps are named by `t:` and the tool; begin and end stand by themselves. */
import type { AgentGraph, GraphNode } from "./agent-graph";
import { visible } from "./evidence-words";
import { count, percent, plural } from "./format";

export const BEGIN = "begin";
export const END = "end";
const MOST_NODES = 60;
const MOST_EDGES = 120;

export type ChangeKind = "appeared" | "disappeared" | "more" | "fewer" | "unsure";

export interface Change {
  readonly kind: ChangeKind;
  readonly runs: number;
  readonly share: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly probability: number;
  readonly false_share: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly runs: number;
  readonly share: number;
  readonly chance: number;
  readonly change: Change | null;
}

interface Step {
  readonly tool: string;
  readonly calls: number;
  readonly runs: number;
  readonly runs_before: number | null;
}

export interface Told {
  readonly runs: number;
  readonly steps: readonly Step[];
  readonly items: readonly Edge[];
}

export interface Drawn {
  readonly graph: AgentGraph;
  /** The edge of each edge that is drawn, by its id. */
  readonly edges: ReadonlyMap<string, Edge>;
  /** What stands on each node, by its id. */
  readonly words: ReadonlyMap<string, string>;
  /** Steps that only the other version has, by their ids. */
  readonly gone: ReadonlySet<string>;
  /** Edges that are left out, as nobody could read so many. */
  readonly left: number;
}

export function beforeId({ from }: Pick<Edge, "from">): string {
  return from ? `t:${from}` : BEGIN;
}

export function afterId({ to }: Pick<Edge, "to">): string {
  return to ? `t:${to}` : END;
}

/** The graph: a step after itself is told on its node. What certainly changed, then what is taken most, stays where there is too much. */
export function drawnFlow({ runs, steps, items }: Told): Drawn {
  const kept = new Set(steps.slice(0, MOST_NODES).map(({ tool }) => `t:${tool}`));
  const inside = items.filter((edge) => [beforeId(edge), afterId(edge)].every((id) => id === BEGIN || id === END || kept.has(id)));
  const again = new Map(inside.filter((edge) => edge.from !== "" && edge.from === edge.to).map((edge) => [beforeId(edge), edge]));
  const others = inside.filter((edge) => !again.has(beforeId(edge)) || edge.from !== edge.to);
  const shown = others.toSorted((a, b) => sureness(b) - sureness(a) || b.runs - a.runs).slice(0, MOST_EDGES);
  const nodes = steps.slice(0, MOST_NODES).map((step) => node(`t:${step.tool}`, "tool", visible(step.tool), step.calls));
  const words = new Map<string, string>(
    steps.map((step) => {
      const repeated = again.get(`t:${step.tool}`);
      const parts = [
        `${count(step.calls)}×`,
        `${percent(runs ? step.runs / runs : 0)} of runs`,
        repeated?.count ? `again ${count(repeated.count)}×` : "",
      ];
      return [`t:${step.tool}`, parts.filter(Boolean).join(" · ")];
    }),
  );
  words.set(BEGIN, plural(runs, "run"));
  words.set(END, "");
  const ends = shown.some((edge) => edge.to === "") ? [node(END, "chain", "end", runs)] : [];
  return {
    graph: {
      nodes: shown.length ? [node(BEGIN, "chain", "begin", runs), ...nodes, ...ends] : nodes,
      edges: shown.map((edge) => ({ id: edgeId(edge), from: beforeId(edge), to: afterId(edge), calls: edge.count, errors: 0, p50: 0 })),
      left: steps.length - nodes.length,
    },
    edges: new Map(shown.map((edge) => [edgeId(edge), edge])),
    words,
    gone: new Set(steps.filter((step) => !step.calls).map(({ tool }) => `t:${tool}`)),
    left: items.length - shown.length - again.size,
  };
}

export function edgeId(edge: Edge): string {
  return `${beforeId(edge)}\n${afterId(edge)}`;
}

function sureness({ change }: Edge): number {
  return change && change.kind !== "unsure" ? 1 : 0;
}

function node(id: string, kind: string, label: string, calls: number): GraphNode {
  return { id, kind, label, calls, errors: 0, p50: 0, tokens: 0, cost: 0, rows: [] };
}

export interface After {
  readonly id: string;
  readonly label: string;
  readonly next: readonly Edge[];
}

/** What follows each step, likeliest first: the begin, then the steps that are called most. */
export function byStep({ steps, items }: Told): readonly After[] {
  const groups = [{ id: BEGIN, label: "At the start" }, ...steps.map(({ tool }) => ({ id: `t:${tool}`, label: `After ${visible(tool)}` }))];
  return groups
    .map((group) => ({
      ...group,
      next: items.filter((edge) => beforeId(edge) === group.id).toSorted((a, b) => b.chance - a.chance || b.runs - a.runs),
    }))
    .filter(({ next }) => next.length > 0);
}

/** `begin → search`. */
export function edgeWords({ from, to }: Pick<Edge, "from" | "to">): string {
  return `${from ? visible(from) : "begin"} → ${to ? visible(to) : "end"}`;
}

const WORDS: Readonly<Record<ChangeKind, string>> = {
  appeared: "new",
  disappeared: "gone",
  more: "more often",
  fewer: "less often",
  unsure: "may be chance",
};

export function changeWord({ kind }: Pick<Change, "kind">): string {
  return WORDS[kind];
}

/** A colour that says more or less, and not good or bad. */
export function changeColour(change: Pick<Change, "kind"> | null): string {
  if (!change || change.kind === "unsure") return "var(--text-quiet)";
  return change.kind === "appeared" || change.kind === "more" ? "var(--accent)" : "var(--status-warning)";
}

const LEAST_TOLD = 0.05;

/** `new, 40 %`, `was 12 %`, `12 % → 40 %`, else `40 %`: shares of runs. Empty where hardly a run takes it, and nothing certainly changed: labels of all would hide each other. */
export function edgeLabel({ share, change }: Edge): string {
  if (!change || change.kind === "unsure") return share >= LEAST_TOLD ? percent(share) : "";
  if (change.kind === "appeared") return `new, ${percent(share)}`;
  return change.kind === "disappeared" ? `was ${percent(change.share)}` : `${percent(change.share)} → ${percent(share)}`;
}

/** `+28 % (+19 to +36)`: how much larger the share of runs is, in points, with its bounds. */
export function differenceWords({ difference, low, high }: Change): string {
  return `${points(difference)} (${points(low)} to ${points(high)})`;
}

function points(share: number): string {
  const value = Math.round(share * 100);
  return value > 0 ? `+${value}` : value < 0 ? `−${-value}` : "0";
}

/** What changed for certain first, the largest difference first. */
export function changed(items: readonly Edge[]): readonly (Edge & { readonly change: Change })[] {
  return items
    .filter((edge): edge is Edge & { readonly change: Change } => edge.change !== null)
    .toSorted((a, b) => sureness(b) - sureness(a) || Math.abs(b.change.difference) - Math.abs(a.change.difference));
}

/** `1 in 240`. */
export function oneIn(chance: number): string {
  return chance > 0 ? `1 in ${count(Math.max(1, Math.round(1 / chance)))}` : "never";
}

/** A version in words. */
export function versionWords(version: string): string {
  return version ? `version ${visible(version).slice(0, 60)}` : "no version";
}

/** A version in the address: one without a name has a name there. */
export function versionKey(version: string): string {
  return version || "(none)";
}
