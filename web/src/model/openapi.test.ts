import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { curl, findOperations, operations } from "./openapi";

const all = operations(JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8")));
const one = (id: string) => all.find((operation) => operation.id === id) ?? expect.unreachable();

test("the list of traces is whole", () => {
  const traces = one("get /api/v1/traces");
  expect(traces.summary).not.toBe("");
  expect(traces.parameters.find((parameter) => parameter.name === "sort")?.type).toContain("start or duration, cost");
  expect(traces.item.map((field) => field.name)).toContain("trace_id");
});
test("what has to be given stands in the request", () =>
  expect(curl("http://h", one("get /api/v1/points"))).toBe("curl 'http://h/api/v1/points?metric=METRIC'"));
test("words find operations", () => expect(findOperations(all, "metric").map((operation) => operation.path)).toContain("/api/v1/points"));
test("nonsense has no operations", () =>
  expect([operations(null), operations({ paths: [1] })].flat().filter((operation) => operation.path === "/x")).toEqual([]));
