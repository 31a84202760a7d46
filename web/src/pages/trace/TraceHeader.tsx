import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { KindIcon } from "@/components/KindIcon";
import { Status } from "@/components/Status";
import { When } from "@/components/When";
import type { Trace } from "@/data/queries/traces";
import { count, duration, fullCount, fullDuration, fullMoney, money } from "@/model/format";
import styles from "./TraceHeader.module.css";

/** What the trace is called, how it went, and what it came to. */
export function TraceHeader({ trace, actions }: { readonly trace: Trace; readonly actions: ReactNode }) {
  const tokens = trace.input_tokens + trace.output_tokens;
  const unpriced = tokens > 0 && trace.cost_usd === 0;
  return (
    <header className={styles.head}>
      <div className={styles.title}>
        <KindIcon kind={trace.kind} size={18} />
        <h2 className={`${styles.name} cut`} title={trace.name}>
          {trace.name || "Trace without a name"}
        </h2>
        <Status status={trace.status} pending={trace.pending > 0} />
        <div className={styles.actions}>{actions}</div>
      </div>
      <dl className={styles.figures}>
        <Figure label="Started">
          <When iso={trace.start} nowMs={Date.now()} />
        </Figure>
        <Figure label="Took" title={fullDuration(trace.duration_ns)}>
          {duration(trace.duration_ns)}
        </Figure>
        <Figure label="Spans" title={fullCount(trace.spans)}>
          {count(trace.spans)}
        </Figure>
        {trace.errors ? (
          <Figure label="Errors" title={fullCount(trace.errors)} wrong>
            {count(trace.errors)}
          </Figure>
        ) : null}
        <Figure label="Model calls" title={fullCount(trace.model_calls)}>
          {count(trace.model_calls)}
        </Figure>
        <Figure label="Tool calls" title={fullCount(trace.tool_calls)}>
          {count(trace.tool_calls)}
        </Figure>
        <Figure label="Tokens" title={`${fullCount(trace.input_tokens)} in, ${fullCount(trace.output_tokens)} out`}>
          {count(tokens)}
        </Figure>
        <Figure label="Cost" title={unpriced ? "It is free, or no price is known of what it used" : fullMoney(trace.cost_usd)}>
          {unpriced ? "–" : money(trace.cost_usd)}
        </Figure>
        {trace.service ? <Figure label="Service">{trace.service}</Figure> : null}
        {trace.session_id ? (
          <Figure label="Session" title={trace.session_id}>
            <Link to="/sessions/$sessionId" params={{ sessionId: trace.session_id }} className={styles.link ?? ""}>
              {trace.session_id}
            </Link>
          </Figure>
        ) : null}
      </dl>
    </header>
  );
}

interface FigureProps {
  readonly label: string;
  readonly title?: string;
  readonly wrong?: boolean;
  readonly children: ReactNode;
}

function Figure({ label, title, wrong = false, children }: FigureProps) {
  return (
    <div className={styles.figure} title={title}>
      <dt>{label}</dt>
      <dd className={`${wrong ? styles.wrong : ""} cut`}>{children}</dd>
    </div>
  );
}
