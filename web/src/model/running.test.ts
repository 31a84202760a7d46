import { expect, test } from "vitest";
import { runningOf } from "./running";

const run = (id: string, parent_id: string, second: number, status = "running") => ({
  id,
  parent_id,
  agent: id,
  name: "",
  start: `2026-01-01T00:00:0${second}Z`,
  status,
});

test("one line for each that none is above, oldest first, with those below it", () => {
  const lines = runningOf([run("late", "", 9), run("inner", "outer", 5, "stalled"), run("outer", "unknown", 1)]);
  expect(lines.map((line) => [line.run.id, line.agents, line.stalled])).toEqual([
    ["outer", ["outer", "inner"], 1],
    ["late", ["late"], 0],
  ]);
});
test("runs that say to be below each other are told all the same", () => {
  expect(runningOf([run("a", "b", 1), run("b", "a", 2)]).flatMap((line) => line.agents)).toContain("a");
});
