import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";
import { outlineQuery } from "./outline";

const TRACE = "0".repeat(31);
const COLUMNS = [
  "span_id",
  "depth",
  "descendants",
  "start_ns",
  "duration_ns",
  "self_ns",
  "input_tokens",
  "output_tokens",
  "cost_usd",
  "flags",
];
const TEXTS = ["name", "kind", "service", "agent", "model", "tool"];

/** The outline of a trace of so many spans beside each other. */
function outline(spans: number) {
  const columns = [...COLUMNS, ...TEXTS].map((name) => [
    name,
    Array.from({ length: spans }, (_, at) => (name === "span_id" ? String(at) : 0)),
  ]);
  return { total: spans, begin: "2026-01-01T00:00:00Z", names: [""], flag_names: [], ...Object.fromEntries(columns) };
}

/** A server whose trace has as many spans as it is told; who has its answer is told that it is still the same. */
function serve() {
  const server = { spans: 1 };
  vi.stubGlobal("fetch", async (_: string, { headers }: RequestInit) => {
    const tag = `W/"${server.spans}"`;
    const same = new Headers(headers).get("if-none-match") === tag;
    return new Response(same ? null : JSON.stringify(outline(server.spans)), { status: same ? 304 : 200, headers: { etag: tag } });
  });
  return server;
}

afterEach(() => vi.unstubAllGlobals());

test("a tree without news is the one that is drawn", async () => {
  const server = serve();
  const client = new QueryClient();
  const ask = () => client.fetchQuery(outlineQuery("shop", `${TRACE}1`));
  const first = await ask();
  expect(await ask()).toBe(first);
  server.spans = 2;
  expect((await ask()).rows.length).toBe(2);
});

test("news are of the time at which they came, and what was there before of its own", async () => {
  const server = serve();
  const client = new QueryClient();
  const ask = () => client.fetchQuery(outlineQuery("shop", `${TRACE}2`));
  const beganMs = Date.parse("2026-01-01T00:00:00Z");
  expect(Math.round((await ask()).newsMs)).toBe(beganMs);
  server.spans = 2;
  expect((await ask()).newsMs).toBeGreaterThan(beganMs + 60_000);
});
