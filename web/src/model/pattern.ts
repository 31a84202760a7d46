/** Patterns of events: what they say with masks where they differ. In: a pattern of the API. Out: its parts to draw, and the search that finds its events. */
import { addCondition } from "./search-edit";

export interface PatternPart {
  readonly text: string;
  /** It stands for what differs. */
  readonly mask: boolean;
}

const MASK = /(<(?:n|id|time|text)>)/;
const LETTER = /[\p{L}\p{N}]/u;

export function patternParts(pattern: string): readonly PatternPart[] {
  return pattern
    .split(MASK)
    .map((text, at) => ({ text, mask: at % 2 === 1 }))
    .filter((part) => part.text !== "");
}

/** The search text narrowed to events of the pattern: those of its name that say its longest stretch of whole words. */
export function patternQuery(query: string, pattern: string, eventName: string): string {
  const named = eventName ? addCondition(query, "event_name", eventName) : query;
  const words = longestWords(pattern);
  return words ? `${named} body:"${words}"`.trim() : named;
}

/** The search looks for whole words: one that a mask cuts is none. */
export function longestWords(pattern: string): string {
  const parts = patternParts(pattern);
  const stretches = parts.map((part, at) => {
    if (part.mask) return "";
    const begin = at > 0 && LETTER.test(part.text[0] ?? "") ? /^[\p{L}\p{N}]+/u : /^$/;
    const end = at < parts.length - 1 && LETTER.test(part.text.at(-1) ?? "") ? /[\p{L}\p{N}]+$/u : /^$/;
    const whole = part.text.replace(begin, "").replace(end, "");
    return (whole.match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
  });
  return stretches.reduce((best, one) => (one.length > best.length ? one : best), "");
}
