/** What the address says of the list of agents by health. */
import { type RawSearch, readChoice } from "./search-state";

export const HEALTH_STATES = ["critical", "degraded", "healthy", "no_data"] as const;

export interface HealthSearch {
  /** Only agents in this state; left out: all. */
  readonly state?: (typeof HEALTH_STATES)[number] | undefined;
}

export function readHealthSearch(raw: RawSearch): HealthSearch {
  const state = readChoice(raw["state"], HEALTH_STATES);
  return state ? { state } : {};
}
