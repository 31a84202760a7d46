import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Live, type LiveState, watchLive } from "./live";
import type { LiveFrame } from "./live-frames";

class Line {
  static all: Line[] = [];
  sent: object[] = [];
  onopen = null;
  onerror = null;
  onmessage: ((message: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  constructor(readonly address: string) {
    Line.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.breaks();
  }
  breaks() {
    this.onclose?.({} as CloseEvent);
  }
  says(...frames: object[]) {
    this.onmessage?.({ data: JSON.stringify(frames) } as MessageEvent);
  }
}

let states: LiveState[];
let frames: LiveFrame[];
let live: Live;
const line = () => Line.all.at(-1) ?? expect.unreachable();
const state = () => states.at(-1) ?? expect.unreachable();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", { href: "https://spy.example/live" });
  Line.all = [];
  states = [];
  frames = [];
  const listener = { onFrames: (more: readonly LiveFrame[]) => frames.push(...more), onState: (next: LiveState) => states.push(next) };
  live = watchLive({ project: "shop", kind: ["span", "event"] }, listener, (address) => new Line(address) as unknown as WebSocket);
});

afterEach(() => {
  live.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what is wanted stands in the address, over the page's own kind of line", () =>
  expect(line().address).toBe("wss://spy.example/events/stream?project=shop&kind=span&kind=event"));

test("a broken line comes back after the last frame", () => {
  line().says({ type: "hello", cursor: "a1" }, { type: "span", cursor: "a2" });
  line().breaks();
  expect(state().status).toBe("waiting");
  vi.advanceTimersByTime(1000);
  expect(Line.all).toHaveLength(2);
  expect(line().address).toContain("cursor=a2");
});

test("tries get rarer until one succeeds", () => {
  for (let tries = 0; tries < 6; tries++) {
    line().breaks();
    vi.advanceTimersByTime(15_000);
  }
  line().breaks();
  expect((state().retryAtMs ?? 0) - Date.now()).toBeGreaterThan(7000);
  vi.advanceTimersByTime(15_000);
  line().says({ type: "hello", cursor: "a" });
  line().breaks();
  expect((state().retryAtMs ?? 0) - Date.now()).toBeLessThanOrEqual(500);
});

test("losses are added up by reason, and one that nobody counted is no number", () => {
  line().says({ type: "hello", cursor: "a" }, { type: "lost", reason: "rate", count: 40 }, { type: "lost", reason: "rate", count: 2 });
  line().says({ type: "lost", reason: "expired", count: null }, { type: "lost", reason: "expired", count: 3 });
  expect(state().lost).toEqual({ rate: 42, expired: null });
});

test("a silent line is given up", () => {
  line().says({ type: "hello", cursor: "a" });
  vi.advanceTimersByTime(60_000);
  expect(Line.all.length).toBeGreaterThan(1);
});

test("a line that does not come about is given up sooner", () => {
  vi.advanceTimersByTime(9000);
  expect(state().status).toBe("connecting");
  vi.advanceTimersByTime(2000);
  expect(Line.all.length).toBeGreaterThan(1);
});

test("a pause outlives a broken line", () => {
  line().says({ type: "hello", cursor: "a" });
  live.pause();
  line().breaks();
  vi.advanceTimersByTime(1000);
  line().says({ type: "hello", cursor: "a" });
  expect(line().sent).toEqual([{ type: "pause" }]);
  expect(state().status).toBe("paused");
});

test("a wish made before the line stands is sent when it does", () => {
  live.subscribe({ project: "shop", query: "is:error" });
  line().says({ type: "hello", cursor: "a" });
  expect(line().sent).toEqual([{ type: "subscribe", project: "shop", query: "is:error" }]);
});

test("what is not understood is told, with its column", () => {
  line().says({ type: "hello", cursor: "a" }, { type: "error", code: "query_invalid", detail: "unknown field", column: 9 });
  expect(state().problem).toEqual({ detail: "unknown field", column: 9, suggestion: null });
});

test("nonsense is no frame", () => {
  line().onmessage?.({ data: "<html>" } as MessageEvent);
  line().says({ type: "unheard-of" });
  expect(frames).toEqual([]);
});

test("closing is final", () => {
  live.close();
  vi.advanceTimersByTime(60_000);
  expect(Line.all).toHaveLength(1);
  expect(state().status).toBe("closed");
});
