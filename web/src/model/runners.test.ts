import { expect, test } from "vitest";
import { canStop, droppedWords, runnerStanding } from "./runners";

const RUNNER = { state: "running", level: "full", enabled: true, crashes_in_row: 0 } as const;

test("what a runner lacks says more than that it runs", () => {
  expect(runnerStanding(RUNNER)).toEqual({ state: "ok", words: "runs, sees all that it is made for" });
  expect(runnerStanding({ ...RUNNER, level: "partial" })).toEqual({ state: "warning", words: "runs, sees a part" });
  expect(runnerStanding({ ...RUNNER, state: "waiting", crashes_in_row: 2 }).words).toBe("crashed 2 times in a row, is started again");
  expect(runnerStanding({ ...RUNNER, state: "failed" }).state).toBe("error");
});

test("one that waits after a crash can be stopped, one that ended started", () => {
  expect([canStop("waiting"), canStop("ended"), canStop("failed"), canStop("hanging")]).toEqual([true, false, false, true]);
});

test("what was dropped is told by reason, most first", () => {
  expect(droppedWords({ filter: 3, too_many: 1200, none: 0 })).toBe("1.2k too many, 3 filter");
  expect(droppedWords({})).toBe("");
});
