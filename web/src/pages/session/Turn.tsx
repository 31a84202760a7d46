import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { Parts } from "@/components/Parts";
import { Status } from "@/components/Status";
import { When } from "@/components/When";
import { useOuterCalls, useTraceMessages } from "@/data/queries/messages";
import type { Trace } from "@/data/queries/traces";
import type { Feedback } from "@/model/feedback";
import { count, duration, fullMoney, money, plural } from "@/model/format";
import { turnAgain, turnOf } from "@/model/session";
import { FeedbackList } from "./FeedbackList";
import styles from "./SessionPage.module.css";

interface Props {
  readonly project: string;
  readonly trace: Trace;
  readonly number: number;
  /** What was said of it afterwards. */
  readonly feedback: readonly Feedback[];
}

/** What was asked and what was answered in one trace, and what it took. */
export function Turn({ project, trace, number, feedback }: Props) {
  const said = useTraceMessages(project, trace.trace_id);
  const messages = useMemo(() => said.data?.pages.flatMap((page) => page.items) ?? [], [said.data]);
  const turn = useMemo(() => turnOf(messages, trace.input, trace.output), [messages, trace.input, trace.output]);
  const unheard = said.isSuccess && !said.hasNextPage && trace.model_calls > 0 && !(turn.asked.length && turn.answered.length);
  const calls = useOuterCalls(project, trace.trace_id, unheard);
  const again = useMemo(() => (calls.data ? turnAgain(calls.data.first, calls.data.last) : null), [calls.data]);
  const asked = turn.asked.length ? turn.asked : (again?.asked ?? []);
  const answered = turn.answered.length ? turn.answered : (again?.answered ?? []);
  const tools = [...new Set(turn.tools.length ? turn.tools : trace.tools)];
  return (
    <article aria-label={`Turn ${number}`}>
      <div className={styles.line}>
        <span className="quiet numbers">{number}</span>
        <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} className={`${styles.trace} cut`}>
          {trace.name || trace.trace_id.slice(0, 16)}
        </Link>
        <Status status={trace.status} pending={trace.pending > 0} />
        <span className={styles.figures}>
          {trace.errors ? <span className={styles.failed}>{plural(trace.errors, "error")}</span> : null}
          {trace.model_calls ? <span className={styles.wideOnly}>{plural(trace.model_calls, "call")}</span> : null}
          <span className={styles.wideOnly}>{count(trace.input_tokens + trace.output_tokens)} tokens</span>
          <span title={fullMoney(trace.cost_usd)}>{money(trace.cost_usd)}</span>
          <span>{duration(trace.duration_ns)}</span>
          <span className={styles.wideOnly}>
            <When iso={trace.start} nowMs={Date.now()} />
          </span>
        </span>
      </div>
      {asked.length ? (
        <div className={styles.says} data-role="user">
          <span className={styles.role}>User</span>
          <Parts parts={asked} />
        </div>
      ) : null}
      {tools.length ? (
        <div className={styles.says}>
          <span className={styles.role}>Tools</span>
          <span className={`${styles.tools} quiet`}>{tools.join(" · ")}</span>
        </div>
      ) : null}
      {answered.length ? (
        <div className={styles.says} data-role="assistant">
          <span className={styles.role}>Answer</span>
          <Parts parts={answered} />
        </div>
      ) : said.isSuccess && !calls.isLoading ? (
        <div className={styles.says}>
          <span className={styles.role}>Answer</span>
          <span className={trace.status === "error" ? styles.failed : "quiet"}>{trace.status_message || "none was recorded"}</span>
        </div>
      ) : null}
      {feedback.length ? (
        <div className={styles.says}>
          <span className={styles.role}>Feedback</span>
          <FeedbackList traceId={trace.trace_id} items={feedback} />
        </div>
      ) : null}
    </article>
  );
}
