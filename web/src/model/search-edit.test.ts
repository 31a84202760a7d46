import { describe, expect, it } from "vitest";
import { chosen, chosenFields, quoteValue, toggleValue, withoutField } from "./search-edit";

describe("edits of a search text", () => {
  it("adds a condition at the end, and takes it away again", () => {
    const once = toggleValue("duration>2s", "agent", "trip writer");
    expect(once).toBe('duration>2s agent:"trip writer"');
    expect(toggleValue(once, "agent", "trip writer")).toBe("duration>2s");
  });

  it("adds a value beside those that may be", () => {
    expect(toggleValue("agent:a refund", "agent", "b,c")).toBe('agent:a,"b,c" refund');
    expect(toggleValue('agent:a,"b,c" refund', "agent", "a")).toBe('agent:"b,c" refund');
  });

  it("excludes, and a value is never both", () => {
    expect(toggleValue("kind:llm", "kind", "llm", true)).toBe("-kind:llm");
    expect(toggleValue("-kind:llm", "kind", "tool", true)).toBe("-kind:llm,tool");
    expect(toggleValue("-kind:llm,tool", "kind", "tool")).toBe("-kind:llm kind:tool");
  });

  it("reads what is written in other ways", () => {
    expect(chosen('env:prod service.name="my shop" kind!=tool', "environment")).toEqual({ only: ["prod"], not: [] });
    expect(chosenFields('env:prod service.name="my shop" kind!=tool')).toEqual(["environment", "service", "kind"]);
    expect(chosen("kind!=tool", "kind")).toEqual({ only: [], not: ["tool"] });
    expect(toggleValue("kind!=tool a", "kind", "tool", true)).toBe("a");
  });

  it("keeps what it does not understand", () => {
    for (const text of [
      "tool under agent:a",
      "not agent:a",
      "agent:a* -agent:b*",
      "(agent:a or kind:tool)",
      "agent:(a or b)",
      'agent:"a',
    ]) {
      expect(chosen(text, "agent")).toEqual({ only: [], not: [] });
      expect(toggleValue(text, "status", "error").startsWith(text)).toBe(true);
      expect(toggleValue(toggleValue("kind:llm", "status", "error"), "status", "error")).toBe("kind:llm");
    }
  });

  it("puts alternatives in brackets before it adds", () => {
    expect(toggleValue("is:error or cost>1", "agent", "a")).toBe("(is:error or cost>1) agent:a");
    expect(toggleValue("(is:error or cost>1) agent:a", "agent", "a")).toBe("(is:error or cost>1)");
  });

  it("leaves no lonely and behind", () => {
    expect(toggleValue("kind:tool and status:error", "status", "error")).toBe("kind:tool");
    expect(toggleValue("kind:tool and status:error", "kind", "tool")).toBe("status:error");
    expect(withoutField("a -kind:x and kind:y b", "kind")).toBe("a b");
  });

  it("quotes what is not plain, and reads it back", () => {
    for (const value of [
      "a",
      "gpt-4o",
      "x y",
      'say "hi"',
      "a\\b",
      "or",
      "1..5",
      "a*b",
      "-x",
      "a:b",
      "(b)",
      "",
      "ü",
      "http://x/y?z=1",
      ">1",
    ]) {
      expect(chosen(`agent:${quoteValue(value)}`, "agent").only.join("|")).toBe(value);
    }
    expect(quoteValue("gpt-4o")).toBe("gpt-4o");
  });
});
