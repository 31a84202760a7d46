/** An OpenAPI document, as far as a reference page shows it. Reads what any server may say and leaves out what it does not understand. */
import { matching } from "./matching";

export interface Parameter {
  readonly name: string;
  readonly place: string;
  readonly required: boolean;
  readonly type: string;
  readonly about: string;
}

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly about: string;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly about: string;
  readonly parameters: readonly Parameter[];
  readonly answer: readonly Field[];
  /** Fields of each item, where the answer is a list. */
  readonly item: readonly Field[];
}

type Json = Readonly<Record<string, unknown>>;

/** The operations of the document, in its order. */
export function operations(document: unknown): readonly Operation[] {
  const root = object(document);
  return Object.entries(object(root["paths"])).flatMap(([path, methods]) =>
    Object.entries(object(methods)).map(([method, told]) => operation(root, path, method, object(told))),
  );
}

/** Those that speak of every word asked for. */
export function findOperations(all: readonly Operation[], asked: string): readonly Operation[] {
  return matching(
    all,
    asked,
    (one) =>
      `${one.method} ${one.path.replaceAll("/", " /")} ${one.summary} ${one.parameters.map((parameter) => parameter.name).join(" ")}`,
  );
}

/** A request to copy; parameters that have to be given stand in capitals. */
export function curl(origin: string, { method, path, parameters }: Operation): string {
  const needed = parameters.filter((one) => one.required && one.place === "query").map((one) => `${one.name}=${one.name.toUpperCase()}`);
  const address = `${origin}${path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())}${needed.length ? `?${needed.join("&")}` : ""}`;
  return method === "get"
    ? `curl '${address}'`
    : `curl -X ${method.toUpperCase()} '${address}' -H 'content-type: application/json' -d '{}'`;
}

function operation(root: Json, path: string, method: string, told: Json): Operation {
  const good = object(object(told["responses"])["200"]);
  const schema = follow(root, object(object(object(good["content"])["application/json"])["schema"]));
  const items = object(object(object(schema["properties"])["items"])["items"]);
  return {
    id: `${method} ${path}`,
    method,
    path,
    summary: text(told["summary"]),
    about: text(told["description"]),
    parameters: list(told["parameters"])
      .map(object)
      .filter((one) => one["in"] !== "header")
      .map(parameter),
    answer: fields(schema),
    item: fields(follow(root, items)),
  };
}

function parameter(told: Json): Parameter {
  return {
    name: text(told["name"]),
    place: text(told["in"]),
    required: told["required"] === true,
    type: typeOf(object(told["schema"])),
    about: text(told["description"]),
  };
}

function fields(schema: Json): readonly Field[] {
  return Object.entries(object(schema["properties"])).map(([name, told]) => ({
    name,
    type: typeOf(object(told)),
    about: text(object(told)["description"]),
  }));
}

function typeOf(schema: Json): string {
  const reference = text(schema["$ref"]);
  if (reference) return reference.split("/").at(-1) ?? "";
  const choices = list(schema["anyOf"]);
  if (choices.length) return choices.map((one) => typeOf(object(one))).join(" or ");
  if (typeof schema["const"] === "string") return schema["const"];
  if (schema["enum"]) return list(schema["enum"]).join(", ");
  if (schema["type"] === "array") return `list of ${typeOf(object(schema["items"]))}`;
  return text(schema["type"]) || "any";
}

function follow(root: Json, schema: Json): Json {
  const reference = text(schema["$ref"]);
  return reference ? object(object(object(root["components"])["schemas"])[reference.split("/").at(-1) ?? ""]) : schema;
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
