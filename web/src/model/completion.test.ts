import { describe, expect, it } from "vitest";
import { type Candidates, characters, fitting, take } from "./completion";

const value = (text: string) => ({ text, kind: "value", about: "" });
const asked: Candidates = { before: "😀 agent:", start: 8, items: [value("front desk"), value("planner"), value("writer")] };

describe("completion", () => {
  it("narrows while more is typed, and ends where the word does", () => {
    expect(fitting(asked, "😀 agent:", 9).map((one) => one.text)).toEqual(["front desk", "planner", "writer"]);
    expect(fitting(asked, "😀 agent:PL", 11).map((one) => one.text)).toEqual(["planner"]);
    expect(fitting(asked, "😀 agent:pl ", 12)).toEqual([]);
    expect(fitting(asked, "agent:", 6)).toEqual([]);
    expect(fitting(null, "a", 1)).toEqual([]);
  });

  it("puts the value in quotes where it needs them, and the cursor behind it", () => {
    expect(take(asked, value("front desk"), "😀 agent:fr is:error", 11)).toEqual({ text: '😀 agent:"front desk" is:error', cursor: 21 });
    expect(take(asked, value("planner"), "😀 agent:", 9)).toEqual({ text: "😀 agent:planner ", cursor: 17 });
  });

  it("counts characters as the server does", () => {
    expect(characters("😀 a", 4)).toBe(3);
  });
});
