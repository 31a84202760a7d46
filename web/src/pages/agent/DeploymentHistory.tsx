import { Button } from "@mantine/core";
import { None } from "@/components/None";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import type { DeploymentStep } from "@/data/queries/registry";
import styles from "./Registry.module.css";

interface Props {
  readonly steps: readonly DeploymentStep[];
  readonly nowMs: number;
  readonly more: (() => void) | undefined;
  readonly loading: boolean;
}

/** Every step that led to what is deployed, latest first: who took it, and why. */
export function DeploymentHistory({ steps, nowMs, more, loading }: Props) {
  return (
    <div className={styles.history}>
      <h3>History</h3>
      <SmallTable
        label="History of deployments"
        rows={steps}
        columns={columns(nowMs)}
        keyOf={(one) => `${one.environment}\n${one.revision}`}
        empty=""
      />
      {more ? (
        <Button variant="default" size="compact-sm" mt={8} loading={loading} onClick={more}>
          Earlier steps
        </Button>
      ) : null}
    </div>
  );
}

const WORDS = { deploy: "deployed", rollback: "rolled back", pin: "pinned", unpin: "unpinned" } as const;

function columns(nowMs: number): readonly SmallColumn<DeploymentStep>[] {
  return [
    { id: "time", label: "When", cell: (one) => <When iso={one.time} nowMs={nowMs} /> },
    { id: "environment", label: "Environment", cell: (one) => one.environment },
    { id: "action", label: "Step", cell: (one) => WORDS[one.action] },
    {
      id: "number",
      label: "Configuration",
      cell: (one) => (one.before && one.before !== one.number ? `${one.before} → ${one.number}` : one.number),
    },
    { id: "who", label: "Who", cell: (one) => one.who || <None /> },
    { id: "why", label: "Why", wide: true, cell: (one) => (one.why ? <span title={one.why}>{one.why}</span> : <None />) },
  ];
}
