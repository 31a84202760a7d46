import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addressOf, begin, get } from "./client";
import { type ApiError, asApiError } from "./problem";

afterEach(() => vi.unstubAllGlobals());

const answers = (status: number, body: string) => vi.stubGlobal("fetch", async () => new Response(body, { status }));
const failure = (): Promise<ApiError> => get("/api/v1/projects").then(() => expect.unreachable(), asApiError);

describe("addresses", () => {
  test("names in the path are filled in and escaped", () =>
    expect(addressOf("/api/v1/traces/{trace_id}", { trace_id: "a/b" }, {})).toBe("/api/v1/traces/a%2Fb"));
  test("what is not set is left out, lists are repeated", () =>
    expect(addressOf("/x", {}, { query: "", limit: 0, group_by: ["model", "agent"], cursor: undefined })).toBe(
      "/x?limit=0&group_by=model&group_by=agent",
    ));
});

describe("failures", () => {
  test("a problem keeps its code and column", async () => {
    answers(400, JSON.stringify({ code: "query_invalid", detail: "column 9: unknown field", column: 9, suggestion: "kind" }));
    expect(await failure()).toMatchObject({ status: 400, code: "query_invalid", column: 9, suggestion: "kind", passing: false });
  });

  test("a page of a proxy is told by its status", async () => {
    answers(502, "<html>Bad gateway</html>");
    expect(await failure()).toMatchObject({ status: 502, code: "unreadable", passing: true });
  });

  test("an answer that was cut is an error, which may pass", async () => {
    answers(200, '{"items": [');
    expect(await failure()).toMatchObject({ code: "unreadable", passing: true });
  });

  test("nobody at home may pass", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("failed to fetch")));
    expect(await failure()).toMatchObject({ code: "unreachable", passing: true });
  });
});

describe("a slow connection", () => {
  /** An answer that begins at once and goes on after so long. */
  const slowly = (afterMs: number) =>
    vi.stubGlobal("fetch", async (_: string, { signal }: RequestInit) => {
      const parts = new TransformStream<Uint8Array, Uint8Array>();
      const writer = parts.writable.getWriter();
      signal?.addEventListener("abort", () => void writer.abort(signal.reason));
      const write = (text: string) => writer.write(new TextEncoder().encode(text));
      void write('{"items": [').then(() => setTimeout(() => void write("1]}").then(() => writer.close()), afterMs));
      return new Response(parts.readable);
    });
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("an answer that began is waited for", async () => {
    slowly(100_000);
    const answer = get("/api/v1/projects");
    await vi.advanceTimersByTimeAsync(100_000);
    expect(await answer).toEqual({ items: [1] });
  });

  test("one that does not begin is given up, and that is said", async () => {
    vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) => new Promise((_go, fail) => signal?.addEventListener("abort", fail)));
    const answer = failure();
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await answer).toMatchObject({ code: "timeout", message: expect.stringContaining("did not answer") });
  });

  test("so is one that does not end", async () => {
    vi.stubGlobal("fetch", async () => ({ ok: true, json: () => Promise.reject(new DOMException("late", "TimeoutError")) }));
    expect(await failure()).toMatchObject({ code: "timeout", message: expect.stringContaining("was not there") });
  });
});

describe("requests that begin early", () => {
  const asking = { query: { from: "-1h" } } as const;

  test("the first asker of the same is given the answer, the next one asks anew", async () => {
    let asked = 0;
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ items: [++asked] })));
    begin("/api/v1/projects", asking);
    const answers = [await get("/api/v1/projects", asking), await get("/api/v1/projects", asking)];
    expect(answers).toEqual([{ items: [1] }, { items: [2] }]);
  });

  test("a failure is told to who takes it", async () => {
    answers(502, "");
    begin("/api/v1/projects", asking);
    expect(await get("/api/v1/projects", asking).catch(asApiError)).toMatchObject({ status: 502 });
  });
});

describe("what was answered before", () => {
  /** A server that tells a tag, and says when it is still the same. */
  const tagged = (body: () => string, tag: () => string) => {
    const asked = vi.fn(async (_: string, { headers }: RequestInit) => {
      const known = new Headers(headers).get("if-none-match");
      if (known === tag()) return new Response(null, { status: 304, headers: { etag: tag() } });
      return new Response(body(), { headers: { etag: tag() } });
    });
    vi.stubGlobal("fetch", asked);
    return asked;
  };

  test("is the same object for as long as it did not change", async () => {
    let version = 1;
    tagged(
      () => JSON.stringify({ items: [version], next_cursor: null }),
      () => `W/"${version}"`,
    );
    const first = await get("/api/v1/projects");
    expect(await get("/api/v1/projects")).toBe(first);
    version = 2;
    expect(await get("/api/v1/projects")).toEqual({ items: [2], next_cursor: null });
  });

  test("is another one under another address", async () => {
    const asked = tagged(
      () => '{"items": []}',
      () => 'W/"1"',
    );
    const [one, other] = [await get("/api/v1/projects", { query: { limit: 1 } }), await get("/api/v1/projects", { query: { limit: 2 } })];
    expect(one).not.toBe(other);
    expect(asked).toHaveBeenCalledTimes(2);
  });
});
