import { Tooltip } from "@mantine/core";
import { useLater } from "@/components/useLater";
import { useHealth } from "@/data/queries/health";
import styles from "./Flow.module.css";

const LATER_MS = 1000; // the page that is looked at asks first
const WORDS = { ok: "Data flows", failing: "Data does not flow", away: "Server unreachable", unknown: "…" } as const;

/** Whether data flows, in a dot and three words. */
export function Flow() {
  const health = useHealth(useLater(LATER_MS));
  const state = health.isError ? "away" : (health.data?.status ?? "unknown");
  const why = health.isError ? health.error.message : health.data?.problems.join("; ") || `Spyglass ${health.data?.version ?? ""}`;
  return (
    <Tooltip label={why} multiline maw={320}>
      <span className={styles.flow} role="status">
        <span className={styles.dot} data-state={state} aria-hidden />
        {WORDS[state]}
      </span>
    </Tooltip>
  );
}
