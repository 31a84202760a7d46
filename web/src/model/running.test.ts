import { expect, test } from "vitest";
import { isStalled, runningOf } from "./running";

const run = (id: string, trace_id: string, start: string, status = "running") => ({
  id,
  trace_id,
  agent: id,
  name: "",
  start,
  status,
  session_id: "",
});
const step = (name: string, start: string, pending: boolean) => ({ trace_id: "t", name, kind: "llm", start, duration_ns: 2e9, pending });

test("one line for each trace, with its last step and when it was heard of", () => {
  const runs = [
    run("inner", "t", "2026-01-01T00:00:05Z"),
    run("outer", "t", "2026-01-01T00:00:00Z"),
    run("done", "u", "2026-01-01T00:00:00Z", "ok"),
  ];
  const [one, ...rest] = runningOf(runs, [step("chat", "2026-01-01T00:00:06Z", false), step("search", "2026-01-01T00:00:07Z", true)], []);
  expect(rest).toEqual([]);
  expect(one).toMatchObject({ id: "outer", agents: ["outer", "inner"], last: { name: "search" }, spend: null });
  expect(one?.heardMs).toBe(Date.parse("2026-01-01T00:00:08Z"));
});
test("silence of more than a minute is a stall", () => {
  expect([isStalled({ heardMs: 0 }, 60_000), isStalled({ heardMs: 0 }, 60_001)]).toEqual([false, true]);
});
