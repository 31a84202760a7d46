/** Two runs side by side. In: the spans of both. Out: their significant steps, those that correspond beside each other in order. */
import { type StorySpan, toolOf } from "./transcript";

export interface Pair {
  readonly a: StorySpan | null;
  readonly b: StorySpan | null;
  /** Not the same step: of the same sort, each done where the other run did the other. */
  readonly instead?: true;
}

export interface Aligned {
  readonly pairs: readonly Pair[];
  /** Only the first steps of each were compared: there are more than can be aligned. */
  readonly cut: boolean;
}

const SIGNIFICANT = new Set([
  "llm",
  "tool",
  "mcp",
  "agent",
  "workflow",
  "retriever",
  "embedding",
  "reranker",
  "guardrail",
  "evaluator",
  "memory",
]);
const MOST = 2000;

export function stepsOf(spans: readonly StorySpan[]): readonly StorySpan[] {
  const found = spans.filter((span) => !span.plumbing && SIGNIFICANT.has(span.kind));
  return found.length ? found : spans.filter((span) => !span.plumbing);
}

/** What makes two steps the same one: what kind of thing is done, and by the name of what; another model makes no other step. */
export function stepKey(span: StorySpan): string {
  switch (span.kind) {
    case "llm":
    case "embedding":
      return `${span.kind} ${span.agent}`;
    case "tool":
    case "mcp":
      return `tool ${toolOf(span)}`;
    case "agent":
      return `agent ${span.agent || span.name}`;
    default:
      return `${span.kind} ${span.name}`;
  }
}

/** The longest common course of both; between its steps what one of them did instead of the other, and what only one did. */
export function align(a: readonly StorySpan[], b: readonly StorySpan[]): Aligned {
  const pairs: Pair[] = [];
  let gap: Pair[] = [];
  const close = () => {
    const [left, right] = [gap.flatMap((pair) => pair.a ?? []), gap.flatMap((pair) => pair.b ?? [])];
    for (const pair of course(left, right, sortOf)) pairs.push(pair.a && pair.b ? { ...pair, instead: true } : pair);
    gap = [];
  };
  for (const pair of course(a.slice(0, MOST), b.slice(0, MOST), stepKey)) {
    if (!pair.a || !pair.b) gap.push(pair);
    else {
      close();
      pairs.push(pair);
    }
  }
  close();
  return { pairs, cut: a.length > MOST || b.length > MOST };
}

const sortOf = (span: StorySpan) => (span.kind === "mcp" ? "tool" : span.kind);

function course(left: readonly StorySpan[], right: readonly StorySpan[], keyOf: (span: StorySpan) => string): readonly Pair[] {
  const [leftKeys, rightKeys] = [left.map(keyOf), right.map(keyOf)];
  let begin = 0;
  while (begin < left.length && begin < right.length && leftKeys[begin] === rightKeys[begin]) begin++;
  const lengths = commonLengths(leftKeys, rightKeys, begin);
  const width = rightKeys.length + 1;
  const pairs: Pair[] = [];
  for (let at = 0; at < begin; at++) pairs.push({ a: left[at] ?? null, b: right[at] ?? null });
  let [i, j] = [begin, begin];
  while (i < left.length || j < right.length) {
    const both = i < left.length && j < right.length;
    if (both && leftKeys[i] === rightKeys[j]) pairs.push({ a: left[i++] ?? null, b: right[j++] ?? null });
    else if (j >= right.length || (both && (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))) {
      pairs.push({ a: left[i++] ?? null, b: null });
    } else pairs.push({ a: null, b: right[j++] ?? null });
  }
  return pairs;
}

/** How the two of a pair differ, as far as is known before they are opened: empty where they do not. */
export function difference({ a, b, instead }: Pair): string {
  if (!a || !b) return a ? "only in A" : "only in B";
  if (instead) return "another step";
  if ((a.status === "error") !== (b.status === "error")) return a.status === "error" ? "fails in A" : "fails in B";
  if (a.error_type !== b.error_type) return "another error";
  return a.model === b.model ? "" : "another model";
}

/** Where the next stretch of steps begins that differ in one way; undefined where none does. */
export function nextDifference(differences: readonly string[], from: number, by: 1 | -1): number | undefined {
  for (let at = from + by; at >= 0 && at < differences.length; at += by) {
    if (differences[at] && differences[at] !== differences[at - 1]) return at;
  }
  return undefined;
}

/** For each place in both the length of the longest common course from there on. */
function commonLengths(a: readonly string[], b: readonly string[], begin: number): Uint16Array {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= begin; i--) {
    for (let j = b.length - 1; j >= begin; j--) {
      const at = i * width + j;
      lengths[at] = a[i] === b[j] ? (lengths[at + width + 1] ?? 0) + 1 : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  return lengths;
}

/** `+12 %`, `−40 %`, `×3.2`; empty where there is no change or nothing to compare with. */
export function change(a: number, b: number): string {
  if (a === b || a <= 0) return "";
  const share = b / a - 1;
  if (share >= 2) return `×${(b / a).toFixed(1)}`;
  const percent = Math.round(share * 100);
  return percent === 0 ? "" : `${percent > 0 ? "+" : "−"}${Math.abs(percent)}\u202f%`;
}
