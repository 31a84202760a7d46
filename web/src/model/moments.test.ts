import { expect, test } from "vitest";
import { beforeOf, LAST, marksOf, nsOf, placeOf, readTravelSearch } from "./moments";

const run = { start: "2026-01-01T00:00:00Z", end: "2026-01-01T00:00:09Z" };
const step = (number: number | null, second: number) => ({
  number,
  name: "search",
  time: `2026-01-01T00:00:0${second}Z`,
  duration_ns: number === null ? 5 : null,
  status: "ok",
  kind: "",
});
const snapshot = (id: string, second: number, step: number, step_name = "", has_state = true) => ({
  id,
  time: `2026-01-01T00:00:0${second}Z`,
  name: "",
  step,
  step_name,
  has_state,
});

test("a step and the snapshot that it took are one moment; others stand between, in order of time", () => {
  const marks = marksOf(
    run,
    [step(1, 2), step(2, 5)],
    [snapshot("a", 2, 1, "search"), snapshot("b", 3, 1), snapshot("c", 6, 2, "", false)],
  );
  expect(marks.map((mark) => [mark.kind, mark.kind === "begin" ? "" : mark.id, mark.state])).toEqual([
    ["begin", "", null],
    ["step", "1", "a"],
    ["snapshot", "b", "b"],
    ["step", "2", "b"],
    ["snapshot", "c", null],
    ["end", LAST, null],
  ]);
});
test("a step without a number is named by the ns of its end", () => {
  expect(marksOf(run, [step(null, 2)], [])[1]?.id).toBe(String(nsOf("2026-01-01T00:00:02.000000005Z")));
});
test("a step that is a span has a number for the list only, and is named by its end too", () => {
  const span = { ...step(1, 2), kind: "tool", duration_ns: 1e9 };
  expect(marksOf(run, [span], [snapshot("a", 2, 1, "search")]).map((mark) => mark.id)).toContain(String(nsOf("2026-01-01T00:00:03Z")));
});
test("an unknown moment is the end", () => {
  const marks = marksOf(run, [step(1, 2)], []);
  expect([placeOf(marks, "1"), placeOf(marks, "7"), placeOf(marks, undefined)]).toEqual([1, 2, 2]);
});
test("an address is read", () => {
  expect(readTravelSearch({ at: "last", against: 2, show: "nothing" })).toEqual({ against: "2" });
  expect(readTravelSearch({ at: "3", show: "memory" })).toEqual({ at: "3", show: "memory" });
});
test("a moment is compared with the one before; the end with the last other state", () => {
  const marks = marksOf(run, [step(1, 2), step(2, 5)], [snapshot("a", 2, 1, "search"), snapshot("b", 5, 2, "search"), snapshot("c", 6, 2)]);
  expect([beforeOf(marks, 0)?.id, beforeOf(marks, 2)?.id, beforeOf(marks, 4)?.id]).toEqual([undefined, "1", "2"]);
});
