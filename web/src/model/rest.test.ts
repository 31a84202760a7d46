import { expect, it } from "vitest";
import { Rest } from "./rest";

/** A page whose frames and timers come when the test says so. */
function page() {
  let nowMs = 1000;
  const frames: (() => void)[] = [];
  const timers: { atMs: number; run: () => void }[] = [];
  const rest = new Rest({
    nowMs: () => nowMs,
    frame: (run) => frames.push(run),
    later: (run, ms) => timers.push({ atMs: nowMs + ms, run }),
  });
  const frame = () => {
    for (const run of frames.splice(0)) run();
  };
  const pass = (ms: number) => {
    nowMs += ms;
    for (const due of timers.splice(0)) due.atMs <= nowMs ? due.run() : timers.push(due);
    frame();
  };
  return { rest, frame, pass, asked: () => frames.length + timers.length };
}

/** Rows that wait, and which of them went on. */
function rows(rest: Rest, count: number) {
  const went: number[] = [];
  const leave = Array.from({ length: count }, (_, at) => rest.wait(() => went.push(at)));
  return { went, leave };
}

it("lets a few go on in each frame, first come first served", () => {
  const { rest, frame } = page();
  const { went } = rows(rest, 10);
  expect(went).toEqual([]);
  frame();
  expect(went).toEqual([0, 1]);
  frame();
  frame();
  expect(went).toEqual([0, 1, 2, 3, 4, 5]);
});

it("lets nobody go on while the page moves", () => {
  const { rest, frame, pass } = page();
  const { went } = rows(rest, 5);
  rest.moved();
  frame();
  pass(100);
  rest.moved();
  pass(100);
  expect(went).toEqual([]);
  pass(50);
  expect(went).toEqual([0, 1]);
  rest.moved();
  frame();
  expect(went).toEqual([0, 1]);
});

it("forgets who left, and asks the page for nothing when nobody waits", () => {
  const { rest, frame, asked } = page();
  const { went, leave } = rows(rest, 3);
  leave[1]?.();
  frame();
  expect(went).toEqual([0, 2]);
  expect(asked()).toBe(0);
});

it("has one timer for all who wait", () => {
  const { rest, frame, asked } = page();
  rest.moved();
  rows(rest, 100);
  frame();
  expect(asked()).toBe(1);
});
