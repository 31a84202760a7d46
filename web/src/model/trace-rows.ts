/**
 * A whole trace as columns, and which of its rows are in sight.
 * In: the outline of the API (one entry per span, depth first). Out: rows to draw after folding and hiding, sums over subtrees, searching, steps to errors.
 * Everything is linear or better in the number of spans: 100,000 take a few milliseconds.
 */

/** The columns as the API gives them; texts are numbers into `names`. */
export interface Outline {
  readonly total: number;
  readonly begin: string;
  readonly names: readonly string[];
  readonly flag_names: readonly string[];
  readonly span_id: readonly string[];
  readonly depth: readonly number[];
  readonly descendants: readonly number[];
  readonly start_ns: readonly number[];
  readonly duration_ns: readonly number[];
  readonly self_ns: readonly number[];
  readonly input_tokens: readonly number[];
  readonly output_tokens: readonly number[];
  readonly cost_usd: readonly number[];
  readonly flags: readonly number[];
  readonly name: readonly number[];
  readonly kind: readonly number[];
  readonly service: readonly number[];
  readonly agent: readonly number[];
  readonly model: readonly number[];
  readonly tool: readonly number[];
}

export type Flag = "error" | "pending" | "plumbing" | "critical" | "orphan" | "messages" | "unpriced" | "issues" | "call";
type TextColumn = "name" | "kind" | "service" | "agent" | "model" | "tool";

/** Of a subtree. A call that several spans tell of counts once: the API says at which of them it stands. */
export interface Sum {
  readonly spans: number;
  readonly errors: number;
  readonly calls: number;
  readonly tools: number;
  readonly tokens: number;
  readonly cost: number;
}

/** One trace, ready for questions about its rows. */
export class TraceRows {
  readonly outline: Outline;
  readonly length: number;
  /** Row of each row's parent; -1: none. */
  readonly parent: Int32Array;
  /** The last end of a span (ns after the begin); at least 1. */
  readonly end: number;
  private readonly places: ReadonlyMap<string, number>;
  private readonly bits: ReadonlyMap<string, number>;
  private readonly tokensBefore: Float64Array;
  private readonly costBefore: Float64Array;
  private readonly errorsBefore: Float64Array;
  private readonly callsBefore: Float64Array;
  private readonly toolsBefore: Float64Array;

  constructor(outline: Outline) {
    this.outline = outline;
    this.length = outline.span_id.length;
    this.bits = new Map(outline.flag_names.map((name, bit) => [name, 1 << bit]));
    this.places = new Map(outline.span_id.map((id, row) => [id, row]));
    this.parent = parents(outline.depth);
    this.end = outline.start_ns.reduce((most, start, row) => Math.max(most, start + (outline.duration_ns[row] ?? 0)), 1);
    this.tokensBefore = running(this.length, (row) => (outline.input_tokens[row] ?? 0) + (outline.output_tokens[row] ?? 0));
    this.costBefore = running(this.length, (row) => outline.cost_usd[row] ?? 0);
    this.errorsBefore = running(this.length, (row) => (this.is(row, "error") ? 1 : 0));
    const counts = (kind: string) => {
      const wanted = outline.names.indexOf(kind);
      return running(this.length, (row) => (outline.kind[row] === wanted && this.is(row, "call") ? 1 : 0));
    };
    this.callsBefore = counts("llm");
    this.toolsBefore = counts("tool");
  }

  text(row: number, column: TextColumn): string {
    return this.outline.names[this.outline[column][row] ?? -1] ?? "";
  }

  is(row: number, flag: Flag): boolean {
    return ((this.outline.flags[row] ?? 0) & (this.bits.get(flag) ?? 0)) !== 0;
  }

  any(flag: Flag): boolean {
    const bit = this.bits.get(flag) ?? 0;
    return this.outline.flags.some((flags) => (flags & bit) !== 0);
  }

  rowOf(spanId: string | undefined): number {
    return (spanId === undefined ? undefined : this.places.get(spanId)) ?? -1;
  }

  /** The row and everything below it. */
  sum(row: number): Sum {
    const past = row + (this.outline.descendants[row] ?? 0) + 1;
    const between = (before: Float64Array) => (before[past] ?? 0) - (before[row] ?? 0);
    return {
      spans: past - row,
      errors: between(this.errorsBefore),
      calls: between(this.callsBefore),
      tools: between(this.toolsBefore),
      tokens: between(this.tokensBefore),
      cost: between(this.costBefore),
    };
  }
}

