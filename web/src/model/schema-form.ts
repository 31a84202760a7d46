/**
 * Forms from JSON Schema, as pydantic writes it: fields of a schema, what stands in them, and the JSON that they come to. Kinds of channels and parts of the routing
 * are described so by the server; a new kind, also one of a plugin, has its form by that alone.
 */

export type Schema = Readonly<Record<string, unknown>>;
type Shape = "text" | "secret" | "number" | "switch" | "choice" | "choices" | "lines" | "pairs" | "parts" | "json";

export interface Field {
  readonly name: string;
  readonly about: string;
  readonly shape: Shape;
  readonly required: boolean;
  /** Left out it says something of its own, as null does. */
  readonly open: boolean;
  readonly choices: readonly string[];
  /** What it is where nothing is said, as text; empty: nothing. */
  readonly usual: string;
  readonly whole: boolean;
  /** Takes several lines. */
  readonly long: boolean;
  /** Of `parts`: the fields of each. */
  readonly of: readonly Field[];
}

/** What stands in a form: text, boxes, or forms within. */
export type Entry = string | boolean | readonly string[] | readonly Form[];
export interface Form {
  readonly [name: string]: Entry;
}

const LONG = 1000; // a text that may be longer has several lines

/** The fields of an object's schema. `named`: the schemas that `$ref` names; those of the schema itself come first. */
export function fieldsOf(schema: Schema, named: Schema = {}, leave: readonly string[] = []): readonly Field[] {
  const all = { ...named, ...(schema["$defs"] as Schema | undefined) };
  const required = (schema["required"] as readonly string[] | undefined) ?? [];
  const properties = Object.entries((schema["properties"] as Readonly<Record<string, Schema>> | undefined) ?? {});
  return properties.filter(([name]) => !leave.includes(name)).map(([name, told]) => fieldOf(name, told, required.includes(name), all));
}

function fieldOf(name: string, told: Schema, required: boolean, named: Schema): Field {
  const options = ((told["anyOf"] as readonly Schema[] | undefined) ?? [told]).map((one) => resolved(one, named));
  const open = options.some((one) => one["type"] === "null");
  const schema = options.find((one) => one["type"] !== "null") ?? {};
  const items = resolved((schema["items"] as Schema | undefined) ?? {}, named);
  const shape = options.filter((one) => one["type"] !== "null").length > 1 ? "json" : shapeOf(schema, items);
  const usual = told["default"];
  return {
    name,
    about: String(told["description"] ?? schema["description"] ?? "").replaceAll("`", ""),
    shape,
    required,
    open: open || (shape === "switch" && usual === null),
    choices: ((shape === "choices" ? items["enum"] : schema["enum"]) as readonly string[] | undefined) ?? [],
    usual: usual === null || usual === undefined || typeof usual === "object" ? "" : String(usual),
    whole: schema["type"] === "integer",
    long: Number(schema["maxLength"] ?? 0) > LONG && schema["format"] !== "password" && !/url/i.test(name),
    of: shape === "parts" ? fieldsOf(items, named) : [],
  };
}

function resolved(schema: Schema, named: Schema): Schema {
  const ref = schema["$ref"];
  return typeof ref === "string" ? ((named[ref.slice(ref.lastIndexOf("/") + 1)] as Schema | undefined) ?? {}) : schema;
}

function shapeOf(schema: Schema, items: Schema): Shape {
  if (schema["enum"]) return "choice";
  if (schema["type"] === "string") return schema["format"] === "password" || schema["writeOnly"] === true ? "secret" : "text";
  if (schema["type"] === "integer" || schema["type"] === "number") return "number";
  if (schema["type"] === "boolean") return "switch";
  if (schema["type"] === "array") {
    if (items["enum"]) return "choices";
    if (items["type"] === "string") return "lines";
    return items["properties"] ? "parts" : "json";
  }
  const values = Object.values((schema["patternProperties"] as Schema | undefined) ?? {})[0] ?? schema["additionalProperties"];
  return schema["type"] === "object" && (values as Schema | undefined)?.["type"] === "string" ? "pairs" : "json";
}

/** What stands in the fields for values of the API. */
export function formOf(fields: readonly Field[], values: Readonly<Record<string, unknown>>): Form {
  return Object.fromEntries(fields.map((field) => [field.name, entryOf(field, values[field.name])]));
}

