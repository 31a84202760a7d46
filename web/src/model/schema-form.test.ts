import { expect, test } from "vitest";
import { fieldsOf, formOf, labelOf, mistakesIn, readForm } from "./schema-form";

const SCHEMA = {
  $defs: {
    Level: {
      type: "object",
      properties: { after_s: { type: "number" }, on_call: { anyOf: [{ type: "string" }, { type: "null" }], default: null } },
      required: ["after_s"],
    },
  },
  properties: {
    url: { type: "string", description: "Where." },
    secret: { type: "string", format: "password", writeOnly: true, default: "" },
    port: { type: "integer", default: 587 },
    security: { enum: ["tls", "none"], type: "string", default: "tls" },
    days: { type: "array", items: { enum: ["mon", "tue"], type: "string" } },
    people: { type: "array", items: { type: "string" } },
    headers: { type: "object", patternProperties: { "^x$": { type: "string", format: "password" } } },
    lists: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } },
    levels: { type: "array", items: { $ref: "#/$defs/Level" } },
    resolved: { anyOf: [{ type: "boolean" }, { type: "null" }], default: null },
    continue: { type: "boolean", default: false },
  },
  required: ["url"],
};
const FIELDS = fieldsOf(SCHEMA);
const VALUES = {
  url: "https://x.example",
  secret: "**********",
  port: 25,
  security: "none",
  days: ["mon"],
  people: ["a", "b"],
  headers: { "x-key": "**********" },
  lists: { critical: ["boss"] },
  levels: [{ after_s: 60 }],
  resolved: false,
  continue: true,
};

test("each field is drawn by what its schema says", () => {
  expect(FIELDS.map((one) => [one.name, one.shape])).toEqual([
    ["url", "text"],
    ["secret", "secret"],
    ["port", "number"],
    ["security", "choice"],
    ["days", "choices"],
    ["people", "lines"],
    ["headers", "pairs"],
    ["lists", "json"],
    ["levels", "parts"],
    ["resolved", "switch"],
    ["continue", "switch"],
  ]);
  expect(FIELDS.find((one) => one.name === "resolved")?.open).toBe(true);
});

test("what the API says comes back as it was", () => {
  expect(readForm(FIELDS, formOf(FIELDS, VALUES))).toEqual({ value: VALUES, mistakes: {} });
});

test("what is left empty is as usual, and what is needed is asked for", () => {
  const read = readForm(FIELDS, formOf(FIELDS, {}));
  expect(read.mistakes).toEqual({ url: "It is needed." });
  expect(read.value).toEqual({ port: 587, security: "tls", days: ["mon", "tue"], levels: [], continue: false });
});

test("mistakes are told at their fields, also within parts", () => {
  const form = { ...formOf(FIELDS, VALUES), port: "many", headers: "no colon", lists: "{", levels: [{ after_s: "", on_call: "" }] };
  expect(readForm(FIELDS, form).mistakes).toEqual({
    port: "A whole number.",
    headers: "Each line: name: value",
    lists: "It is not JSON.",
    "levels.0.after_s": "It is needed.",
  });
});

test("what the server says of fields is told there", () => {
  expect(mistakesIn("settings.url: too short; settings.port: too large", FIELDS)).toEqual({ url: "too short", port: "too large" });
  expect(mistakesIn("kind: there is no such", FIELDS)).toEqual({});
});

test("names are words, with their unit behind", () => {
  expect([labelOf("group_wait_s"), labelOf("url"), labelOf("max_bytes"), labelOf("on_call")]).toEqual([
    "Group wait, s",
    "URL",
    "Max, bytes",
    "On call",
  ]);
});
