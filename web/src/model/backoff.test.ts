import { expect, test } from "vitest";
import { backoffMs } from "./backoff";

test("waits double", () => expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, 1))).toEqual([500, 1000, 2000, 4000]));
test("and are bounded", () => expect(backoffMs(500, 1)).toBe(15_000));
test("chance spreads over the upper half", () => expect([backoffMs(1, 0), backoffMs(1, 0.5)]).toEqual([500, 750]));
