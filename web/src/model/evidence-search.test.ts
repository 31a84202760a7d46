import { describe, expect, it } from "vitest";
import { readEvidenceSearch, sortsOf, writeSorts } from "./evidence-search";

describe("the address of evidence", () => {
  it("keeps what is valid, and reading twice changes nothing", () => {
    const read = readEvidenceSearch({ list: "files", process: "h/1", sorts: "host,file,x", only: "unexplained", item: "p:h/1\n2" });
    expect(read).toEqual({ list: "files", process: "h/1", sorts: "file,host", only: "unexplained", item: "p:h/1\n2" });
    expect(readEvidenceSearch({ ...read })).toEqual(read);
  });

  it("leaves out what is not, and what is usual", () => {
    expect(readEvidenceSearch({ list: "time", sorts: "program,file,host,call", only: "all", item: "q:1" })).toEqual({});
    expect(sortsOf({}).size).toBe(4);
    expect(writeSorts([])).toBeUndefined();
  });
});
