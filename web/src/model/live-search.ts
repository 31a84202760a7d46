/** What the address says of the live tail and of the list of events. */
import { type RawSearch, readChoice, readText } from "./search-state";

export const LIVE_KINDS = ["span", "event"] as const;
export type LiveKind = (typeof LIVE_KINDS)[number];

export interface LiveSearch {
  readonly query?: string | undefined;
  /** Only these records; left out: both. */
  readonly kind?: LiveKind | undefined;
}

export function readLiveSearch(raw: RawSearch): LiveSearch {
  const query = readText(raw["query"]);
  const kind = readChoice(raw["kind"], LIVE_KINDS);
  return { ...(query ? { query } : {}), ...(kind ? { kind } : {}) };
}

export interface EventsSearch {
  readonly query?: string | undefined;
  readonly facets?: "off" | undefined;
  /** What is listed; left out: the events themselves. */
  readonly show?: "patterns" | undefined;
}

export function readEventsSearch(raw: RawSearch): EventsSearch {
  const query = readText(raw["query"]);
  const facets = readChoice(raw["facets"], ["off"]);
  const show = readChoice(raw["show"], ["patterns"]);
  return { ...(query ? { query } : {}), ...(facets ? { facets } : {}), ...(show ? { show } : {}) };
}
