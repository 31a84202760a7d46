/** One session: its conversation, turn by turn; a turn is a trace. */
import { Button } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useScope } from "@/app/scope";
import { remember } from "@/app/shell/recent";
import { useNamed } from "@/app/title";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { When } from "@/components/When";
import { useFeedback } from "@/data/queries/feedback";
import { type Session, useSession, useSessionTraces } from "@/data/queries/sessions";
import { count, duration, fullCount, fullMoney, money, parseTime, plural } from "@/model/format";
import { FeedbackList } from "./FeedbackList";
import styles from "./SessionPage.module.css";
import { Turn } from "./Turn";

const NONE: readonly never[] = [];

export function SessionPage() {
  const { sessionId } = useParams({ from: "/shell/sessions/$sessionId" });
  const { project } = useScope();
  const answer = useSession(project, sessionId);
  const turns = useSessionTraces(project, answer.data);
  const scroller = useRef<HTMLDivElement>(null);
  const traces = turns.data?.traces ?? NONE;
  const feedback = useFeedback(project, answer.data, traces);
  const ofSession = turns.isSuccess ? feedback.get("") : undefined;
  const virtual = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 180,
    getItemKey: (at) => traces[at]?.trace_id ?? at,
    overscan: 3,
    paddingEnd: 24,
  });
  useNamed(sessionId);
  useEffect(() => {
    if (answer.data) remember({ href: location.pathname + location.search, title: `Session ${answer.data.session_id}` });
  }, [answer.data]);
  if (answer.isError && !answer.data) {
    const again = (
      <Button variant="default" onClick={() => void answer.refetch()}>
        Try again
      </Button>
    );
    return (
      <Empty title="This session cannot be shown" action={again}>
        {answer.error.message}
      </Empty>
    );
  }
  if (!answer.data) return <Skeleton rows={6} height={72} />;
  return (
    <div className={styles.page}>
      <Head session={answer.data} />
      <Failed of={turns} />
      {turns.data?.more ? <p className={styles.note}>The latest {count(traces.length)} turns of this session.</p> : null}
      {turns.isSuccess && !traces.length ? (
        <Empty title="No traces">Only log records tell of this session: what it used is summed above.</Empty>
      ) : null}
      {ofSession ? (
        <div className={styles.whole}>
          <span className={styles.role}>Feedback</span>
          <FeedbackList traceId={null} items={ofSession} />
        </div>
      ) : null}
      {turns.isPending ? <Skeleton rows={6} height={72} /> : null}
      <div ref={scroller} className={styles.scroller}>
        <ol className={styles.list} style={{ height: virtual.getTotalSize() }} aria-label="Conversation">
          {virtual.getVirtualItems().map((item) => {
            const trace = traces[item.index];
            return trace ? (
              <li
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={styles.turn}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Turn project={project} trace={trace} number={item.index + 1} feedback={feedback.get(trace.trace_id) ?? NONE} />
              </li>
            ) : null;
          })}
        </ol>
      </div>
    </div>
  );
}

function Head({ session }: { readonly session: Session }) {
  const tokens = session.input_tokens + session.output_tokens;
  return (
    <header className={styles.head}>
      <h2 className={`${styles.name} cut`} title={session.session_id}>
        {session.session_id}
      </h2>
      {session.users.length ? (
        <span className={`${styles.many} cut`} title={session.users.join(", ")}>
          {session.users.join(", ")}
        </span>
      ) : null}
      <span>{plural(session.traces, "turn")}</span>
      <span>{duration(Math.max(0, parseTime(session.end) - parseTime(session.start)) * 1e6)}</span>
      <span title={`${fullCount(session.input_tokens)} in, ${fullCount(session.output_tokens)} out`}>{count(tokens)} tokens</span>
      <span title={fullMoney(session.cost_usd)}>{money(session.cost_usd)}</span>
      {session.errors ? <span className={styles.failed}>{plural(session.errors, "error")}</span> : null}
      <span className="quiet">
        last seen <When iso={session.end} nowMs={Date.now()} />
      </span>
      {session.agents.length ? (
        <span className={`${styles.many} quiet cut`} title={session.agents.join(", ")}>
          {session.agents.join(", ")}
        </span>
      ) : null}
    </header>
  );
}
