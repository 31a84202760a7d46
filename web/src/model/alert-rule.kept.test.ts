/** Rules of all kinds that the API's description knows go through the form and lose nothing, also what the form has never heard of. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { KINDS, measuresOf, SOURCES } from "./alert-condition";
import { formOf, readForm } from "./alert-rule";

type Json = Readonly<Record<string, unknown>>;
const SCHEMAS = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8")).components.schemas as Record<
  string,
  Json
>;
const ROUNDS = 60; // of each kind
const TEXTS = ["", "agent:planner", " two  words ", "a=b", "line\nline", "ö,é", "<b>", "null"];

const propertiesOf = (name: string) => (SCHEMAS[name]?.["properties"] ?? {}) as Readonly<Record<string, Json>>;
/** By kind of condition, which schema it has. */
const kindSchemas = (
  (propertiesOf("Rule-Input")["condition"]?.["discriminator"] ?? {}) as { readonly mapping: Readonly<Record<string, string>> }
).mapping;
const kinds = Object.keys(kindSchemas);

/** Figures between 0 and 1, the same in each run. */
function figures(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Any value that a schema allows; objects have all their members, as the API tells them, and one that is not known yet. */
function anyOf(schema: Json, next: () => number): unknown {
  const pick = <T>(all: readonly T[]) => all[Math.floor(next() * all.length)] as T;
  const named = (one: Json) =>
    typeof one["$ref"] === "string" ? (SCHEMAS[one["$ref"].slice(one["$ref"].lastIndexOf("/") + 1)] ?? {}) : one;
  const told = named(schema);
  const bound = (name: string, usual: number) => Number(told[name] ?? usual);
  if ("const" in told) return told["const"];
  if (told["enum"]) return pick(told["enum"] as readonly unknown[]);
  const choices = (told["anyOf"] ?? told["oneOf"]) as readonly Json[] | undefined;
  if (choices) return anyOf(pick(choices), next);
  if (told["type"] === "null") return null;
  if (told["type"] === "boolean") return next() < 0.5;
  if (told["type"] === "integer") return Math.round(bound("minimum", 0) + next() ** 4 * (bound("maximum", 1000) - bound("minimum", 0)));
  if (told["type"] === "number")
    return bound("exclusiveMinimum", -50) + (1 - next()) * (bound("maximum", 50) - bound("exclusiveMinimum", -50));
  if (told["type"] === "array")
    return Array.from({ length: bound("minItems", 0) + Math.floor(next() * 3) }, () => anyOf(told["items"] as Json, next));
  if (told["type"] === "object" && told["patternProperties"]) return { team: pick(TEXTS), [`l${Math.floor(next() * 9)}`]: pick(TEXTS) };
  if (told["type"] !== "object") return pick(TEXTS);
  const members = Object.entries((told["properties"] ?? {}) as Record<string, Json>);
  return { ...Object.fromEntries(members.map(([name, one]) => [name, anyOf(one, next)])), not_known_yet: [{ deep: pick(TEXTS) }] };
}

/** A rule with such a condition, as the server would have it: what depends on one another fits. */
function anyRule(kind: string, next: () => number): { readonly condition: Json } & Json {
  const rule = anyOf(SCHEMAS["Rule-Input"] ?? {}, next) as Json;
  const condition = anyOf({ $ref: kindSchemas[kind] }, next) as Json;
  const sorted = [next(), next(), next()].sort((one, other) => other - one);
  const rates = { warning: sorted[0], error: sorted[1], critical: sorted[2] };
  const modules = ((condition["modules"] ?? []) as readonly Json[]).map((one) => ({ ...one, ...rates, match: ["agent=a\nb", "tool!= x"] }));
  const fits = {
    ...("metric" in condition ? { metric: condition["source"] === "points" ? "queue.depth" : "" } : {}),
    ...(kind === "success_rate" ? { ...rates, modules } : {}),
  };
  return { ...rule, group_by: ["agent", "tool"], condition: { ...condition, ...fits } };
}

it.each(kinds)("a rule of the kind %s comes back as it was, whatever it says", (kind) => {
  const next = figures(kind.length);
  for (let round = 0; round < ROUNDS; round++) {
    const rule = anyRule(kind, next);
    const form = formOf("a-rule", rule);
    const read = readForm(form);
    expect(read).toEqual({ rule, mistakes: {} });
    expect(formOf("a-rule", read.rule ?? {})).toEqual(form);
    const changed = readForm({ ...form, description: "Changed", interval: "7s" }).rule;
    expect(changed).toEqual({ ...rule, description: "Changed", interval_s: 7 });
  }
});

it("the form knows all kinds, sources and figures of the API", () => {
  const { source = {}, measure = {} } = propertiesOf("Threshold");
  expect([...kinds].sort()).toEqual([...KINDS].sort());
  expect([...SOURCES]).toEqual(source["enum"]);
  expect(new Set(SOURCES.flatMap(measuresOf))).toEqual(new Set(measure["enum"] as readonly string[]));
});
