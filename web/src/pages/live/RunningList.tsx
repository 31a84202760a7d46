import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { useRunning } from "@/data/queries/running";
import { isStalled } from "@/model/running";
import styles from "./LivePage.module.css";
import { RunningLine } from "./RunningLine";

/** The runs of agents that go on now, the longest first. */
export function RunningList({ project }: { readonly project: string }) {
  const running = useRunning(project);
  const [nowMs, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  const runs = running.data ?? [];
  const stalled = runs.filter((run) => isStalled(run, nowMs)).length;
  return (
    <aside className={styles.running} aria-label="Running now">
      <h2 className={styles.title}>
        Running now <span className="quiet numbers">{running.isSuccess ? runs.length : ""}</span>
        {stalled ? <span className={styles.stalledCount}>{stalled} stalled</span> : null}
      </h2>
      <Failed of={running} />
      {running.isPending ? <Skeleton rows={3} height={64} /> : null}
      {running.isSuccess && !runs.length ? (
        <p className={`${styles.nobody} quiet`}>
          No agent runs now. Those whose instrumentation tells of a span when it begins show up here.
        </p>
      ) : null}
      <ul className={styles.runs}>
        {runs.map((run) => (
          <RunningLine key={run.id} run={run} nowMs={nowMs} />
        ))}
      </ul>
    </aside>
  );
}
