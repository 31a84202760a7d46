import { Link } from "@tanstack/react-router";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { useNow } from "@/components/useNow";
import { useRunning } from "@/data/queries/running";
import styles from "./LivePage.module.css";
import { RunningLine } from "./RunningLine";

/** The runs of agents that go on now, the longest first. */
export function RunningList({ project }: { readonly project: string }) {
  const running = useRunning(project);
  const lines = running.data ?? [];
  const nowMs = useNow(lines.length > 0, running.dataUpdatedAt);
  const stalled = lines.filter((line) => line.stalled).length;
  return (
    <aside className={styles.running} aria-label="Running now">
      <h2 className={styles.title}>
        <Link to="/executions" search={{ status: ["created", "running", "waiting", "stalled"] } as never} className={styles.all}>
          Running now
        </Link>
        <span className="quiet numbers">{running.isSuccess ? lines.length : ""}</span>
        {stalled ? <span className={styles.stalledCount}>{stalled} stalled</span> : null}
      </h2>
      <Failed of={running} />
      {running.isPending ? <Skeleton rows={3} height={64} /> : null}
      {running.isSuccess && !lines.length ? (
        <p className={`${styles.nobody} quiet`}>
          No agent runs now. Those whose instrumentation tells of a span when it begins show up here.
        </p>
      ) : null}
      <ul className={styles.runs}>
        {lines.map((line) => (
          <RunningLine key={line.run.id} line={line} nowMs={nowMs} heldMs={nowMs - running.dataUpdatedAt} />
        ))}
      </ul>
    </aside>
  );
}
