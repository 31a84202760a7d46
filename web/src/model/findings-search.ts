/** What the address says of the inbox of findings: besides what all lists of findings have, whose findings they are, and how they are put together. */
import { type FoundSearch, readFoundSearch } from "./found-search";
import { type RawSearch, readChoice, readText } from "./search-state";

export const ARRANGEMENTS = ["cause", "subject", "time"] as const;
export type Arrangement = (typeof ARRANGEMENTS)[number];

export interface FindingsSearch extends FoundSearch {
  readonly analyzer?: string | undefined;
  /** Left out: by cause. */
  readonly by?: Arrangement | undefined;
}

export function readFindingsSearch(raw: RawSearch): FindingsSearch {
  const analyzer = readText(raw["analyzer"], 64);
  const by = readChoice(raw["by"], ARRANGEMENTS);
  return { ...readFoundSearch(raw), ...(analyzer ? { analyzer } : {}), ...(by && by !== "cause" ? { by } : {}) };
}
