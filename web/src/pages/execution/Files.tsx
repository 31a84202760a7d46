import { None } from "@/components/None";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import type { StateAt } from "@/data/queries/time-travel";
import { bytes } from "@/model/format";
import styles from "./Travel.module.css";

type Touched = StateAt["files"][number];

/** What its processes had done to files until then, as far as a runner watched. */
export function Files({ told }: { readonly told: StateAt }) {
  return (
    <SmallTable
      label="Files until then"
      rows={told.files}
      columns={COLUMNS}
      keyOf={(one) => one.event_id}
      empty="No runner saw it touch files: `spyglass watch` starts an agent so that what it does on the machine is seen."
    />
  );
}

const COLUMNS: readonly SmallColumn<Touched>[] = [
  {
    id: "what",
    label: "File",
    wide: true,
    cell: (one) => (
      <span className="mono" title={one.what}>
        {one.what}
      </span>
    ),
  },
  { id: "name", label: "Did", cell: (one) => one.name.replace("file.", "") },
  { id: "process", label: "Process", cell: (one) => one.process },
  { id: "read", label: "Read", align: "right", cell: (one) => (one.read_bytes ? bytes(one.read_bytes) : <None />) },
  { id: "written", label: "Written", align: "right", cell: (one) => (one.written_bytes ? bytes(one.written_bytes) : <None />) },
  { id: "time", label: "At", cell: (one) => <When iso={one.time} nowMs={Date.now()} /> },
  { id: "error", label: "Error", cell: (one) => (one.error ? <span className={styles.failed}>{one.error}</span> : <None />) },
];
