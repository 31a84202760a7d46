import { None } from "@/components/None";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import type { StateAt } from "@/data/queries/time-travel";
import { bytes } from "@/model/format";
import { brief } from "@/model/state-marks";

type Kept = StateAt["memory"][number];

/** What the memory held that this execution had read and written until then. */
export function Remembered({ told }: { readonly told: StateAt }) {
  return (
    <SmallTable
      label="Memory until then"
      rows={told.memory}
      columns={COLUMNS}
      keyOf={(one) => `${one.scope}\n${one.key}`}
      empty="It had told of no memory that it read or wrote."
    />
  );
}

const COLUMNS: readonly SmallColumn<Kept>[] = [
  { id: "key", label: "Key", cell: (one) => <span className="mono">{one.key}</span> },
  { id: "scope", label: "Scope", cell: (one) => one.scope || <None /> },
  {
    id: "value",
    label: "Value",
    wide: true,
    cell: (one) =>
      one.value === null ? (
        <None />
      ) : (
        <span className="mono" title={brief(one.value, 2000)}>
          {brief(one.value)}
        </span>
      ),
  },
  { id: "action", label: "Last", cell: (one) => one.action },
  { id: "time", label: "At", cell: (one) => <When iso={one.time} nowMs={Date.now()} /> },
  { id: "size", label: "Size", align: "right", cell: (one) => (one.size_bytes ? bytes(one.size_bytes) : <None />) },
];
