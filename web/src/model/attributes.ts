/** Attributes as lines: name, value as text, and of which type it is. */

export interface AttributeLine {
  readonly key: string;
  readonly text: string;
  readonly type: string;
}

/** By name; only those with `wanted` in name or value, any case. */
export function attributeLines(attributes: Readonly<Record<string, unknown>>, wanted = ""): readonly AttributeLine[] {
  const needle = wanted.trim().toLowerCase();
  return Object.entries(attributes)
    .map(([key, value]) => ({ key, text: valueText(value), type: typeOf(value) }))
    .filter(({ key, text }) => !needle || key.toLowerCase().includes(needle) || text.toLowerCase().includes(needle))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** Text stays as it is, unless it is JSON of an object or a list: then it is indented. */
export function valueText(value: unknown): string {
  if (typeof value !== "string") return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
  if (!/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "list";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "string" ? "text" : typeof value;
}
