/** Facets: of each field its values with their counts, joined with what the search text says of them. */
import { chosen } from "./search-edit";

export interface FacetValue {
  readonly value: string;
  readonly count: number;
  readonly errors: number;
}

export interface Facet {
  readonly field: string;
  readonly label: string;
  readonly values: readonly (FacetValue & { readonly state: "only" | "not" | "free" })[];
}

/** The usual fields of spans, in the order in which they help most. */
export const SPAN_FACETS = {
  status: "Status",
  kind: "Kind",
  agent: "Agent",
  model: "Model",
  tool: "Tool",
  error_type: "Error",
  service: "Service",
  environment: "Environment",
  provider: "Provider",
  dialect: "Convention",
} as const;

export const EVENT_FACETS = { severity: "Severity", event_name: "Event", service: "Service", agent: "Agent", source: "Source" } as const;

/** Fields with their values, most frequent first; what is chosen is there even where nothing has it. */
export function facetsOf(
  labels: Readonly<Record<string, string>>,
  query: string,
  told: Readonly<Record<string, readonly FacetValue[]>>,
): readonly Facet[] {
  return Object.entries(labels).flatMap(([field, label]) => {
    const { only, not } = chosen(query, field);
    const known = told[field] ?? [];
    const missing = [...new Set([...only, ...not])].filter((value) => !known.some((one) => one.value === value));
    const values = [...known, ...missing.map((value) => ({ value, count: 0, errors: 0 }))].map((one) => ({
      ...one,
      state: only.includes(one.value) ? ("only" as const) : not.includes(one.value) ? ("not" as const) : ("free" as const),
    }));
    return values.length ? [{ field, label, values }] : [];
  });
}