/** What is in sight: `rows` top to bottom, and how far each is set in (hidden spans between do not count). */
export interface Visible {
  readonly rows: Int32Array;
  readonly levels: Int32Array;
  readonly hidden: number;
}

/** Rows that are neither below a folded one nor hidden plumbing; what is below hidden plumbing moves up. A chosen span is never hidden plumbing. */
export function visibleRows(trace: TraceRows, folded: ReadonlySet<string>, inner: boolean, chosen = -1): Visible {
  const { depth, descendants, span_id } = trace.outline;
  const rows = new Int32Array(trace.length);
  const levels = new Int32Array(trace.length);
  const above: number[] = []; // hidden spans at each depth of the path down to here
  let found = 0;
  let hidden = 0;
  for (let row = 0; row < trace.length; row++) {
    const level = depth[row] ?? 0;
    const over = level > 0 ? (above[level - 1] ?? 0) : 0;
    const hide = !inner && row !== chosen && trace.is(row, "plumbing");
    above[level] = over + (hide ? 1 : 0);
    if (hide) {
      hidden += 1;
      continue;
    }
    rows[found] = row;
    levels[found] = level - over;
    found += 1;
    if (folded.size && folded.has(span_id[row] ?? "")) row += descendants[row] ?? 0;
  }
  return { rows: rows.subarray(0, found), levels: levels.subarray(0, found), hidden };
}

/** Where a row is in sight; -1: it is not. Rows are in ascending order. */
export function placeOf(visible: Visible, row: number): number {
  const { rows } = visible;
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const there = rows[middle] ?? 0;
    if (there === row) return middle;
    if (there < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The folding with every row above this one open; the same set where all are. */
export function revealed(trace: TraceRows, folded: ReadonlySet<string>, row: number): ReadonlySet<string> {
  if (!folded.size) return folded;
  const open = new Set(folded);
  for (let above = trace.parent[row] ?? -1; above >= 0; above = trace.parent[above] ?? -1) open.delete(trace.outline.span_id[above] ?? "");
  return open.size === folded.size ? folded : open;
}

/** The folding that shows only the first `levels` levels. */
export function foldedBelow(trace: TraceRows, levels: number): ReadonlySet<string> {
  const { depth, descendants, span_id } = trace.outline;
  return new Set(span_id.filter((_, row) => (depth[row] ?? 0) >= levels - 1 && (descendants[row] ?? 0) > 0));
}

/** Rows whose name, kind, agent, model, tool, service or id has the text in it, any case, in order. */
export function searchRows(trace: TraceRows, text: string): readonly number[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const hits = trace.outline.names.map((name) => name.toLowerCase().includes(wanted));
  const columns = [
    trace.outline.name,
    trace.outline.kind,
    trace.outline.agent,
    trace.outline.model,
    trace.outline.tool,
    trace.outline.service,
  ];
  const found: number[] = [];
  for (let row = 0; row < trace.length; row++) {
    if (columns.some((column) => hits[column[row] ?? -1]) || trace.outline.span_id[row]?.startsWith(wanted)) found.push(row);
  }
  return found;
}

/** Rows with the flag, in order. */
export function rowsWith(trace: TraceRows, flag: Flag): readonly number[] {
  return trace.outline.span_id.flatMap((_, row) => (trace.is(row, flag) ? [row] : []));
}

/** The one after (or before) `row` in an ascending list, beginning anew at the end; -1: the list is empty. */
export function stepWithin(list: readonly number[], row: number, forward: boolean): number {
  const next = forward ? list.find((one) => one > row) : list.findLast((one) => one < row);
  return next ?? (forward ? list[0] : list.at(-1)) ?? -1;
}

function parents(depth: readonly number[]): Int32Array {
  const found = new Int32Array(depth.length);
  const path: number[] = [];
  for (let row = 0; row < depth.length; row++) {
    const level = depth[row] ?? 0;
    found[row] = level > 0 ? (path[level - 1] ?? -1) : -1;
    path[level] = row;
  }
  return found;
}

function running(length: number, of: (row: number) => number): Float64Array {
  const before = new Float64Array(length + 1);
  for (let row = 0; row < length; row++) before[row + 1] = (before[row] ?? 0) + of(row);
  return before;
}
