import { describe, expect, it } from "vitest";
import { messageText } from "./message-text";

const body = (...parts: unknown[]) => JSON.stringify({ role: "assistant", parts });

describe("a message as plain text", () => {
  it("tells its words, thoughts, calls and results, one a paragraph", () => {
    const text = messageText(
      body(
        { type: "reasoning", content: "hm" },
        { type: "text", content: "Yes." },
        { type: "tool_call", name: "add", arguments: "1, 2" },
        { type: "tool_call_response", response: "3" },
      ),
      "",
    );
    expect(text).toBe("Thought: hm\n\nYes.\n\n→ add(1, 2)\n\n3");
  });

  it("tells parts that it does not know as they are", () => {
    expect(messageText(body({ type: "uri", uri: "x" }), "")).toContain('"uri": "x"');
  });

  it("tells the fallback where there is nothing to read", () => {
    for (const broken of ["", "null", "7", "{", body(), '{"parts":"x"}']) expect(messageText(broken, "fallback")).toBe("fallback");
  });
});
