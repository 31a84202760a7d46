import { expect, test } from "vitest";
import { isProse, paragraphsOf } from "./prose";

test.each(["Which of these is cheaper?", "Two lines:\nthe second one.", "One.\n\nTwo, at 10:30 (UTC) for $3.50!", ""])(
  "%j is prose",
  (text) => expect(isProse(text)).toBe(true),
);

test.each([
  "**bold**",
  "snake_case",
  "- item",
  "text\n  1. item",
  "# Title",
  "Title\n=====",
  "Title\n---",
  "a | b",
  "    code",
  "\tcode",
  "see http://example.com",
  "see www.example.com",
  "a@example.com",
  "&amp;",
  "<b>",
  "[1]",
  "`code`",
  "~~gone~~",
  "\\*",
])("%j is read as markdown", (text) => expect(isProse(text)).toBe(false));

test("paragraphs are parted by empty lines", () => expect(paragraphsOf("one\ntwo\n\n \nthree\n")).toEqual(["one\ntwo", "three"]));
