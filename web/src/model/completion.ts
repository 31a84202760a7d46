/** What may be typed next in a search, and the text when it is taken. Places are counted by the API in characters, by fields of a page in UTF-16 units. */
import { quoteValue } from "./search-edit";

export interface Candidate {
  readonly text: string;
  /** `field`, `operator`, `value` or `keyword`. */
  readonly kind: string;
  readonly about: string;
}

export interface Candidates {
  /** What was asked about: the text up to the cursor. */
  readonly before: string;
  /** Where what would be replaced begins, in characters. */
  readonly start: number;
  readonly items: readonly Candidate[];
}

const MOST = 12;

/** The candidates that still fit what is typed by now, which may be more than was asked about: so that the list does not flicker. */
export function fitting(candidates: Candidates | null, text: string, cursor: number): readonly Candidate[] {
  if (!candidates) return [];
  const before = text.slice(0, cursor);
  const start = units(candidates.before, candidates.start);
  if (before === candidates.before) return candidates.items.filter((item) => item.text !== before.slice(start)).slice(0, MOST);
  const typed = before.slice(start);
  if (before.length < start || before.slice(0, start) !== candidates.before.slice(0, start) || /[\s(),:<>=]/.test(typed)) return [];
  const prefix = typed.replace(/^"/, "").toLowerCase();
  return candidates.items.filter((item) => item.text.toLowerCase().startsWith(prefix) && item.text !== typed).slice(0, MOST);
}

/** The text with the candidate in the place of what was begun, and where the cursor is then. */
export function take(
  candidates: Candidates,
  item: Candidate,
  text: string,
  cursor: number,
): { readonly text: string; readonly cursor: number } {
  const start = units(candidates.before, candidates.start);
  const after = text.slice(cursor);
  const space = item.kind === "value" || item.kind === "keyword" ? (after.startsWith(" ") ? "" : " ") : "";
  const before = text.slice(0, start) + (item.kind === "value" ? quoteValue(item.text) : item.text) + space;
  return { text: before + after, cursor: before.length };
}

/** Characters of a text up to a place in UTF-16 units. */
export function characters(text: string, cursor: number): number {
  return [...text.slice(0, cursor)].length;
}

function units(text: string, position: number): number {
  return [...text].slice(0, position).join("").length;
}
