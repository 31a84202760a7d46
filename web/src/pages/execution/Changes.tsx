import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import type { StateChange, useStateDiff } from "@/data/queries/time-travel";
import { bytes } from "@/model/format";
import type { Mark } from "@/model/moments";
import { brief } from "@/model/state-marks";
import styles from "./Travel.module.css";

interface Props {
  readonly first: Mark | undefined;
  readonly second: Mark | undefined;
  /** Both have a state of their own. */
  readonly comparable: boolean;
  readonly diff: ReturnType<typeof useStateDiff>;
}

/** What changed in the state between two moments. */
export function Changes({ first, second, comparable, diff }: Props) {
  if (!comparable) {
    const same = first?.state && first.state === second?.state;
    return (
      <p className="quiet">
        {same ? `No snapshot was taken between ${first.label} and ${second.label}.` : "One of the two moments has no state."}
      </p>
    );
  }
  if (diff.error) return <Failed of={diff} />;
  return (
    <>
      <p className={`${styles.note} quiet`}>
        From {first?.label} to {second?.label}
        {diff.data?.truncated ? "; there are more changes than these" : ""}
      </p>
      <SmallTable
        label="Changes"
        rows={diff.data?.items ?? []}
        columns={COLUMNS}
        keyOf={(one) => `${one.kind} ${one.pointer}`}
        empty="The state is the same."
        loading={diff.isPending}
      />
    </>
  );
}

const COLUMNS: readonly SmallColumn<StateChange>[] = [
  { id: "pointer", label: "Where", cell: (one) => <span className="mono">{one.pointer || "all of it"}</span> },
  { id: "kind", label: "What", cell: (one) => <span className={styles[one.kind]}>{one.kind}</span> },
  { id: "before", label: "Before", wide: true, cell: (one) => told(one.before, one.before_bytes) },
  { id: "after", label: "After", wide: true, cell: (one) => told(one.after, one.after_bytes) },
];

function told(value: unknown, size: number) {
  if (!size) return <None />;
  if (value === null && size > 4) return <span className="quiet">{bytes(size)}</span>;
  return (
    <span className="mono" title={brief(value, 1000)}>
      {brief(value)}
    </span>
  );
}
