/** How an analyzer does, in words. In: what the API tells of one. Out: a tone with words, and its settings as lines. */
import { visible } from "./evidence-words";

interface Told {
  readonly running: boolean;
  readonly suspended: string;
  readonly failures: number;
  readonly problem: string;
  readonly withheld: number;
  readonly missed_rows: number;
}

export interface Standing {
  readonly state: "ok" | "warning" | "error" | "unset";
  readonly words: string;
}

type Values = Readonly<Record<string, unknown>>;

const BY_HAND = "somebody let it rest";

/** Whether it runs; why not; whether something was wrong. */
export function standingOf({ running, suspended, failures, withheld, missed_rows }: Told): Standing {
  if (!running) return { state: suspended === BY_HAND ? "unset" : "error", words: `rests: ${visible(suspended) || "nobody says why"}` };
  if (failures) return { state: "warning", words: "runs, and failed" };
  if (missed_rows) return { state: "warning", words: "runs, and missed some" };
  return withheld ? { state: "warning", words: "runs, and found too much" } : { state: "ok", words: "runs" };
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  /** Empty where it has its usual value, or there is none. */
  readonly usual: string;
  readonly about: string;
}

/** The settings of a JSON schema: name, value in force, default where it is another one, one sentence. */
export function settingsOf(schema: Values, values: Values): readonly Setting[] {
  const properties = schema["properties"];
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties as Readonly<Record<string, unknown>>).map(([name, told]) => {
    const one = (typeof told === "object" && told !== null ? told : {}) as Readonly<Record<string, unknown>>;
    const about = typeof one["description"] === "string" ? one["description"] : "";
    const usual = textOf(one["default"]);
    const value = textOf(values[name]);
    return { name, value, usual: usual === value ? "" : usual, about };
  });
}

const HIDDEN = "**********";

/** Whether a secret stands in it as the stars that the API tells in its place. */
export function hidesSecret(values: Values): boolean {
  return JSON.stringify(values).includes(JSON.stringify(HIDDEN));
}

function textOf(value: unknown): string {
  return value === undefined ? "" : visible(JSON.stringify(value));
}
