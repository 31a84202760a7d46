/** What addresses of pages that list findings have in common: what is asked, which are kept, and which one is open. */
import { SEVERITIES, type Severity } from "./findings";
import { type RawSearch, readChoices, readNumber, readText } from "./search-state";
import { PANEL_PX } from "./trace-search";

export interface FoundSearch {
  readonly query?: string | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly agent?: string | undefined;
  /** Fingerprint of the one that is told of beside the list. */
  readonly finding?: string | undefined;
  /** Width of that panel, in pixels; left out: the usual one. */
  readonly panel?: number | undefined;
}

export function readFoundSearch(raw: RawSearch): FoundSearch {
  const query = readText(raw["query"]);
  const severity = readChoices(raw["severity"], SEVERITIES);
  const agent = readText(raw["agent"], 256);
  const finding = readText(raw["finding"], 64);
  const panel = readNumber(raw["panel"], PANEL_PX.least, PANEL_PX.most);
  return {
    ...(query ? { query } : {}),
    ...(severity ? { severity } : {}),
    ...(agent ? { agent } : {}),
    ...(finding && /^[0-9a-f]{16}$/.test(finding) ? { finding } : {}),
    ...(panel && panel !== PANEL_PX.usual ? { panel } : {}),
  };
}
