import { expect, test } from "vitest";
import { longestWords, patternParts, patternQuery } from "./pattern";

test("a pattern is drawn in words and masks", () => {
  expect(patternParts("took <n> ms")).toEqual([
    { text: "took ", mask: false },
    { text: "<n>", mask: true },
    { text: " ms", mask: false },
  ]);
  expect(patternParts("<b>bold</b>")).toEqual([{ text: "<b>bold</b>", mask: false }]);
});

test("a pattern is found by its longest stretch of whole words", () => {
  expect(longestWords("order o-<n> of customer_<n> was sent")).toBe("of customer");
  expect(longestWords("abc<n>def")).toBe("");
  expect(patternQuery("", 'tool <text> failed: "no" way', "")).toBe('body:"failed no way"');
  expect(patternQuery("severity:error", "<n>", "retry")).toBe("severity:error event_name:retry");
  expect(patternQuery("event_name:retry", "a b", "retry")).toBe('event_name:retry body:"a b"');
});
