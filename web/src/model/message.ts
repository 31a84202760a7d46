/** One message: its canonical JSON read into parts. In: `body` of the API. Out: parts that are safe to draw; what is not understood is kept as JSON. */

export type Part =
  | { readonly type: "text" | "thought"; readonly text: string }
  | { readonly type: "call"; readonly id: string; readonly name: string; readonly value: unknown }
  | { readonly type: "result"; readonly id: string; readonly name: string; readonly value: unknown; readonly failed: boolean }
  | { readonly type: "media"; readonly what: string; readonly address: string; readonly detail: string }
  | { readonly type: "other"; readonly what: string; readonly value: unknown };

export type CallPart = Extract<Part, { type: "call" }>;
export type ResultPart = Extract<Part, { type: "result" }>;

type Raw = Readonly<Record<string, unknown>>;

/** The parts of a message; its plain text where the body is none or broken. */
export function partsOf(body: string, text: string): readonly Part[] {
  const told = parsed(body);
  const list = isObject(told) && Array.isArray(told["parts"]) ? told["parts"] : null;
  if (!list) return text ? [{ type: "text", text }] : [];
  return list.filter(isObject).map(partOf);
}

function partOf(raw: Raw): Part {
  switch (raw["type"]) {
    case "text":
      return { type: "text", text: textOf(raw["content"]) };
    case "reasoning":
      return { type: "thought", text: textOf(raw["content"]) };
    case "tool_call":
      return { type: "call", id: textOf(raw["id"]), name: textOf(raw["name"]), value: raw["arguments"] };
    case "tool_call_response":
      return {
        type: "result",
        id: textOf(raw["id"]),
        name: textOf(raw["name"]),
        value: raw["response"],
        failed: raw["is_error"] === true,
      };
    case "uri":
    case "blob":
    case "file":
      return mediaOf(raw);
    default:
      return { type: "other", what: textOf(raw["kind"]) || textOf(raw["type"]), value: raw["value"] ?? raw };
  }
}

function mediaOf(raw: Raw): Part {
  const mime = textOf(raw["mime_type"]);
  const what = textOf(raw["modality"]) || mime.split("/")[0] || "file";
  const size = typeof raw["size_bytes"] === "number" ? `${raw["size_bytes"].toLocaleString("en-US")} bytes` : "";
  const hash = textOf(raw["sha256"]);
  const detail = [textOf(raw["name"]), mime, size, hash ? `sha256 ${hash.slice(0, 12)}` : ""].filter(Boolean).join(" · ");
  return { type: "media", what, address: textOf(raw["uri"]), detail };
}

/** The object or list that a text stands for; the text where it stands for none. */
export function structured(text: string): unknown {
  const begin = text.trimStart()[0];
  if (begin !== "{" && begin !== "[") return text;
  const value = parsed(text);
  return value === undefined ? text : value;
}

/** What stands around the content of a tool's answer in MCP and says nothing that is not told elsewhere. */
const AROUND = new Set(["content", "isError", "is_error"]);

/** The words of a tool's answer as MCP and others wrap them: `{content: [{type: "text", text}]}`; undefined where there is more in it than words. */
export function wordsOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("content" in value) || !Object.keys(value).every((key) => AROUND.has(key)))
    return undefined;
  const blocks: unknown = value.content;
  if (!Array.isArray(blocks) || !blocks.length) return undefined;
  const words = blocks.map((block: unknown) => {
    const { type, text, ...more } = Object(block) as Readonly<Record<string, unknown>>;
    return type === "text" && typeof text === "string" && !Object.keys(more).length ? text : undefined;
  });
  return words.includes(undefined) ? undefined : words.join("\n");
}

/** A link that may be followed: http and https only. */
export function safeLink(address: string | undefined): string | undefined {
  if (!address || !/^https?:\/\//i.test(address)) return undefined;
  try {
    return new URL(address).href;
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : (JSON.stringify(value) ?? "");
}
