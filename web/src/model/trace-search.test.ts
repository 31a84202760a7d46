import { describe, expect, it } from "vitest";
import { readTraceSearch } from "./trace-search";

describe("the address of a trace", () => {
  it("keeps what is valid, and reading twice changes nothing", () => {
    const read = readTraceSearch({ view: "flame", span: "00000000000000AB", inner: 1 });
    expect(read).toEqual({ view: "flame", span: "00000000000000ab", inner: "1" });
    expect(readTraceSearch({ ...read })).toEqual(read);
  });

  it("leaves out what is not", () => {
    expect(readTraceSearch({ view: "map", span: "nine", inner: "yes" })).toEqual({});
  });
});
