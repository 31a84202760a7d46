import { expect, test } from "vitest";
import { eventLine, unfold } from "./event-text";

test("one line of whatever the body is", () => {
  expect(eventLine("a\n  b", {})).toBe("a b");
  expect(eventLine({ message: "hello", x: 1 }, {})).toBe("hello");
  expect(eventLine([1, 2], {})).toBe("[1,2]");
  expect(eventLine(null, { "exception.message": "broken" })).toBe("broken");
  expect(eventLine(undefined, {})).toBe("");
});
test("JSON in a text is unfolded, all else stays", () => {
  expect(unfold('{"a":1}')).toEqual({ a: 1 });
  expect(unfold("{not json")).toBe("{not json");
  expect(unfold(3)).toBe(3);
});
test("an evaluation says what it judged, and how", () => {
  const judged = {
    "gen_ai.evaluation.name": "helpfulness",
    "gen_ai.evaluation.score.value": 0.88,
    "gen_ai.evaluation.score.label": "good",
  };
  expect(eventLine(undefined, judged)).toBe("helpfulness good 0.88");
  expect(eventLine(null, { ...judged, "gen_ai.evaluation.explanation": "it  answers" })).toBe("helpfulness good 0.88: it answers");
  expect(eventLine("said", judged)).toBe("said");
});
