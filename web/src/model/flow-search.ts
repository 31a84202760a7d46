/** What the address says of the flow of an agent: whose, which version, beside which, and drawn or as a list. */
import { type RawSearch, readChoice, readText } from "./search-state";

export interface FlowSearch {
  readonly agent?: string | undefined;
  /** Left out: the latest. */
  readonly version?: string | undefined;
  /** Left out: compared with none. */
  readonly against?: string | undefined;
  /** Left out: drawn, where there is room. */
  readonly form?: "list" | undefined;
}

export function readFlowSearch(raw: RawSearch): FlowSearch {
  const agent = readText(raw["agent"], 256);
  const version = readText(raw["version"], 256);
  const against = readText(raw["against"], 256);
  const form = readChoice(raw["form"], ["list"]);
  return { ...(agent ? { agent } : {}), ...(version ? { version } : {}), ...(against ? { against } : {}), ...(form ? { form } : {}) };
}
