import { describe, expect, it } from "vitest";
import { concerns, familyOf, nsAfter, readEvidence, sortOf } from "./evidence";
import { action, answer, BEGIN, call, process } from "./evidence-example";

describe("evidence of a trace", () => {
  it("counts times in ns after the begin, before it as well, whatever digits and zone they are written with", () => {
    const since = nsAfter("2026-01-01T00:00:00.999999999Z");
    expect(since("2026-01-01T00:00:01.000000001Z")).toBe(2);
    expect(since("2026-01-01T00:00:00Z")).toBe(-999_999_999);
    expect(since("2026-01-01T01:00:01.5+01:00")).toBe(500_000_001);
  });

  it("gives each process what it did, its children and its calls", () => {
    const { byId } = readEvidence(answer(), BEGIN);
    expect(byId.get("h/1")?.children.map((one) => one.told.id)).toEqual(["h/2", "h/3"]);
    expect(byId.get("h/2")?.actions.map((one) => one.what)).toEqual(["rm a.txt", "/w/a.txt"]);
    expect(byId.get("h/1")?.calls.map((one) => one.span_id)).toEqual(["c1", "c2"]);
    expect(byId.get("h/3")?.unexplained).toBe(2);
    expect([byId.get("h/2")?.at, byId.get("h/2")?.until]).toEqual([2e9, 3e9]);
  });

  it("counts in red what nothing accounts for, calls as well, in amber what was not seen", () => {
    const { unexplained, untold, unsupported } = readEvidence(answer(), BEGIN);
    const counts = { unexplained: unexplained.length, untold: untold.length, unsupported: unsupported.length };
    expect(concerns(counts)).toEqual({ red: 3, amber: 1 });
  });

  it("knows a call's process among those that had the same pid one after the other", () => {
    const twice = [process("h/7/a", null, 0, { pid: 7, end: 1 }), process("h/7/b", null, 5, { pid: 7 })];
    const { byId } = readEvidence(answer({ processes: twice, actions: [], calls: [call("c", 6, { pid: 7 })] }), BEGIN);
    expect([byId.get("h/7/a")?.calls.length, byId.get("h/7/b")?.calls.length]).toEqual([0, 1]);
  });

  it("keeps actions whose process was not seen", () => {
    const read = readEvidence(answer({ processes: [], actions: [action("e", "h/9", "file.write", "/x", 1)] }), BEGIN);
    expect(read.actions.map((one) => [one.sort, one.at])).toEqual([["file", 1e9]]);
  });

  it("ends where processes are each other's parents", () => {
    const { byId } = readEvidence(answer({ processes: [process("h/1", "h/2", 0), process("h/2", "h/1", 1)] }), BEGIN);
    const first = byId.get("h/1");
    expect(first ? [...familyOf(first)].sort() : null).toEqual(["h/1", "h/2"]);
  });

  it("tells sorts of actions by their names", () => {
    expect(["process.exec", "file.write", "net.close", "dns.lookup"].map(sortOf)).toEqual(["program", "file", "host", "host"]);
  });
});
