import { expect, test } from "vitest";
import { groupSettings, readable, secretNames, settingText, shownText } from "./settings";

const one = (name: string, origin = "") => ({ name, origin, description: `About ${name}.`, secret: false, value: 1 });
const ALL = [one("http_port", "command line"), one("host"), one("store.url"), one("store.threads", "spyglass.yaml")];
const names = (text: string, set: boolean) =>
  groupSettings(ALL, text, set).map((group) => [group.name, group.items.map((item) => item.name)]);

test("settings are grouped by section and found by name, text and source", () => {
  expect(names("", false)).toEqual([
    ["general", ["http_port", "host"]],
    ["store", ["store.url", "store.threads"]],
  ]);
  expect(names("YAML", false)).toEqual([["store", ["store.threads"]]]);
  expect(names("about h", true)).toEqual([["general", ["http_port"]]]);
  expect(names("nothing", false)).toEqual([]);
});

test("values are told as a file would have them", () => {
  expect([
    settingText(["a", "b"]),
    settingText([]),
    settingText(null),
    settingText(false),
    settingText({ a: 1 }),
    settingText([{ a: 1 }]),
  ]).toEqual(["a, b", "–", "–", "false", '{"a":1}', '{"a":1}']);
});

test("large figures are told as they are read, beside what a file would have", () => {
  const read = (name: string, value: unknown) => readable({ name, value }).replace(/\s/g, " ");
  expect(read("receive.max_body_bytes", 67_108_864)).toBe("64 MiB");
  expect(read("log.max_keys", 200_000)).toBe("200,000");
  expect([read("store.readers", 4), read("otlp_http_port", 43_180), read("host", "::1")]).toEqual(["", "", ""]);
});

test("of a secret only that there is one is told", () => {
  expect(shownText({ value: ["**********"], secret: true })).toBe("set, not shown");
  expect(shownText({ value: [], secret: true })).toBe("–");
  expect(shownText({ value: "clickhouse://me:***@db/x", secret: true })).toBe("clickhouse://me:***@db/x");
});

test("of secrets only the names are known", () => {
  const hidden = "**********";
  expect(secretNames({ url: "http://x", secret: hidden, user: "", to: [hidden], headers: { authorization: hidden, accept: "*" } })).toEqual(
    ["secret", "to", "headers.authorization"],
  );
});
