/** Two runs side by side. In: the spans of both. Out: their significant steps, those that correspond beside each other in order. */
import { type StorySpan, toolOf } from "./transcript";

export interface Pair {
  readonly a: StorySpan | null;
  readonly b: StorySpan | null;
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

/** The longest common course of both, and between its steps what only one of them did. */
export function align(a: readonly StorySpan[], b: readonly StorySpan[]): Aligned {
  const left = a.slice(0, MOST);
  const right = b.slice(0, MOST);
  const [leftKeys, rightKeys] = [left.map(stepKey), right.map(stepKey)];
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
  return { pairs, cut: a.length > MOST || b.length > MOST };
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
