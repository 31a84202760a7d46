import { expect, test } from "vitest";
import { isWasteful, loopsInOrder, loopsNote, loopWord, roundWords, shareOf, spentWords } from "./waste";

const use = { calls: 5, errors: 0, comparable: 5, repeated: 0, judged: 0, unread: 0, found: [] };
const loop = {
  rule: "loop",
  running: false,
  rounds: 8,
  calls: ["a"],
  run_calls: 20,
  run_tokens: 0,
  spent_usd: 0,
  spent_since_usd: 0,
  cost_usd: null,
};

test("what nothing is known of has no share, and is no waste", () => {
  expect(isWasteful(use)).toBe(false);
  expect([{ errors: 1 }, { repeated: 1 }, { unread: 1 }, { found: [{ rule: "x" }] }].every((more) => isWasteful({ ...use, ...more }))).toBe(
    true,
  );
  expect(shareOf(0, 0)).toBeNull();
  expect(shareOf(1, 4)).toMatch(/^25.?%$/);
});

test("a run in circles tells what it does and what it spent, the most that is known", () => {
  expect(["loop", "retries", "odd\u202e"].map((rule) => loopWord({ rule }))).toEqual(["Loop", "Retry storm", "odd\\u202e"]);
  expect(roundWords({ calls: ["a", "b", "c", "d", "e"] })).toBe("a → b → c → d …");
  expect(roundWords({ calls: [] })).toBe("not told");
  expect(spentWords(loop)).toBe("20 calls");
  expect(spentWords({ ...loop, run_tokens: 1200 })).toMatch(/tokens$/);
  expect(spentWords({ ...loop, spent_usd: 1, cost_usd: 2 })).toBe(spentWords({ ...loop, cost_usd: 2 }));
});

test("those that go on stand first", () => {
  const going = { ...loop, running: true, spent_since_usd: 0.5 };
  expect(loopsInOrder([loop, going])).toEqual([going, loop]);
  expect(loopsNote([loop, going])).toMatch(/^1 now, \$0\.50.* since/);
  expect([loopsNote([]), loopsNote([loop])]).toEqual(["", "none now"]);
});
