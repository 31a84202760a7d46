import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ButtonLink } from "@/components/ButtonLink";
import { ExecutionStatus } from "@/components/ExecutionStatus";
import { useNow } from "@/components/useNow";
import { When } from "@/components/When";
import type { ExecutionDetail } from "@/data/queries/executions";
import { ageNs, isGoing } from "@/model/execution";
import { ago, duration, utc } from "@/model/format";
import styles from "./ExecutionPage.module.css";
import { ODD } from "./odd";

interface Props {
  readonly run: ExecutionDetail;
  readonly answeredMs: number;
}

/** Whose run it is, how it stands, where it belongs. */
export function ExecutionHead({ run, answeredMs }: Props) {
  const going = isGoing(run.status);
  const nowMs = useNow(going, answeredMs);
  return (
    <>
      <header className={styles.head}>
        <h2 className="cut">
          {run.agent ? (
            <Link to="/agents/$agent" params={{ agent: run.agent }}>
              {run.agent}
            </Link>
          ) : (
            run.name || run.id
          )}
        </h2>
        <ExecutionStatus status={run.status} />
        <span className={`${styles.about} quiet`}>
          {run.name && run.name !== run.agent ? `${run.name} · ` : ""}
          <When iso={run.start} nowMs={nowMs} /> · {duration(ageNs(run, nowMs - answeredMs))}
          {going ? <span title={utc(run.last_heard)}> · heard {ago(run.last_heard, nowMs)}</span> : null}
        </span>
        {run.forked_from ? (
          <ButtonLink variant="default" to="/executions/compare" search={{ a: run.forked_from, b: run.id } as never}>
            Compare with its origin
          </ButtonLink>
        ) : null}
        {run.trace_id ? (
          <ButtonLink
            variant="default"
            to="/traces/$traceId"
            params={{ traceId: run.trace_id }}
            search={(run.span_id ? { span: run.span_id } : {}) as never}
          >
            Its trace
          </ButtonLink>
        ) : null}
      </header>
      <dl className={styles.facts}>
        <Fact name="Id">
          <span className="mono">{run.id}</span>
        </Fact>
        {run.agent_version ? <Fact name="Version">{run.agent_version}</Fact> : null}
        {run.session_id ? (
          <Fact name="Session">
            <Link to="/sessions/$sessionId" params={{ sessionId: run.session_id }}>
              {run.session_id}
            </Link>
          </Fact>
        ) : null}
        {run.user_id ? <Fact name="User">{run.user_id}</Fact> : null}
        {run.task_id ? <Fact name="Task">{run.task_id}</Fact> : null}
        {run.service ? <Fact name="Service">{[run.service, run.environment].filter(Boolean).join(", ")}</Fact> : null}
        {run.waiting_for ? <Fact name="Waits for">{run.waiting_for}</Fact> : null}
        {run.stalled_since ? (
          <Fact name="Stalled since">
            <When iso={run.stalled_since} nowMs={nowMs} />
          </Fact>
        ) : null}
      </dl>
      {run.issues.map((issue) => (
        <p key={issue} className={styles.issue}>
          {ODD[issue] ?? issue}
        </p>
      ))}
      {run.status === "failed" && (run.error_type || run.status_message) ? (
        <div className={styles.error} role="alert">
          <b>{run.error_type || "It failed"}</b>
          {run.status_message ? <span> {run.status_message}</span> : null}
        </div>
      ) : null}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="cut">{children}</dd>
    </div>
  );
}
