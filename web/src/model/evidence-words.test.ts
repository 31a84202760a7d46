import { describe, expect, it } from "vitest";
import { process } from "./evidence-example";
import { because, commandOf, didOf, ending, programOf, visible } from "./evidence-words";

describe("evidence in words", () => {
  it("hides nothing: what is invisible or turns the direction is written out", () => {
    expect(visible("a\nb\u202e\u0000c")).toBe("a\\nb\\u202e\\u0000c");
    expect(commandOf(process("h/1", null, 0, { argv: ["cat", "it's <b>\nhere"] }))).toBe("cat 'it'\\''s <b>\\nhere'");
    expect(programOf(process("h/1", null, 0, { argv: ["/usr/bin/git", "log"] }))).toBe("git");
  });

  it("says how it ended and why it belongs to a span", () => {
    expect(ending(process("h/1", null, 0, { end: 1, code: 2 }))).toBe("exit 2");
    expect(ending(process("h/1", null, 0))).toBe("was not seen to end");
    expect(because({ span_id: "s", confidence: 0.97, reason: "told" })).toContain("told");
    expect(because(null)).toBe("no span accounts for it");
    expect([didOf("file.write"), didOf("x.some_thing")]).toEqual(["wrote", "some thing"]);
  });
});