function entryOf(field: Field, value: unknown): Entry {
  const none = value === undefined || value === null;
  switch (field.shape) {
    case "switch":
      return field.open ? (none ? "" : String(value)) : none ? field.usual === "true" : value === true;
    case "choices":
      return none ? [...field.choices] : (value as readonly string[]);
    case "lines":
      return none ? "" : (value as readonly string[]).join("\n");
    case "pairs":
      return none
        ? ""
        : Object.entries(value as object)
            .map(([name, one]) => `${name}: ${String(one)}`)
            .join("\n");
    case "parts":
      return none ? [] : (value as readonly Readonly<Record<string, unknown>>[]).map((one) => formOf(field.of, one));
    case "json":
      return none || (typeof value === "object" && Object.keys(value).length === 0) ? "" : JSON.stringify(value, null, 2);
    default:
      return none ? (field.required ? "" : field.usual) : String(value);
  }
}

export interface ReadForm {
  readonly value: Readonly<Record<string, unknown>>;
  /** By the path of a field (`levels.0.after_s`), what is wrong with it. */
  readonly mistakes: Readonly<Record<string, string>>;
}

/** What the fields come to. What is empty is left out: then it is as usual. The server checks the rest. */
export function readForm(fields: readonly Field[], form: Form, path = ""): ReadForm {
  const value: Record<string, unknown> = {};
  const mistakes: Record<string, string> = {};
  for (const field of fields) {
    const at = `${path}${field.name}`;
    const { said, wrong } = readEntry(field, form[field.name] ?? "", at, mistakes);
    if (wrong) mistakes[at] = wrong;
    else if (said !== undefined) value[field.name] = said;
    else if (field.required) mistakes[at] = "It is needed.";
  }
  return { value, mistakes };
}

function readEntry(field: Field, entry: Entry, at: string, mistakes: Record<string, string>): { said?: unknown; wrong?: string } {
  if (field.shape === "parts") {
    const found = (entry as readonly Form[]).map((one, index) => readForm(field.of, one, `${at}.${index}.`));
    for (const one of found) Object.assign(mistakes, one.mistakes);
    return found.length || !field.required ? { said: found.map((one) => one.value) } : {};
  }
  if (field.shape === "choices") return (entry as readonly string[]).length ? { said: entry } : { wrong: "One at least." };
  if (typeof entry === "boolean") return { said: entry };
  const text = field.shape === "secret" ? String(entry) : String(entry).trim();
  if (text === "") return {};
  switch (field.shape) {
    case "number": {
      const number = Number(text);
      return Number.isFinite(number) && (!field.whole || Number.isInteger(number))
        ? { said: number }
        : { wrong: field.whole ? "A whole number." : "A number." };
    }
    case "switch":
      return { said: text === "true" };
    case "lines":
      return { said: linesOf(text) };
    case "pairs":
      return readPairs(text);
    case "json":
      return readJson(text);
    default:
      return { said: text };
  }
}

function linesOf(text: string): readonly string[] {
  return text
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);
}

function readPairs(text: string): { said?: unknown; wrong?: string } {
  const pairs = linesOf(text).map((line): readonly [string, string] => {
    const colon = line.indexOf(":");
    return colon > 0 ? [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] : ["", line];
  });
  return pairs.some(([name]) => !name) ? { wrong: "Each line: name: value" } : { said: Object.fromEntries(pairs) };
}

function readJson(text: string): { said?: unknown; wrong?: string } {
  try {
    return { said: JSON.parse(text) };
  } catch {
    return { wrong: "It is not JSON." };
  }
}

/** What a server says of fields (`settings.url: too short; settings.port: …`), by their paths; nothing of what it says of other things. */
export function mistakesIn(message: string, fields: readonly Field[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const part of message.split("; ")) {
    const [, path = "", what = ""] = /^(?:settings\.)?([\w.]+): (.+)$/.exec(part) ?? [];
    if (fields.some((field) => field.name === path.split(".")[0])) found[path] = what;
  }
  return found;
}

/** `group_wait_s` → `Group wait, s`; `url` → `URL`. */
export function labelOf(name: string): string {
  const unit = /_(s|ms|bytes|usd)$/.exec(name)?.[1];
  const words = (unit ? name.slice(0, -unit.length - 1) : name).replaceAll("_", " ");
  const told = /^(url|id|cc|bcc)$/.test(words) ? words.toUpperCase() : `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}`;
  return unit ? `${told}, ${unit}` : told;
}
