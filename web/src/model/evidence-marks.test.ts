import { describe, expect, it } from "vitest";
import { readEvidence } from "./evidence";
import { action, answer, BEGIN } from "./evidence-example";
import { actionsNear, marksOf } from "./evidence-marks";

const actions = (...told: ReturnType<typeof action>[]) => readEvidence(answer({ actions: told }), BEGIN).actions;

describe("marks on a bar", () => {
  const sorts = new Set(["file", "host", "program"] as const);
  const told = actions(
    action("1", "h/1", "file.write", "/a", 1),
    action("2", "h/1", "file.write", "/b", 1),
    action("3", "h/1", "net.connect", "x:1", 5),
    action("4", "h/1", "process.exec", "y", 5, { unexplained: true }),
    action("5", "h/1", "file.write", "/late", 50),
  );

  it("stand once for each place in sight", () => {
    const marks = marksOf(told, { from: 0, to: 10e9 }, sorts);
    expect(marks).toEqual({ files: "M48 7V11", hosts: "M240 1V5", unexplained: "M240 0V12" });
    expect(marksOf(told, { from: 0, to: 10e9 }, new Set(["host"]))).toEqual({ files: "", hosts: "M240 1V5", unexplained: "" });
  });

  it("are told near the pointer", () => {
    expect(actionsNear(told, { from: 0, to: 10e9 }, sorts, 0.101).map((one) => one.what)).toEqual(["/a", "/b"]);
  });
});
