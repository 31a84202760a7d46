import list from "@/components/List.module.css";
import { When } from "@/components/When";
import type { Session } from "@/data/queries/sessions";
import { count, money, plural } from "@/model/format";

/** A session in two lines, for narrow screens. */
export function SessionCard({ session, nowMs }: { readonly session: Session; readonly nowMs: number }) {
  return (
    <div className={list.card}>
      <div className={list.line}>
        <span className="cut">
          <span className={list.title}>{session.session_id}</span> <span className="quiet">{session.first_input}</span>
        </span>
        <span className={`${list.end} numbers`}>
          {session.errors ? <span className={list.failed}>{count(session.errors)} err </span> : null}
          {session.cost_usd ? money(session.cost_usd) : null}
        </span>
      </div>
      <div className={`${list.line} quiet`}>
        <span className="cut">{[plural(session.traces, "turn"), ...session.users, ...session.agents].join(" · ")}</span>
        <span className={list.end}>
          <When iso={session.end} nowMs={nowMs} />
        </span>
      </div>
    </div>
  );
}
