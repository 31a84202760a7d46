import { describe, expect, it } from "vitest";
import { readEvidence } from "./evidence";
import { action, answer, BEGIN } from "./evidence-example";
import { filesOf, hostsOf, splitPort } from "./evidence-groups";

const actions = (...told: ReturnType<typeof action>[]) => readEvidence(answer({ actions: told }), BEGIN).actions;

describe("files and hosts", () => {
  it("groups by path what was done, the unexplained first, and a renamed file under both names", () => {
    const files = filesOf(
      actions(
        action("1", "h/1", "file.write", "/a", 0, { written_bytes: 3 }),
        action("2", "h/2", "file.write", "/a", 1, { written_bytes: 4 }),
        action("3", "h/1", "file.rename", "/a → /b", 2, { target: "/b" }),
        action("4", "h/1", "file.delete", "/c", 3, { unexplained: true }),
      ),
    );
    expect(files.map((one) => [one.key, Object.fromEntries(one.did), one.written])).toEqual([
      ["/c", { deleted: 1 }, 0],
      ["/a", { wrote: 2, renamed: 1 }, 7],
      ["/b", { "renamed to this": 1 }, 0],
    ]);
  });

  it("groups by host with ports and bytes", () => {
    const told = [action("1", "h/1", "net.connect", "::1:443", 0), action("2", "h/1", "net.close", "::1:80", 1, { read_bytes: 5 })];
    expect(hostsOf(actions(...told)).map((one) => [one.key, [...one.ports], one.read])).toEqual([["::1", ["443", "80"], 5]]);
    expect(splitPort("host")).toEqual(["host", ""]);
  });
});
