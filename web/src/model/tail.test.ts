import { expect, test } from "vitest";
import { arrived, EMPTY_TAIL, rate, resumed, type Tail } from "./tail";

const empty: Tail<number> = EMPTY_TAIL;

test("the newest is first, and what waits comes on top when it goes on", () => {
  const paused = arrived(arrived(empty, [1, 2], false), [3, 4], true);
  expect(paused).toEqual({ shown: [2, 1], held: [4, 3], dropped: 0 });
  expect(resumed(paused).shown).toEqual([4, 3, 2, 1]);
});
test("it is bounded, and what is not kept is counted", () => {
  const many = Array.from({ length: 2100 }, (_, at) => at);
  expect(arrived(empty, many, false).shown).toHaveLength(2000);
  expect(arrived(empty, many, true)).toMatchObject({ dropped: 100 });
});
test("the rate looks back five seconds", () => {
  expect(
    rate(
      [
        { atMs: 0, count: 100 },
        { atMs: 6000, count: 10 },
      ],
      10_000,
    ),
  ).toBe(2);
});
