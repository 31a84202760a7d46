import { environmentManager, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { passes, waitMs, whileFirst, whileKnown } from "./again";
import { ApiError, problemOf } from "./problem";

const EVERY_MS = 5000;

environmentManager.setIsServer(() => false); // no question is put again and again on a server
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** How often a question was put that is asked again and again, and what is known of it, after a minute. */
async function minute(answer: () => Promise<string>) {
  const client = new QueryClient();
  const asked = vi.fn(answer);
  const seen = new QueryObserver(client, {
    queryKey: ["one"],
    queryFn: asked,
    retry: passes,
    retryDelay: waitMs,
    refetchInterval: whileKnown(EVERY_MS),
  });
  const stop = seen.subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  const { status } = seen.getCurrentResult();
  stop();
  client.clear();
  return { asked: asked.mock.calls.length, status };
}

test("what cannot be had stays told: it does not turn into what is on its way", async () => {
  const busy = () => Promise.reject(new ApiError(503, "refused", "too busy just now"));
  expect(await minute(busy)).toMatchObject({ asked: 4, status: "error" });
});

test("who says when to come back is left alone until then", async () => {
  const answer = (after: string) => new Response("{}", { status: 503, headers: { "retry-after": after } });
  const rests = async (after: string) => waitMs(0, await problemOf(answer(after)));
  const waits = await Promise.all(["5", "0", "86400", "Wed, 21 Oct 2026 07:28:00 GMT"].map(rests));
  expect(waits).toEqual([5000, 500, 30_000, 500].map((least) => expect.toSatisfy((ms: number) => ms >= least && ms <= least * 1.5)));
});

test("questions that failed together are not put again together", () => {
  const waits = new Set(Array.from({ length: 20 }, () => waitMs(3)));
  expect(waits.size).toBeGreaterThan(10);
});

test("who waited in vain for as long as one may is told at once", async () => {
  const late = () => Promise.reject(new ApiError(0, "timeout", "the server did not answer within 60 s"));
  expect(await minute(late)).toMatchObject({ asked: 1, status: "error" });
});

test("what comes by pages is asked for again while only the first is there", () => {
  const known = (pages: number) => whileFirst(EVERY_MS)({ state: { data: { pages: Array(pages).fill(0) } } });
  expect([whileFirst(EVERY_MS)({ state: { data: undefined } }), known(1), known(2)]).toEqual([false, EVERY_MS, false]);
});

test("what is known is asked for again", async () => {
  const { asked, status } = await minute(() => Promise.resolve("known"));
  expect(status).toBe("success");
  expect(asked).toBeGreaterThan(10);
});
