import { expect, test } from "vitest";
import { ageNs, choicesOf, countsOf, isGoing, readExecutionsSearch } from "./execution";

test("an address gives the statuses that exist, in their order, and says the same when it is read again", () => {
  const read = readExecutionsSearch({ status: "failed,running,nonsense", agent: "planner", query: "" });
  expect(read).toEqual({ status: ["failed", "running"], agent: "planner" });
  expect(readExecutionsSearch({ ...read })).toEqual(read);
});
test("only what goes on grows older", () => {
  expect([ageNs({ status: "running", duration_ns: 5e9 }, 1000), ageNs({ status: "failed", duration_ns: 5e9 }, 1000)]).toEqual([6e9, 5e9]);
  expect(["created", "stalled", "abandoned"].map(isGoing)).toEqual([true, true, false]);
});
test("statuses are counted, and names to choose from hold the chosen one", () => {
  expect([...countsOf([{ status: "failed", count: 2 }])]).toEqual([["failed", 2]]);
  expect(choicesOf(["b", "", "b"], "a")).toEqual(["a", "b"]);
});
