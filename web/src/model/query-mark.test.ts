import { expect, test } from "vitest";
import { markAt } from "./query-mark";

test.each([
  ["is:error knd:llm", 10, "is:error |knd|:llm"],
  ["a:(b", 5, "a:(b| |"],
  ["🔥 knd:x", 3, "🔥 |knd|:x"],
  ["", 1, "| |"],
  ["a", 99, "a| |"],
])("%s is marked at column %d", (query, column, told) => {
  const { before, wrong, after } = markAt(query, column);
  expect(`${before}|${wrong}|${after}`).toBe(told);
});
