/** What the address says of the security page: besides what all lists of findings have, class and standing, and how they are put together. */
import { type FoundSearch, readFoundSearch } from "./found-search";
import { type RawSearch, readChoice, readText } from "./search-state";
import { STANDINGS, type Standing } from "./security";

export const SECURITY_ARRANGEMENTS = ["class", "subject", "time"] as const;
export type SecurityArrangement = (typeof SECURITY_ARRANGEMENTS)[number];

export interface SecuritySearch extends FoundSearch {
  /** Class of OWASP; left out: all. */
  readonly owasp?: string | undefined;
  /** Left out: open ones. */
  readonly standing?: Standing | undefined;
  /** Left out: by class. */
  readonly by?: SecurityArrangement | undefined;
}

export function readSecuritySearch(raw: RawSearch): SecuritySearch {
  const owasp = readText(raw["owasp"], 40);
  const standing = readChoice(raw["standing"], STANDINGS);
  const by = readChoice(raw["by"], SECURITY_ARRANGEMENTS);
  return {
    ...readFoundSearch(raw),
    ...(owasp && owasp.length < 40 ? { owasp } : {}),
    ...(standing && standing !== "open" ? { standing } : {}),
    ...(by && by !== "class" ? { by } : {}),
  };
}
