import { describe, expect, it } from "vitest";
import { hidesSecret, settingsOf, standingOf } from "./analyzers";

const well = { running: true, suspended: "", failures: 0, problem: "", withheld: 0, missed_rows: 0 };

describe("standingOf", () => {
  it("tells who rests, and whether somebody wanted it", () => {
    expect(standingOf(well)).toEqual({ state: "ok", words: "runs" });
    expect(standingOf({ ...well, running: false, suspended: "somebody let it rest" }).state).toBe("unset");
    expect(standingOf({ ...well, running: false, suspended: "it failed ten times" })).toEqual({
      state: "error",
      words: "rests: it failed ten times",
    });
    expect(standingOf({ ...well, failures: 2 }).state).toBe("warning");
    expect(standingOf({ ...well, withheld: 2 }).state).toBe("warning");
    expect(standingOf({ ...well, missed_rows: 2 })).toEqual({ state: "warning", words: "runs, and missed some" });
  });
});

describe("settingsOf", () => {
  it("takes name, default and sentence from a schema", () => {
    const schema = { properties: { learns_minutes: { default: 60, description: "Minutes." }, odd: null } };
    expect(settingsOf(schema, { learns_minutes: 60 })).toEqual([
      { name: "learns_minutes", value: "60", usual: "", about: "Minutes." },
      { name: "odd", value: "", usual: "", about: "" },
    ]);
    expect(settingsOf(schema, { learns_minutes: 10 })[0]?.usual).toBe("60");
    expect(settingsOf({}, {})).toEqual([]);
    expect(hidesSecret({ a: { key: "**********" } })).toBe(true);
    expect(hidesSecret({ a: "*" })).toBe(false);
  });
});
