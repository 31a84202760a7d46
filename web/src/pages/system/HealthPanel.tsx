import { Figure, Figures } from "@/components/Figure";
import { Health as Told } from "@/components/Health";
import type { Health } from "@/data/queries/health";
import { bytes, count, duration, fullCount, percent } from "@/model/format";
import styles from "./SystemPage.module.css";

/** Whether data flows, in words, and where it waits. */
export function HealthPanel({ health }: { readonly health: Health }) {
  const { store, log, queue, viewers } = health;
  const lag = log.cursors.reduce((sum, cursor) => sum + cursor.lag.entries, 0);
  const sinceCommit = store.last_commit_ns ? Math.max(0, health.now_ns - store.last_commit_ns) : null;
  const dropped = Object.values(viewers.dropped ?? {}).reduce((sum, frames) => sum + frames, 0);
  return (
    <div className={styles.health}>
      <div className={styles.words} role="status">
        {health.problems.length === 0 ? (
          <Told state="ok" words="Data flows: what is sent is kept, and can be asked for." />
        ) : (
          health.problems.map((problem) => <Told key={problem} state="error" words={problem} />)
        )}
        <span className="quiet">
          Spyglass {health.version}, store {store.url}
        </span>
      </div>
      <Figures label="Health">
        <Figure label="Waiting requests" full="Between the ports and the log">
          {count(queue.waiting_bodies)}
        </Figure>
        <Figure
          label="Log lag"
          full={`${fullCount(lag)} appends that the store has not done`}
          note={bytes(log.unconsumed_bytes)}
          tone={log.oldest_unconsumed_s > 60 ? "warning" : undefined}
        >
          {log.oldest_unconsumed_s ? duration(log.oldest_unconsumed_s * 1e9) : "none"}
        </Figure>
        <Figure
          label="Log"
          full={`${fullCount(log.max_bytes)} bytes may wait`}
          note={`${percent(log.unconsumed_bytes / log.max_bytes)} full`}
        >
          {bytes(log.size_bytes)}
        </Figure>
        <Figure
          label="Last write"
          tone={store.writable ? undefined : "error"}
          full={store.problem || "The last one succeeded"}
          note={sinceCommit === null ? undefined : "ago"}
        >
          {sinceCommit === null ? "none yet" : duration(sinceCommit)}
        </Figure>
        <Figure label="Rows written" full={`${fullCount(store.committed_rows)} since the start`} note="since the start">
          {count(store.committed_rows)}
        </Figure>
        <Figure label="Refused" tone={log.refused ? "error" : undefined} full="Appends that the log refused since the start">
          {count(log.refused)}
        </Figure>
        <Figure label="Unreadable" tone={log.unreadable ? "error" : undefined} full="Entries of the log that were corrupt, and skipped">
          {count(log.unreadable)}
        </Figure>
        <Figure
          label="Live viewers"
          full={`at most ${viewers.max_viewers}`}
          note={dropped ? `${count(dropped)} frames dropped` : undefined}
        >
          {count(viewers.viewers)}
        </Figure>
      </Figures>
    </div>
  );
}
