import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { begin } from "./client";
import { traceOf } from "./first-page";
import { outlineQuery } from "./queries/outline";
import { storySpansQuery } from "./queries/story-spans";
import { traceQuery } from "./queries/trace";
import { isAwaited } from "./stored-soon";

const ID = "a".repeat(32);
const NOT_YET = () => new Response(JSON.stringify({ code: "not_found", detail: "there is no such trace" }), { status: 404 });
const THERE = () => new Response(JSON.stringify({ trace: { trace_id: ID }, items: [], next_offset: null }));
let client: QueryClient;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient();
});
afterEach(() => {
  client.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The first so many answers are 404; gives how often was asked. */
function missingFor(times: number): () => number {
  let asked = 0;
  vi.stubGlobal("fetch", async () => (asked++ < times ? NOT_YET() : THERE()));
  return () => asked;
}

describe("a trace that was just seen live", () => {
  test("is asked for again until it is stored, and meanwhile it is awaited", async () => {
    missingFor(3);
    const seen = new QueryObserver(client, traceQuery("default", ID, 1));
    const stop = seen.subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(300);
    expect(isAwaited(seen.getCurrentResult())).toBe(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen.getCurrentResult()).toMatchObject({ status: "success", failureReason: null });
    stop();
  });

  test("that never comes is told of after three seconds", async () => {
    const asked = missingFor(Infinity);
    const seen = new QueryObserver(client, outlineQuery("default", ID));
    const stop = seen.subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(2900);
    expect(seen.getCurrentResult().isError).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(seen.getCurrentResult().isError).toBe(true);
    expect(isAwaited(seen.getCurrentResult())).toBe(false);
    expect(asked()).toBe(7);
    stop();
  });

  test("is asked for again also when the request began before the page was there", async () => {
    missingFor(1);
    begin("/api/v1/traces/{trace_id}", traceOf("default", ID, 400));
    const answer = client.fetchQuery(traceQuery("default", ID, 400));
    await vi.advanceTimersByTimeAsync(300);
    expect((await answer).trace.trace_id).toBe(ID);
  });

  test("has a story as soon as it is stored", async () => {
    missingFor(2);
    const story = client.fetchInfiniteQuery(storySpansQuery("default", ID));
    await vi.advanceTimersByTimeAsync(600);
    expect((await story).pages).toHaveLength(1);
  });
});
