import { When } from "@/components/When";
import type { Session } from "@/data/queries/sessions";
import { count, money, plural } from "@/model/format";
import styles from "./SessionsPage.module.css";

/** A session in two lines, for narrow screens. */
export function SessionCard({ session, nowMs }: { readonly session: Session; readonly nowMs: number }) {
  return (
    <div className={styles.card}>
      <div className={styles.line}>
        <span className={`${styles.name} cut`}>{session.session_id}</span>
        <span className={`${styles.end} numbers`}>
          {session.errors ? <span className={styles.failed}>{count(session.errors)} err </span> : null}
          {money(session.cost_usd)}
        </span>
      </div>
      <div className={`${styles.line} quiet`}>
        <span className="cut">{[plural(session.traces, "turn"), ...session.users, ...session.agents].join(" · ")}</span>
        <span className={styles.end}>
          <When iso={session.end} nowMs={nowMs} />
        </span>
      </div>
    </div>
  );
}
