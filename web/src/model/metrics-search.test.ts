import { expect, it } from "vitest";
import { shownName, typeName, unitName } from "./metrics-search";

it("a name that nobody could see is shown in quotation marks", () => {
  expect(shownName("  ")).toBe('"  "');
  expect(shownName("queue.depth")).toBe("queue.depth");
});

it("type and unit are words", () => {
  expect(typeName("exponential_histogram")).toBe("Exponential histogram");
  expect([unitName("{job}"), unitName("1"), unitName(" "), unitName("ms")]).toEqual([", in job", "", "", ", in ms"]);
});
