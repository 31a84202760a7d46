import { describe, expect, it } from "vitest";
import { readTraceSearch, writeZoom, zoomOf } from "./trace-search";

describe("the address of a trace", () => {
  it("keeps what is valid, and reading twice changes nothing", () => {
    const read = readTraceSearch({ view: "flame", span: "00000000000000AB", inner: 1 });
    expect(read).toEqual({ view: "flame", span: "00000000000000ab", inner: "1" });
    expect(readTraceSearch({ ...read })).toEqual(read);
  });

  it("keeps the width of the panel and the part of the time in sight", () => {
    const read = readTraceSearch({ panel: "600", zoom: "10-250", graph: "runs", form: "list" });
    expect(read).toEqual({ panel: 600, zoom: "10-250", graph: "runs", form: "list" });
    expect(zoomOf(read.zoom)).toEqual({ from: 10, to: 250 });
    expect(readTraceSearch({ panel: "3", zoom: "250-10", graph: "all", form: "tree" })).toEqual({});
    expect(writeZoom({ from: 1.5, to: 2.5 })).toBe("1-3");
  });

  it("leaves out what is not", () => {
    expect(readTraceSearch({ view: "map", span: "nine", inner: "yes" })).toEqual({});
  });
});
