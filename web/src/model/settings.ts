/** Settings in groups, found by text, and their values as a file would have them. */
import { bytes, fullCount } from "./format";

interface Told {
  readonly name: string;
  readonly value?: unknown;
  readonly default?: unknown;
  readonly origin: string;
  readonly description: string;
  readonly secret: boolean;
}

export interface SettingGroup<S> {
  readonly name: string;
  readonly items: readonly S[];
}

/** By section, in the order of the reference; those that match, and only those that somebody set where that is wanted. */
export function groupSettings<S extends Told>(items: readonly S[], text: string, set: boolean): readonly SettingGroup<S>[] {
  const wanted = text.trim().toLowerCase();
  const groups = new Map<string, S[]>();
  for (const one of items) {
    if (set && !one.origin) continue;
    if (wanted && !`${one.name} ${one.description} ${one.origin}`.toLowerCase().includes(wanted)) continue;
    const section = one.name.includes(".") ? one.name.slice(0, one.name.indexOf(".")) : "general";
    groups.set(section, [...(groups.get(section) ?? []), one]);
  }
  return [...groups].map(([name, found]) => ({ name, items: found }));
}

/** As a file would have it: lists with commas; a dash for nothing. */
export function settingText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.length ? value.map((one) => (isPlain(one) ? String(one) : JSON.stringify(one))).join(", ") : "–";
  return isPlain(value) ? String(value) : Object.keys(value as object).length ? JSON.stringify(value) : "–";
}

const LARGE = 10_000;

/** A large figure as it is read: `64 MiB` of bytes, `200,000` of others. Empty: it is read as it stands. */
export function readable({ name, value }: Pick<Told, "name" | "value">): string {
  if (typeof value !== "number" || value < LARGE || /(^|_)port$/.test(name)) return "";
  return /_bytes(_per_s)?$/.test(name) ? bytes(value) : fullCount(value);
}

/** Of a secret only whether there is one. */
export function shownText({ value, secret }: Pick<Told, "value" | "secret">): string {
  const text = settingText(value);
  return secret && text !== "–" && !text.includes("://") ? "set, not shown" : text;
}

const HIDDEN = "**********"; // what the server tells in place of a secret

/** Which settings of a channel are secrets that are set: `password`, `headers.authorization`. */
export function secretNames(settings: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (value === HIDDEN || (Array.isArray(value) && value.includes(HIDDEN))) return [name];
    return isPlain(value) || Array.isArray(value)
      ? []
      : secretNames(value as Readonly<Record<string, unknown>>).map((below) => `${name}.${below}`);
  });
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
