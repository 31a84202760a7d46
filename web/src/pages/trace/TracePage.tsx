/** One trace: its figures, the views of it, and the chosen span beside them. The address holds view and choice. */
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useScope } from "@/app/scope";
import { remember } from "@/app/shell/recent";
import { Empty } from "@/components/Empty";
import { Problem } from "@/components/Problem";
import { Skeleton } from "@/components/Skeleton";
import { useOutline } from "@/data/queries/outline";
import { useTrace } from "@/data/queries/trace";
import { Banners } from "./Banners";
import { TraceActions } from "./TraceActions";
import { TraceHeader } from "./TraceHeader";
import styles from "./TracePage.module.css";
import { Views } from "./Views";

export function TracePage() {
  const { traceId } = useParams({ from: "/shell/traces/$traceId" });
  const { project } = useScope();
  const answer = useTrace(project, traceId, 1);
  const trace = answer.data?.trace;
  const outline = useOutline(project, traceId, (trace?.pending ?? 0) > 0);
  useEffect(() => {
    if (trace) remember({ href: location.pathname + location.search, title: trace.name || trace.trace_id });
  }, [trace]);
  const total = outline.data?.outline.total;
  const { refetch } = answer;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the figures are asked for again when the tree has grown
  useEffect(() => {
    if (outline.dataUpdatedAt && trace?.pending) void refetch();
  }, [outline.dataUpdatedAt, total]);
  if (answer.isError && !trace) return <Empty title="This trace cannot be shown">{answer.error.message}</Empty>;
  return (
    <div className={styles.page}>
      {trace ? (
        <TraceHeader trace={trace} actions={<TraceActions project={project} traceId={traceId} />} />
      ) : (
        <div className={styles.waiting} />
      )}
      {outline.isError ? <Problem error={outline.error} onRetry={() => void outline.refetch()} /> : null}
      {trace && outline.data ? <Banners trace={trace} rows={outline.data.rows} facts={outline.data.outline} /> : null}
      {outline.data ? (
        <Views key={traceId} project={project} traceId={traceId} trace={outline.data.rows} />
      ) : outline.isError ? null : (
        <Skeleton rows={16} height={28} />
      )}
    </div>
  );
}
