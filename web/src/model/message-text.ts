/** A message as plain text for narrow places: its words, then what it calls or carries, one thing per paragraph. */

export function messageText(body: string, fallback: string): string {
  const parts = partsOf(body);
  const told = parts.map(partText).filter(Boolean);
  return told.length ? told.join("\n\n") : fallback;
}

function partsOf(body: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const read: unknown = JSON.parse(body);
    const parts = typeof read === "object" && read !== null && "parts" in read ? read.parts : [];
    return Array.isArray(parts) ? parts.filter((part) => typeof part === "object" && part !== null) : [];
  } catch {
    return [];
  }
}

function partText(part: Readonly<Record<string, unknown>>): string {
  const type = typeof part["type"] === "string" ? part["type"] : "";
  if (type === "tool_call") return `→ ${asText(part["name"])}(${asText(part["arguments"])})`;
  if (type === "tool_call_response") return asText(part["response"] ?? part["result"] ?? part["content"]);
  const said = part["content"] ?? part["text"];
  if (said !== undefined) return type === "reasoning" ? `Thought: ${asText(said)}` : asText(said);
  return asText(part);
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
