import { expect, it } from "vitest";
import { partsOf, safeLink, structured, wordsOf } from "./message";

it("only http and https are links", () => {
  expect(safeLink("https://a.example/x")).toBe("https://a.example/x");
  for (const bad of [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,x",
    "//a.example",
    "ftp://a",
    "https://",
    "vbscript:x",
    "JAVASCRIPT://%0aalert(1)",
  ]) {
    expect(safeLink(bad)).toBeUndefined();
  }
});

it("parts of any shape are kept", () => {
  const body = JSON.stringify({
    parts: [{ type: "reasoning", content: "hm" }, { type: "uri", uri: "javascript:x", modality: "image" }, { type: "new" }, 7],
  });
  expect(partsOf(body, "").map((part) => part.type)).toEqual(["thought", "media", "other"]);
  expect(partsOf("{", "as text")).toEqual([{ type: "text", text: "as text" }]);
  expect(partsOf('"x"', "")).toEqual([]);
});

it("JSON is a tree, all else is text", () => {
  expect([structured('{"a":1}'), structured("[1"), structured("12")]).toEqual([{ a: 1 }, "[1", "12"]);
});

it("a tool's answer that only wraps words is its words", () => {
  const words = { type: "text", text: "two pods" };
  expect(wordsOf({ content: [words], isError: false })).toBe("two pods");
  expect(wordsOf({ content: [words, { type: "text", text: "ready" }] })).toBe("two pods\nready");
  const more = [
    { content: [words], structuredContent: { pods: 2 } },
    { content: [words, { type: "image", data: "" }] },
    { content: [{ ...words, annotations: {} }] },
  ];
  for (const value of [...more, { content: [] }, { content: "two pods" }, [words], "two pods", null])
    expect(wordsOf(value)).toBeUndefined();
});
