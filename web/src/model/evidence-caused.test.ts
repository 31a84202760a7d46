import { expect, test } from "vitest";
import { causedLines } from "./evidence-caused";

const PROCESS = { id: "1", parent: null, pid: 1, host_id: "", executable: "/bin/rm", start: "", end: "", exit_signal: "", link: null };

const spaced = (text: string) => text.replaceAll(/\s/g, " ");

test("programs, files and hosts stand in a line each, without what is nothing", () => {
  const found = causedLines({
    processes: [{ ...PROCESS, command_args: ["rm", "a b"], exit_code: 0 }],
    files: [
      { path: "/w/a", did: ["write", "rename"], target: "/w/b", read_bytes: 0, written_bytes: 7, failed: false },
      { path: "/w/\u202eno", did: ["open"], target: "", read_bytes: 0, written_bytes: 0, failed: true },
    ],
    hosts: [{ host: "example.com", port: 443, sent_bytes: 9, received_bytes: 0, failed: false }],
  });
  expect(found[0]?.lines[0]).toContain("rm 'a b'");
  expect(found[1]?.lines.map(spaced)).toEqual(["/w/a → /w/b · write, rename · 7 B written", "/w/\\u202eno · open · failed"]);
  expect(found[2]?.lines.map(spaced)).toEqual(["example.com:443 · 9 B sent"]);
});
