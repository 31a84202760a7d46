/** One trace: its figures, the views of it, and the chosen span beside them. The address holds view and choice. */
import { Button } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { useScope } from "@/app/scope";
import { remember } from "@/app/shell/recent";
import { useNamed } from "@/app/title";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { FIRST_SPANS } from "@/data/first-page";
import { asApiError } from "@/data/problem";
import { useOutline } from "@/data/queries/outline";
import { useTrace } from "@/data/queries/trace";
import { isAwaited } from "@/data/stored-soon";
import { stillRuns } from "@/model/running-trace";
import { tellsStory } from "@/model/trace-search";
import { Banners } from "./Banners";
import { TraceActions } from "./TraceActions";
import { TraceHeader } from "./TraceHeader";
import styles from "./TracePage.module.css";
import { useArrival, useFollowing, usePreparedStory } from "./useFollowing";
import { useTraceAddress } from "./useTraceAddress";
import { Views } from "./Views";

export function TracePage() {
  const { traceId } = useParams({ from: "/shell/traces/$traceId" });
  const { project } = useScope();
  const story = tellsStory(useTraceAddress().view);
  const answer = useTrace(project, traceId, story ? FIRST_SPANS : 1); // a story begins with the same answer
  const trace = answer.data?.trace;
  usePreparedStory(project, traceId, story);
  const running = useCallback(() => trace !== undefined && stillRuns(trace, Date.now()), [trace]);
  const outline = useOutline(project, traceId, running);
  useNamed(trace?.name || traceId);
  useEffect(() => {
    if (trace) remember({ href: location.pathname + location.search, title: trace.name || trace.trace_id });
  }, [trace]);
  const awaited = isAwaited(answer);
  useArrival(project, traceId, awaited, trace !== undefined);
  useFollowing(project, traceId, outline.data, running);
  if (awaited && !trace) return <Awaited />;
  if (answer.isError && !trace) {
    const again = (
      <Button variant="default" onClick={() => void Promise.all([answer.refetch(), outline.refetch()])}>
        Try again
      </Button>
    );
    return (
      <Empty title={asApiError(answer.error).status === 404 ? "There is no such trace" : "This trace cannot be shown"} action={again}>
        {answer.error.message}
      </Empty>
    );
  }
  return (
    <div className={styles.page}>
      {trace ? (
        <TraceHeader trace={trace} actions={<TraceActions project={project} trace={trace} />} />
      ) : (
        <div className={styles.waiting} />
      )}
      <Failed of={outline} />
      {outline.data ? <Banners key={`of ${traceId}`} trace={trace} rows={outline.data.rows} facts={outline.data.outline} /> : null}
      {outline.data ? (
        <Views key={traceId} project={project} traceId={traceId} trace={outline.data.rows} />
      ) : outline.isError ? null : (
        <Skeleton rows={16} height={28} />
      )}
    </div>
  );
}

/** In the place and with the look of what comes: it is there within a second, nearly always. */
function Awaited() {
  return (
    <div className={styles.page}>
      <div className={`${styles.waiting} ${styles.awaited}`} role="status">
        Waiting for the trace to be stored …
      </div>
      <Skeleton rows={16} height={28} />
    </div>
  );
}
