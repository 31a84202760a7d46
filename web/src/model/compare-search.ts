/** What the address says of a comparison: two traces, and the pair of steps that is open. */
import { type RawSearch, readNumber, readText } from "./search-state";

export interface CompareSearch {
  readonly a?: string | undefined;
  readonly b?: string | undefined;
  /** Number of the open pair, from 0. */
  readonly step?: number | undefined;
}

export function readCompareSearch(raw: RawSearch): CompareSearch {
  const a = readTrace(raw["a"]);
  const b = readTrace(raw["b"]);
  const step = readNumber(raw["step"], 0, 4000);
  return { ...(a ? { a } : {}), ...(b ? { b } : {}), ...(step === undefined ? {} : { step }) };
}

/** A trace id, also out of a pasted address. */
export function readTrace(value: unknown): string | undefined {
  return /(?:^|\/|=)([0-9a-f]{32})(?:$|[?#&/])/i.exec(readText(value)?.trim() ?? "")?.[1]?.toLowerCase();
}
