/**
 * The story of a run, as rows from top to bottom. In: the spans of a trace in tree order, and the messages where they were said first. Out: rows: an agent begins, a model is called,
 * something is said, a tool is used, something else is done. What an agent or a call says comes after all that happened inside it; a tool's request and its result become one row.
 */
import { type CallPart, type Part, partsOf, type ResultPart } from "./message";

/** What is needed of a span; the API's TreeSpan has it all. */
export interface StorySpan {
  readonly row: number;
  readonly span_id: string;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly error_type: string;
  readonly start: string;
  readonly duration_ns: number;
  readonly agent: string;
  readonly model: string;
  readonly tool: string;
  readonly tool_call_id: string;
  readonly plumbing: boolean;
  readonly pending: boolean;
  readonly parent_row: number;
  readonly descendants: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly inputs: number;
  readonly outputs: number;
}

export interface StoryMessage {
  readonly hash: string;
  readonly span_id: string;
  readonly direction: string;
  readonly position: number;
  readonly role: string;
  readonly text: string;
  readonly body: string;
}

interface Place {
  readonly key: string;
  readonly spanId: string;
  /** How many agents it is inside of, the outermost not counted. */
  readonly depth: number;
}

export type StoryRow = Place &
  (
    | { readonly type: "agent"; readonly span: StorySpan }
    /** `repeats`: what it said was said before, word for word, so that no message of its own follows; `silent`: no message of it was recorded. */
    | { readonly type: "call"; readonly span: StorySpan; readonly repeats: boolean; readonly silent: boolean }
    | { readonly type: "said"; readonly role: string; readonly parts: readonly Part[]; readonly final: boolean; readonly earlier?: boolean }
    | { readonly type: "tool"; readonly span: StorySpan | null; readonly call: CallPart | null; readonly result: ResultPart | null }
    | { readonly type: "step"; readonly span: StorySpan }
  );

export interface Story {
  readonly rows: readonly StoryRow[];
  /** Whether anything is said at all; else the rows are the work with what went in and out. */
  readonly spoken: boolean;
}

const AGENTS = new Set(["agent", "create_agent"]);
const TOOLS = new Set(["tool", "mcp"]);
const STEPS = new Set(["retriever", "embedding", "reranker", "guardrail", "evaluator", "memory"]);

