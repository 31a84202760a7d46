import { expect, test } from "vitest";
import { waitingWords } from "./waiting";

const NOW = 1_000_000;
const since = (seconds: number, failed: string | null = null) => ({ sinceMs: NOW - seconds * 1000, failed });

test("what is answered soon is not spoken of", () => {
  expect(waitingWords([], NOW)).toBe("");
  expect(waitingWords([since(2), since(3, "too busy just now")], NOW)).toBe("");
});

test("the longest wait is told", () => expect(waitingWords([since(9), since(12)], NOW)).toBe("Waiting for the server for 10 s"));

test("why it takes long is told, where the server said so", () =>
  expect(waitingWords([since(12), since(9, "too busy just now")], NOW)).toBe("Asked again by itself, for 10 s now: too busy just now"));
