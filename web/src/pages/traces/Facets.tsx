import { useScope } from "@/app/scope";
import { FacetPanel } from "@/components/FacetPanel";
import { FacetSide } from "@/components/FacetSide";
import { Problem } from "@/components/Problem";
import { asApiError } from "@/data/problem";
import { useFacetChoices } from "@/data/queries/facets";
import { facetsOf, SPAN_FACETS } from "@/model/facets";
import { toggleValue } from "@/model/search-edit";

interface Props {
  readonly query: string;
  /** Changes the search text as it is by then. */
  readonly onEdit: (how: (query: string) => string) => void;
  readonly drawer: boolean;
  readonly onClose: () => void;
  /** The list is asked for first. */
  readonly wait: boolean;
}

const FIELDS = Object.keys(SPAN_FACETS);

/** Facets of spans: the same state as the search text. */
export function Facets({ query, onEdit, drawer, onClose, wait }: Props) {
  const { told, pending, stale, error, retry } = useFacetChoices(useScope(), query, FIELDS, !wait);
  return (
    <FacetSide drawer={drawer} onClose={onClose}>
      {error && asApiError(error).code !== "query_invalid" ? <Problem error={error} onRetry={retry} /> : null}
      {error && pending ? null : (
        <FacetPanel
          facets={facetsOf(SPAN_FACETS, query, told)}
          loading={pending}
          stale={stale}
          unit="span"
          onToggle={(field, value, not) => onEdit((text) => toggleValue(text, field, value, not))}
        />
      )}
    </FacetSide>
  );
}
