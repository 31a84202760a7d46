import { Skeleton } from "@/components/Skeleton";
import type { Facet } from "@/model/facets";
import { FacetGroup } from "./FacetGroup";
import styles from "./FacetPanel.module.css";

interface Props {
  readonly facets: readonly Facet[];
  readonly loading: boolean;
  readonly stale: boolean;
  /** What is counted: `span`. */
  readonly unit: string;
  readonly onToggle: (field: string, value: string, not: boolean) => void;
}

/** Values of the usual fields with their counts; a click adds one to the search text, or takes it away. */
export function FacetPanel({ facets, loading, stale, unit, onToggle }: Props) {
  if (loading) return <Skeleton rows={10} height={28} />;
  if (!facets.length) return <p className={`${styles.none} quiet`}>Nothing to choose from here.</p>;
  return (
    <div className={styles.panel} aria-busy={stale}>
      {facets.map((facet) => (
        <FacetGroup key={facet.field} facet={facet} unit={unit} onToggle={(value, not) => onToggle(facet.field, value, not)} />
      ))}
    </div>
  );
}
