/** One trace: its figures. */
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useScope } from "@/app/scope";
import { remember } from "@/app/shell/recent";
import { Empty } from "@/components/Empty";
import { KindIcon } from "@/components/KindIcon";
import { Status } from "@/components/Status";
import { useTrace } from "@/data/queries/trace";
import { count, duration, money, plural } from "@/model/format";
import styles from "./TracePage.module.css";

export function TracePage() {
  const { traceId } = useParams({ from: "/shell/traces/$traceId" });
  const { project } = useScope();
  const answer = useTrace(project, traceId);
  const trace = answer.data?.trace;
  useEffect(() => {
    if (trace) remember({ href: location.pathname + location.search, title: trace.name || trace.trace_id });
  }, [trace]);
  if (answer.isError) return <Empty title="This trace cannot be shown">{answer.error.message}</Empty>;
  if (!trace) return null;
  return (
    <header className={styles.head}>
      <KindIcon kind={trace.kind} size={18} />
      <h2 className={`${styles.name} cut`}>{trace.name}</h2>
      <Status status={trace.status} pending={trace.pending > 0} />
      <span>{duration(trace.duration_ns)}</span>
      <span>{plural(trace.spans, "span")}</span>
      <span>{count(trace.input_tokens + trace.output_tokens)} tokens</span>
      <span>{money(trace.cost_usd)}</span>
    </header>
  );
}