export function storyOf(spans: readonly StorySpan[], messages: readonly StoryMessage[]): Story {
  const steps = telling(spans, messages);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same in steps of at most a few milliseconds, so that a page can draw between them. */
export function* telling(spans: readonly StorySpan[], messages: readonly StoryMessage[]): Generator<void, Story> {
  const teller = new Teller(spans, messages.length > 0);
  yield* teller.read(messages);
  yield* teller.pair();
  return yield* teller.tell();
}

const STEP = 100; // spans or messages
const READ = new WeakMap<StoryMessage, readonly Part[]>(); // a story is told anew when more of it comes: what was read is not read again

function partsOnce(message: StoryMessage): readonly Part[] {
  const known = READ.get(message) ?? partsOf(message.body, message.text);
  READ.set(message, known);
  return known;
}

interface Read {
  readonly message: StoryMessage;
  readonly parts: readonly Part[];
}

/** A request of a model, and when the model was called. */
interface Request {
  readonly part: CallPart;
  readonly from: string;
}

class Teller {
  private readonly rows: StoryRow[] = [];
  private readonly bySpan = new Map<string, Read[]>();
  /** Results by the id of their request, else by the tool's name. */
  private readonly results = new Map<string, ResultPart[]>();
  private readonly used = new Set<ResultPart>();
  /** Requests that a span carried out. */
  private readonly carried = new Map<string, CallPart>();
  private readonly taken = new Set<Part>();
  private readonly takenIds = new Set<string>();
  /** Ids of requests that models made here. */
  private readonly askedIds = new Set<string>();
  /** What models and agents said here. */
  private readonly saidHere = new Set<string>();
  private readonly byRow: ReadonlyMap<number, StorySpan>;

  constructor(
    private readonly spans: readonly StorySpan[],
    private readonly spoken: boolean,
  ) {
    this.byRow = new Map(spans.map((span) => [span.row, span]));
  }

  *read(messages: readonly StoryMessage[]): Generator<void> {
    for (const [at, message] of messages.entries()) {
      if (at % STEP === STEP - 1) yield;
      const read = { message, parts: partsOnce(message) };
      const found = this.bySpan.get(message.span_id);
      if (found) found.push(read);
      else this.bySpan.set(message.span_id, [read]);
      for (const part of read.parts) if (part.type === "result") this.keepResult(part);
    }
  }

  *tell(): Generator<void, Story> {
    const open: { readonly span: StorySpan; readonly end: number; readonly depth: number }[] = [];
    for (const [at, span] of this.spans.entries()) {
      if (at % STEP === STEP - 1) yield;
      this.close(open, span.row);
      const depth = this.depthOf(span);
      this.begin(span, depth);
      open.push({ span, end: span.row + span.descendants, depth });
    }
    this.close(open, Number.POSITIVE_INFINITY);
    this.strangers();
    return { rows: this.rows, spoken: this.spoken };
  }

  /** A request goes with the span that names its id; else with the first one of its tool, by name, that begins after it and has none yet. */
  *pair(): Generator<void> {
    const asked = this.requests();
    yield;
    const tools = this.spans.filter((span) => askedAs(span) && !span.plumbing).sort((a, b) => compareTexts(a.start, b.start));
    const byId = new Map(asked.flatMap((one) => (one.part.id ? [[one.part.id, one.part] as const] : [])));
    for (const id of byId.keys()) this.askedIds.add(id);
    for (const [at, span] of tools.entries()) {
      if (at % STEP === STEP - 1) yield;
      const part = span.tool_call_id ? byId.get(span.tool_call_id) : undefined;
      if (part && !this.taken.has(part) && !this.insideTool(span)) this.carry(span, part);
    }
    const waiting = new Map<string, Request[]>();
    for (const one of asked) {
      if (this.taken.has(one.part)) continue;
      const list = waiting.get(one.part.name);
      if (list) list.push(one);
      else waiting.set(one.part.name, [one]);
    }
    for (const [number, span] of tools.entries()) {
      if (number % STEP === STEP - 1) yield;
      const list = this.carried.has(span.span_id) ? [] : (waiting.get(askedAs(span)) ?? []);
      const at = list.findIndex((one) => one.from <= span.start);
      const [found] = at < 0 || this.insideTool(span) ? [] : list.splice(at, 1);
      if (found) this.carry(span, found.part);
    }
  }

  /** What models asked of tools, in order. */
  private requests(): readonly Request[] {
    const found: Request[] = [];
    for (const span of this.spans) {
      for (const { message, parts } of this.bySpan.get(span.span_id) ?? []) {
        if (message.direction !== "output") continue;
        for (const part of parts) if (part.type === "call") found.push({ part, from: span.start });
      }
    }
    return found;
  }

  private carry(span: StorySpan, part: CallPart): void {
    this.carried.set(span.span_id, part);
    this.taken.add(part);
    if (part.id) this.takenIds.add(part.id);
  }

  private keepResult(part: ResultPart): void {
    const key = resultKey(part);
    const found = this.results.get(key);
    if (found) found.push(part);
    else this.results.set(key, [part]);
  }

  /** A tool's own span below another one of the same tool, as an MCP client makes it. */
  private insideTool(span: StorySpan): boolean {
    for (let above = this.byRow.get(span.parent_row); above; above = this.byRow.get(above.parent_row)) {
      if (TOOLS.has(above.kind) && toolOf(above) === toolOf(span)) return true;
      if (AGENTS.has(above.kind)) return false;
    }
    return false;
  }

  private resultFor(call: Pick<CallPart, "id" | "name">): ResultPart | null {
    const found = this.results.get(resultKey(call))?.shift();
    if (found) this.used.add(found);
    return found ?? null;
  }

  private depthOf(span: StorySpan): number {
    let agents = 0;
    for (let above = this.byRow.get(span.parent_row); above; above = this.byRow.get(above.parent_row))
      agents += this.isGroup(above) ? 1 : 0;
    return Math.max(0, agents - (this.isGroup(span) ? 0 : 1));
  }

  /** An agent, unless it is the same one told again by an inner span. */
  private isGroup(span: StorySpan): boolean {
    if (!AGENTS.has(span.kind) || span.plumbing) return false;
    const above = this.byRow.get(span.parent_row);
    return !above || !AGENTS.has(above.kind) || nameOf(above) !== nameOf(span);
  }

  private begin(span: StorySpan, depth: number): void {
    const place = { spanId: span.span_id, depth };
    const said = this.bySpan.get(span.span_id) ?? [];
    if (this.isGroup(span)) this.rows.push({ ...place, type: "agent", key: `${span.span_id}/agent`, span });
    else if (span.kind === "llm") this.call(span, depth);
    else if (TOOLS.has(span.kind) || this.carried.has(span.span_id)) this.tool(span, depth);
    else if (this.isStep(span)) this.rows.push({ ...place, type: "step", key: `${span.span_id}/step`, span });
    for (const read of said) if (read.message.direction !== "output") this.say(span.span_id, read, depth, false);
  }

  private call(span: StorySpan, depth: number): void {
    if (this.wraps(span)) return;
    const told = { span, repeats: this.repeats(span), silent: span.inputs + span.outputs === 0 };
    this.rows.push({ type: "call", key: `${span.span_id}/call`, spanId: span.span_id, depth, ...told });
  }

  /** Whether the same call is told by a span inside this one, the client's inside the framework's, and this one has nothing to add. */
  private wraps(span: StorySpan): boolean {
    if (this.speaks(span) || (span.status === "error" && !this.failsBelow(span))) return false;
    for (let row = span.row + 1; row <= span.row + span.descendants; row++) {
      const inner = this.byRow.get(row);
      if (inner?.kind === "llm") return true;
      if (inner && (AGENTS.has(inner.kind) || TOOLS.has(inner.kind))) row += inner.descendants; // their calls are calls of their own
    }
    return false;
  }

  private repeats(span: StorySpan): boolean {
    return span.outputs > 0 && !this.speaks(span) && !this.spokenFor(span);
  }

  private speaks(span: StorySpan): boolean {
    return this.bySpan.get(span.span_id)?.some((one) => one.message.direction === "output") ?? false;
  }

  /** Whether the agent around it gives what this call, the last one in it, said: the same message, told by both. */
  private spokenFor(span: StorySpan): boolean {
    for (let above = this.byRow.get(span.parent_row); above; above = this.byRow.get(above.parent_row)) {
      if (!this.speaks(above)) continue;
      for (let row = span.row + 1; row <= above.row + above.descendants; row++) {
        const later = this.byRow.get(row);
        if (later?.kind === "llm" && later.start > span.start) return false;
      }
      return true;
    }
    return false;
  }

  private isStep(span: StorySpan): boolean {
    if (span.plumbing) return span.status === "error" && !this.spoken;
    return !this.spoken || STEPS.has(span.kind) || (span.status === "error" && !this.failsBelow(span));
  }

  /** Whether the failure is told by a span below: one error is shown once, where it happened. */
  private failsBelow(span: StorySpan): boolean {
    for (let row = span.row + 1; row <= span.row + span.descendants; row++) if (this.byRow.get(row)?.status === "error") return true;
    return false;
  }

  private tool(span: StorySpan, depth: number): void {
    if (span.plumbing || this.insideTool(span)) return;
    const call = this.carried.get(span.span_id) ?? null;
    const asked = call ?? (span.tool_call_id ? { id: span.tool_call_id, name: toolOf(span) } : null);
    const result = asked ? this.resultFor(asked) : null;
    this.rows.push({ type: "tool", key: `${span.span_id}/tool`, spanId: span.span_id, depth, span, call, result });
  }

  private close(open: { readonly span: StorySpan; readonly end: number; readonly depth: number }[], row: number): void {
    for (let last = open.at(-1); last && last.end < row; last = open.at(-1)) {
      open.pop();
      for (const read of this.bySpan.get(last.span.span_id) ?? []) {
        if (read.message.direction === "output") this.say(last.span.span_id, read, last.depth, AGENTS.has(last.span.kind));
      }
    }
  }

  /** A message without the requests and results that have rows of their own. */
  private say(spanId: string, { message, parts }: Read, depth: number, final: boolean): void {
    const earlier = message.role === "assistant" && message.direction !== "output"; // an answer that went in again, maybe without its reasoning
    const calls = parts.filter(
      (part): part is CallPart => part.type === "call" && !this.taken.has(part) && !(earlier && part.id && this.askedIds.has(part.id)),
    );
    const rest = parts.filter(
      (part) => part.type !== "call" && !(part.type === "result" && (this.used.has(part) || this.takenIds.has(part.id))),
    );
    const key = `${spanId}/${message.direction}/${message.position}`;
    const text = textOf(rest);
    const again = earlier && rest.every((part) => part.type === "text") && this.saidHere.has(text);
    const echo = text !== "" && (again || (final && text === textOf(this.lastSaid()))); // an agent gives what its last call said
    if (message.direction === "output") this.saidHere.add(text);
    if (rest.length && !echo)
      this.rows.push({ type: "said", key, spanId, depth, role: message.role, parts: rest, final, ...(earlier ? { earlier } : {}) });
    for (const [at, call] of calls.entries()) {
      this.rows.push({ type: "tool", key: `${key}/${at}`, spanId, depth, span: null, call, result: this.resultFor(call) });
    }
  }

  private lastSaid(): readonly Part[] {
    const last = this.rows.at(-1);
    return last?.type === "said" ? last.parts : [];
  }

  /** What was said by spans that are not here: they came as log records only, or lie beyond what is loaded. */
  private strangers(): void {
    const known = new Set(this.spans.map((span) => span.span_id));
    for (const [spanId, reads] of this.bySpan) {
      if (!known.has(spanId)) for (const read of reads) this.say(spanId, read, 0, false);
    }
  }
}

function textOf(parts: readonly Part[]): string {
  return parts
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("\n")
    .trim();
}

function resultKey(part: Pick<CallPart, "id" | "name">): string {
  return part.id ? `id ${part.id}` : `name ${part.name}`;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The agent's name, else the span's. */
export function nameOf(span: StorySpan): string {
  return span.agent || span.name;
}

export function toolOf(span: StorySpan): string {
  return span.tool || span.name;
}

const PLAIN = new Set(["chain", "span"]);

/** The name that a model asks for this by: a tool's; of a hand-over to another agent, which is no tool, that of the call which makes it. Empty: by none. */
function askedAs(span: StorySpan): string {
  if (TOOLS.has(span.kind)) return toolOf(span);
  if (!PLAIN.has(span.kind)) return "";
  if (/^transfer_(?:back_)?to_/.test(span.tool)) return span.tool;
  const [, agent] = /\bhand-?off\b/i.test(span.name) ? (/(?:\bto |→|->)\s*(.+?)(?:\.handoff)?$/.exec(span.name) ?? []) : [];
  return agent ? `transfer_to_${agent.replaceAll(/[^a-z0-9]/gi, "_").toLowerCase()}` : ""; // as the OpenAI Agents SDK makes it
}

/** Rows without those inside the folded agents. */
export function unfolded(rows: readonly StoryRow[], spans: readonly StorySpan[], folded: ReadonlySet<string>): readonly StoryRow[] {
  if (!folded.size) return rows;
  const at = new Map(spans.map((span) => [span.span_id, span.row]));
  const hidden = spans.filter((span) => folded.has(span.span_id)).map((span) => [span.row, span.row + span.descendants] as const);
  return rows.filter((row) => {
    const own = at.get(row.spanId) ?? -1;
    return !hidden.some(([first, last]) => own >= first && own <= last && !(row.type === "agent" && own === first));
  });
}

/** Whether the playhead stops here: at all that is said, used or done, and at calls of which nothing else tells. */
export function isStep(row: StoryRow): boolean {
  if (row.type === "agent") return false;
  return row.type !== "call" || row.repeats || row.silent || row.span.status === "error";
}

/** The next row that is a step of the playhead. */
export function stepFrom(rows: readonly StoryRow[], from: number, by: 1 | -1): number {
  for (let at = from + by; at >= 0 && at < rows.length; at += by) {
    const row = rows[at];
    if (row && isStep(row)) return at;
  }
  return from;
}

/** Whether a story begins without what was asked. */
export function lacksOpening(story: Story): boolean {
  if (!story.spoken) return false;
  for (const row of story.rows) {
    if (row.type === "said" && row.role === "user") return false;
    if (row.type === "tool" || (row.type === "said" && row.role === "assistant" && !row.earlier)) return true;
  }
  return true;
}

/** The story with the question that it begins with, where that was first said in an earlier trace of the session. */
export function withOpening(story: Story, spanId: string, parts: readonly Part[]): Story {
  const opening: StoryRow = { type: "said", key: `${spanId}/opening`, spanId, depth: 0, role: "user", parts, final: false, earlier: true };
  const at = story.rows[0]?.type === "agent" ? 1 : 0;
  return { ...story, rows: [...story.rows.slice(0, at), opening, ...story.rows.slice(at)] };
}
