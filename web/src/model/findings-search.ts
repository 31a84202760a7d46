/** What the address says of the inbox of findings: what is asked, which are kept, how they are put together, and which one is open. */
import { SEVERITIES, type Severity } from "./findings";
import { type RawSearch, readChoice, readChoices, readNumber, readText } from "./search-state";
import { PANEL_PX } from "./trace-search";

export const ARRANGEMENTS = ["cause", "subject", "time"] as const;
export type Arrangement = (typeof ARRANGEMENTS)[number];

export interface FindingsSearch {
  readonly query?: string | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly analyzer?: string | undefined;
  readonly agent?: string | undefined;
  /** Left out: by cause. */
  readonly by?: Arrangement | undefined;
  /** Fingerprint of the one that is told of beside the list. */
  readonly finding?: string | undefined;
  /** Width of that panel, in pixels; left out: the usual one. */
  readonly panel?: number | undefined;
}

export function readFindingsSearch(raw: RawSearch): FindingsSearch {
  const query = readText(raw["query"]);
  const severity = readChoices(raw["severity"], SEVERITIES);
  const analyzer = readText(raw["analyzer"], 64);
  const agent = readText(raw["agent"], 256);
  const by = readChoice(raw["by"], ARRANGEMENTS);
  const finding = readText(raw["finding"], 64);
  const panel = readNumber(raw["panel"], PANEL_PX.least, PANEL_PX.most);
  return {
    ...(query ? { query } : {}),
    ...(severity ? { severity } : {}),
    ...(analyzer ? { analyzer } : {}),
    ...(agent ? { agent } : {}),
    ...(by && by !== "cause" ? { by } : {}),
    ...(finding && /^[0-9a-f]{16}$/.test(finding) ? { finding } : {}),
    ...(panel && panel !== PANEL_PX.usual ? { panel } : {}),
  };
}
