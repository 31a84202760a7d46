/**
 * The live tail over a WebSocket: frames as they arrive; a connection that breaks comes back by itself and goes on after the last frame seen.
 * What the server could not send is counted by reason, and told.
 */
import { backoffMs } from "@/model/backoff";
import { readKey } from "./key";
import { type LiveFrame, readFrames } from "./live-frames";

/** What is wanted; docs/live.md explains each. */
export interface LiveWants {
  readonly project: string;
  readonly query?: string;
  readonly kind?: readonly ("span" | "event" | "point")[];
  readonly event_name?: readonly string[];
  readonly severity?: string;
  readonly agent?: readonly string[];
  readonly session?: readonly string[];
  readonly execution?: readonly string[];
  readonly trace?: readonly string[];
  readonly rate?: number;
  readonly burst?: number;
  readonly fields?: "lean" | "full";
  readonly window_s?: number;
  readonly group_by?: readonly string[];
}

export type LiveStatus = "connecting" | "open" | "paused" | "waiting" | "closed";

export interface LiveState {
  readonly status: LiveStatus;
  /** Frames that were not sent, by reason: rate, slow, server, expired. Null: nobody knows how many. */
  readonly lost: Readonly<Record<string, number | null>>;
  /** What the server did not understand of the wants. */
  readonly problem: { readonly detail: string; readonly column: number | null; readonly suggestion: string | null } | null;
  /** When the next try to connect is made, ms since 1970; only while `waiting`. */
  readonly retryAtMs: number | null;
}

export interface LiveListener {
  readonly onFrames: (frames: readonly LiveFrame[]) => void;
  readonly onState: (state: LiveState) => void;
}

export interface Live {
  /** Want something else from here on; what was before is forgotten. */
  readonly subscribe: (wants: LiveWants) => void;
  readonly pause: () => void;
  /** Go on after the last frame, with what was missed. */
  readonly resume: () => void;
  readonly close: () => void;
}

type Socket = Pick<WebSocket, "send" | "close" | "onopen" | "onmessage" | "onclose" | "onerror"> & { readonly readyState?: number };

const CONNECTING = 0;
const SILENCE_MS = 40_000; // the server says something at least every 15 s
const OPENS_MS = 10_000; // and at once when one connects
export const NO_STATE: LiveState = { status: "connecting", lost: {}, problem: null, retryAtMs: null };

/** Watch until `close`. `open` makes the socket; tests hand in their own. */
export function watchLive(
  first: LiveWants,
  listener: LiveListener,
  open: (address: string) => Socket = (address) => new WebSocket(address),
): Live {
  let wants = first;
  let asked = first; // what the present connection was opened with
  let state = NO_STATE;
  let socket: Socket | null = null;
  let cursor: string | null = null;
  let attempt = 0;
  let held = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;

  const tell = (change: Partial<LiveState>) => {
    state = { ...state, ...change };
    listener.onState(state);
  };

  const connect = () => {
    tell({ status: "connecting", retryAtMs: null });
    asked = wants;
    const own = open(addressOf(wants, cursor));
    socket = own;
    own.onmessage = (message) => own === socket && receive(message.data);
    own.onclose = () => own === socket && retry();
    own.onerror = null;
    wait(OPENS_MS);
  };

  const wait = (silenceMs: number) => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => drop(), silenceMs);
  };

  const drop = () => {
    const old = socket;
    retry();
    old?.close();
  };

  const retry = () => {
    clearTimeout(watchdog);
    socket = null;
    const waitMs = backoffMs(attempt, Math.random());
    attempt += 1;
    tell({ status: "waiting", retryAtMs: Date.now() + waitMs });
    timer = setTimeout(connect, waitMs);
  };

  const receive = (data: unknown) => {
    wait(SILENCE_MS);
    const frames = readFrames(data);
    for (const frame of frames) note(frame);
    if (frames.length) listener.onFrames(frames);
  };

  const note = (frame: LiveFrame) => {
    if ("cursor" in frame && frame.cursor) cursor = frame.cursor;
    if (frame.type === "hello") {
      attempt = 0;
      tell({ status: held ? "paused" : "open", problem: null });
      if (asked !== wants) say({ type: "subscribe", ...wants });
      if (held) say({ type: "pause" });
    } else if (frame.type === "subscribed" || frame.type === "resumed") tell({ status: held ? "paused" : "open", problem: null });
    else if (frame.type === "paused") tell({ status: "paused" });
    else if (frame.type === "lost")
      tell({
        lost: { ...state.lost, [frame.reason]: sum(frame.reason in state.lost ? (state.lost[frame.reason] ?? null) : 0, frame.count) },
      });
    else if (frame.type === "error")
      tell({ problem: { detail: frame.detail, column: frame.column ?? null, suggestion: frame.suggestion ?? null } });
  };

  const say = (message: object) => {
    if (socket && (state.status === "open" || state.status === "paused")) socket.send(JSON.stringify(message));
  };

  connect();
  return {
    subscribe: (next) => {
      wants = next;
      held = false;
      cursor = null;
      tell({ lost: {}, problem: null });
      say({ type: "subscribe", ...next });
    },
    pause: () => {
      held = true;
      say({ type: "pause" });
    },
    resume: () => {
      held = false;
      say({ type: "resume" });
    },
    close: () => {
      clearTimeout(timer);
      clearTimeout(watchdog);
      const old = socket;
      socket = null;
      if (old?.readyState === CONNECTING)
        old.onopen = () => old.close(); // browsers complain of one that is closed before it was open
      else old?.close();
      tell({ status: "closed", retryAtMs: null });
    },
  };
}

function sum(before: number | null, count: number | null): number | null {
  return before === null || count === null ? null : before + count;
}

function addressOf(wants: LiveWants, cursor: string | null): string {
  const address = new URL("/events/stream", globalThis.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  for (const [name, value] of Object.entries({ ...wants, cursor, api_key: readKey() })) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") address.searchParams.append(name, String(one));
    }
  }
  return address.href;
}
