import { type ExecutionStatus as State, toneOf } from "@/model/execution";
import styles from "./Status.module.css";

/** How an execution stands, in a colour and a word; `what` tells more of it on hover. */
export function ExecutionStatus({ status, what = "" }: { readonly status: State; readonly what?: string }) {
  return (
    <span className={styles.status} style={{ color: `var(--status-${toneOf(status)})` }} title={what || status}>
      <span className={`${styles.dot} ${status === "running" ? styles.running : ""}`} aria-hidden />
      {status}
    </span>
  );
}
