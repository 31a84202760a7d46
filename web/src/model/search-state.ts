/**
 * State in the address: search parameters as plain text (`?project=shop&from=-1h&query=is:error`), so that links can be read, written by hand and shared.
 * Readers take unknown input and give what is valid, else the default: a broken link opens a page, never an error.
 */
import { DEFAULT_RANGE, isTime, type TimeRange } from "./time-range";

export type RawSearch = { readonly [name: string]: unknown };

/** What every page shares. Left out means the default, so that addresses stay short. */
export interface SharedSearch {
  readonly project?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Seconds between two refreshes of its own. */
  readonly refresh?: number | undefined;
}

export const DEFAULT_PROJECT = "default";
export const REFRESH_S = [5, 15, 60] as const;

/** The text of an address as an object: a name that comes several times is a list. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name];
    found[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return found;
}

/** The object as text of an address: nothing for undefined, null and empty lists; colons, commas and stars stay readable. */
export function stringifySearch(search: RawSearch): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (one !== undefined && one !== null) parameters.append(name, String(one));
    }
  }
  const text = parameters.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%2F", "/").replaceAll("%24", "$");
  return text ? `?${text}` : "";
}

/** Text of at most `longest` characters; undefined where there is none. */
export function readText(value: unknown, longest = 4096): string | undefined {
  const text = typeof value === "number" || typeof value === "boolean" ? String(value) : Array.isArray(value) ? value.at(-1) : value;
  return typeof text === "string" && text !== "" ? text.slice(0, longest) : undefined;
}

/** A whole number within the bounds; undefined where it is none. */
export function readNumber(value: unknown, least: number, most: number): number | undefined {
  const number = Number(readText(value));
  return Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

/** The chosen ones with one more or one less, in the order of all; none left is nothing. */
export function switched<const T extends string>(
  all: readonly T[],
  chosen: readonly T[] | undefined,
  one: string,
): readonly T[] | undefined {
  const next = all.filter((each) => (each === one) !== (chosen ?? []).includes(each));
  return next.length ? next : undefined;
}

/** One of the choices; undefined where it is none of them. */
export function readChoice<const T extends string>(value: unknown, choices: readonly T[]): T | undefined {
  const text = readText(value);
  return choices.find((choice) => choice === text);
}

/** A list of the choices, in its order and each once, from `a,b` or a repeated name; undefined where nothing is left. */
export function readChoices<const T extends string>(value: unknown, choices: readonly T[]): readonly T[] | undefined {
  const parts = (Array.isArray(value) ? value : [value]).flatMap((one) => (typeof one === "string" ? one.split(",") : []));
  const known = [...new Set(parts)].flatMap((part) => choices.filter((choice) => choice === part));
  return known.length ? known : undefined;
}

export function readShared(raw: RawSearch): SharedSearch {
  const range = readRange(raw);
  const project = readText(raw["project"], 128);
  const refresh = readNumber(raw["refresh"], 1, 3600);
  return {
    ...(project && project !== DEFAULT_PROJECT ? { project } : {}),
    ...(range ?? {}),
    ...(refresh ? { refresh } : {}),
  };
}

function readRange(raw: RawSearch): { from: string; to?: string } | undefined {
  const from = readText(raw["from"], 64) ?? DEFAULT_RANGE.from;
  const to = readText(raw["to"], 64) ?? DEFAULT_RANGE.to;
  if (!isTime(from) || !isTime(to) || (from === DEFAULT_RANGE.from && to === DEFAULT_RANGE.to)) return undefined;
  return to === DEFAULT_RANGE.to ? { from } : { from, to };
}

/** The range that the address means. */
export function rangeOf(search: SharedSearch): TimeRange {
  return { from: search.from ?? DEFAULT_RANGE.from, to: search.to ?? DEFAULT_RANGE.to };
}

/** The project that the address means. */
export function projectOf(search: SharedSearch): string {
  return search.project ?? DEFAULT_PROJECT;
}
