/** What the address says of the list of sessions. */
import { type RawSearch, readText } from "./search-state";

export interface SessionsSearch {
  readonly query?: string | undefined;
}

export function readSessionsSearch(raw: RawSearch): SessionsSearch {
  const query = readText(raw["query"]);
  return query ? { query } : {};
}
