import { expect, test } from "vitest";
import { changed, moved, nodeWords, seconds } from "./routing";

const TREE = { channels: ["log"], routes: [{ match: ["a=1"], routes: [{ match: ["b=1"] }] }, { match: ["c=1"] }] };

test("one node of the tree is changed, added to and taken out", () => {
  expect(changed(TREE, [0, 0], (node) => ({ ...node, channels: ["x"] })).routes?.[0]?.routes).toEqual([
    { match: ["b=1"], channels: ["x"] },
  ]);
  expect(changed(TREE, [0], () => null).routes).toEqual([{ match: ["c=1"] }]);
  expect(changed(TREE, [], (root) => ({ ...root, channels: [] })).channels).toEqual([]);
});

test("siblings change places, and stay where there is none to change with", () => {
  expect(moved(TREE, [1], -1).routes?.map((one) => one.match)).toEqual([["c=1"], ["a=1"]]);
  expect(moved(TREE, [1], 1)).toEqual(TREE);
});

test("a node says what it changes", () => {
  expect(
    nodeWords({ group_by: ["..."], group_wait_s: 90, repeat_interval_s: 14_400, mute: ["nights"], resolved: false, continue: true }),
  ).toEqual([
    "told together by nothing: each alone",
    "waits 90 s for more",
    "again after 4 h",
    "not in nights",
    "does not tell the end",
    "goes on to the next",
  ]);
  expect(nodeWords({})).toEqual([]);
  expect([seconds(604_800), seconds(300), seconds(1)]).toEqual(["7 d", "5 min", "1 s"]);
});
