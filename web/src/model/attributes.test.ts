import { describe, expect, it } from "vitest";
import { attributeLines, valueText } from "./attributes";
import { messageText } from "./message-text";

describe("attributes as lines", () => {
  it("come by name, with their types, found in name and value", () => {
    const attributes = { "b.two": 2, "a.one": "Hello", list: ["x"] };
    expect(attributeLines(attributes).map((line) => [line.key, line.type])).toEqual([
      ["a.one", "text"],
      ["b.two", "integer"],
      ["list", "list"],
    ]);
    expect(attributeLines(attributes, "hell").map((line) => line.key)).toEqual(["a.one"]);
    expect(attributeLines(attributes, "TWO").map((line) => line.key)).toEqual(["b.two"]);
  });

  it("indent text that is JSON and leave the rest as it is", () => {
    expect(valueText('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(valueText("{not json")).toBe("{not json");
  });
});

describe("a message as text", () => {
  it("has its words and what it calls", () => {
    const body = JSON.stringify({
      parts: [
        { type: "text", content: "Hi" },
        { type: "tool_call", name: "find", arguments: { id: 1 } },
      ],
    });
    expect(messageText(body, "")).toBe('Hi\n\n→ find({\n  "id": 1\n})');
  });

  it("falls back on its plain text where the body says nothing", () => {
    expect(messageText("", "as it came")).toBe("as it came");
    expect(messageText('{"parts": 3}', "as it came")).toBe("as it came");
  });
});
