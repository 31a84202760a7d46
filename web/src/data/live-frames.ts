/** Frames of the live tail, as docs/live.md has them. Types this file does not know are left out by `readFrames`. */
export interface RecordFrame {
  readonly type: "span" | "event" | "point";
  readonly cursor: string;
  readonly id: string | null;
  readonly time: string;
  readonly project: string;
  readonly name: string;
  readonly service: string;
  readonly agent: string;
  readonly session_id: string;
  readonly model: string;
  readonly tool: string;
  readonly summary: string;
  readonly kind?: string;
  readonly status?: string;
  readonly severity?: string;
  readonly error_type?: string;
  readonly trace_id?: string | null;
  readonly span_id?: string | null;
  readonly parent_span_id?: string | null;
  readonly pending?: boolean;
  readonly plumbing?: boolean;
  readonly duration_ns?: number | null;
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cost_usd?: number | null;
  readonly source?: string;
  readonly execution_id?: string;
  readonly metric_type?: string;
  readonly unit?: string;
  readonly value?: number | null;
  readonly count?: number | null;
  readonly sum?: number | null;
  readonly row?: Readonly<Record<string, unknown>>;
  readonly truncated?: boolean;
}

export interface Figures {
  readonly count: number;
  readonly errors: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
}

export interface WindowFrame {
  readonly type: "window";
  readonly cursor: string;
  readonly from: string;
  readonly to: string;
  readonly total: Figures;
  readonly groups: readonly (Figures & Readonly<Record<string, unknown>>)[];
}

export interface LostFrame {
  readonly type: "lost";
  readonly reason: "rate" | "slow" | "server" | "expired";
  readonly count: number | null;
  readonly since?: string;
  readonly until?: string;
}

export interface ErrorFrame {
  readonly type: "error";
  readonly code: string;
  readonly detail: string;
  readonly column?: number;
  readonly suggestion?: string;
}

export interface ControlFrame {
  readonly type: "hello" | "subscribed" | "paused" | "resumed" | "heartbeat" | "pong";
  readonly cursor?: string | null;
  readonly time?: string;
  readonly query?: string;
}

export type LiveFrame = RecordFrame | WindowFrame | LostFrame | ErrorFrame | ControlFrame;

const TYPES: ReadonlySet<string> = new Set<LiveFrame["type"]>([
  ...(["span", "event", "point", "window", "lost", "error"] as const),
  ...(["hello", "subscribed", "paused", "resumed", "heartbeat", "pong"] as const),
]);

/** The frames of a message; nothing where it is not one of ours. */
export function readFrames(text: unknown): readonly LiveFrame[] {
  if (typeof text !== "string") return [];
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(told) ? told.filter(isFrame) : [];
}

function isFrame(value: unknown): value is LiveFrame {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && TYPES.has(value.type);
}

export function isRecord(frame: LiveFrame): frame is RecordFrame {
  return frame.type === "span" || frame.type === "event" || frame.type === "point";
}
