/** What changed in a state, found by place. In: changes by JSON pointer. Out: marks that a tree of the later state draws. */
export interface Change {
  readonly kind: "added" | "removed" | "changed";
  readonly pointer: string;
  readonly before: unknown;
  readonly before_bytes: number;
}

export interface Marks {
  /** What is new or other, by pointer. */
  readonly at: ReadonlyMap<string, Change>;
  /** Pointers within which something changed. */
  readonly within: ReadonlySet<string>;
  /** What is gone, by the pointer of what held it. */
  readonly removed: ReadonlyMap<string, readonly Change[]>;
}

export const NO_MARKS: Marks = { at: new Map(), within: new Set(), removed: new Map() };

export function marksOfChanges(changes: readonly Change[]): Marks {
  const at = new Map<string, Change>();
  const within = new Set<string>();
  const removed = new Map<string, Change[]>();
  for (const change of changes) {
    const above = parentOf(change.pointer);
    if (change.kind === "removed") removed.set(above, [...(removed.get(above) ?? []), change]);
    else at.set(change.pointer, change);
    for (let pointer = change.pointer; pointer !== ""; ) {
      pointer = parentOf(pointer);
      within.add(pointer);
    }
  }
  return { at, within, removed };
}

function parentOf(pointer: string): string {
  return pointer.slice(0, Math.max(0, pointer.lastIndexOf("/")));
}

/** The pointer of what `key` names within `pointer`. */
export function below(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The last name of a pointer as it was before it was escaped. */
export function lastName(pointer: string): string {
  return pointer
    .slice(pointer.lastIndexOf("/") + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
}

export interface Shown {
  /** What it is where JSON has no word for it: `set`, `dataclass Plan`; empty: JSON. */
  readonly type: string;
  readonly value: unknown;
  readonly pointer: string;
}

/** A value without the object with `$type` around it, which tells what JSON cannot (docs/time-travel.md). */
export function shownOf(value: unknown, pointer: string): Shown {
  if (typeof value !== "object" || value === null || !("$type" in value) || typeof value.$type !== "string")
    return { type: "", value, pointer };
  const of = "of" in value && typeof value.of === "string" ? ` ${value.of.slice(value.of.lastIndexOf(":") + 1)}` : "";
  if ("value" in value) return { type: `${value.$type}${of}`, value: value.value, pointer: `${pointer}/value` };
  const why = "why" in value && typeof value.why === "string" ? value.why : "";
  return { type: `${value.$type}${of}`, value: why || null, pointer };
}

/** A value in one short line. */
export function brief(value: unknown, longest = 200): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}
