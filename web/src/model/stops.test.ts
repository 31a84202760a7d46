import { expect, it } from "vitest";
import { canWithdraw, stopStanding } from "./stops";

it("says how far a stop has come, and takes back only what no program has heard", () => {
  const [asked, heard, back] = [
    { heard: null, withdrawn: null },
    { heard: "2026-01-01T00:00:00Z", withdrawn: null },
    { heard: null, withdrawn: "2026-01-01T00:00:00Z" },
  ];
  expect([asked, heard, back].map((one) => stopStanding(one).words)).toEqual(["not heard yet", "its program knows", "taken back"]);
  expect([asked, heard, back].map(canWithdraw)).toEqual([true, false, false]);
});
