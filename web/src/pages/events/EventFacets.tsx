import { useScope } from "@/app/scope";
import { FacetPanel } from "@/components/FacetPanel";
import { FacetSide } from "@/components/FacetSide";
import { Problem } from "@/components/Problem";
import { asApiError } from "@/data/problem";
import { useEventChoices } from "@/data/queries/events";
import { EVENT_FACETS, facetsOf } from "@/model/facets";
import { toggleValue } from "@/model/search-edit";

interface Props {
  readonly query: string;
  /** Changes the search text as it is by then. */
  readonly onEdit: (how: (query: string) => string) => void;
  readonly drawer: boolean;
  readonly onClose: () => void;
}

const FIELDS = Object.keys(EVENT_FACETS);

/** Facets of events: the same state as the search text. */
export function EventFacets({ query, onEdit, drawer, onClose }: Props) {
  const { told, pending, stale, error, retry } = useEventChoices(useScope(), query, FIELDS);
  return (
    <FacetSide drawer={drawer} onClose={onClose}>
      {error && asApiError(error).code !== "query_invalid" ? <Problem error={error} onRetry={retry} /> : null}
      {error && pending ? null : (
        <FacetPanel
          facets={facetsOf(EVENT_FACETS, query, told)}
          loading={pending}
          stale={stale}
          unit="event"
          onToggle={(field, value, not) => onEdit((text) => toggleValue(text, field, value, not))}
        />
      )}
    </FacetSide>
  );
}
