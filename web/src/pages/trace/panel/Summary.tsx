import { Fragment, type ReactNode } from "react";
import side from "@/components/side/Side.module.css";
import { When } from "@/components/When";
import { type Span, type SpanOf, usePeers } from "@/data/queries/span";
import { count, duration, fullCount, fullDuration, fullMoney, money, percent, plural } from "@/model/format";
import type { TraceRows } from "@/model/trace-rows";
import { Caused } from "./Caused";
import styles from "./SpanPanel.module.css";

interface Props {
  readonly of: SpanOf;
  readonly span: Span;
  readonly trace: TraceRows;
  readonly row: number;
  readonly onSelect: (span: string) => void;
}

const CAUSING: ReadonlySet<string> = new Set(["tool", "mcp"]);

type Fact = readonly [string, ReactNode];

/** The span at a glance: how it went, how long, among whom, what it used alone and with all below. */
export function Summary({ of, span, trace, row, onSelect }: Props) {
  const parent = trace.parent[row] ?? -1;
  const facts: readonly (Fact | null)[] = [
    ["Kind", span.operation && span.operation !== span.kind ? `${span.kind} · ${span.operation}` : span.kind],
    ["Started", <When key="when" iso={span.start} nowMs={Date.now()} />],
    ["Took", <Took key="took" of={of} span={span} />],
    row >= 0 ? ["Self time", selfTime(trace, row)] : null,
    span.time_to_first_chunk_s ? ["First token", duration(span.time_to_first_chunk_s * 1e9)] : null,
    fact("Agent", [span.agent, span.agent_version].filter(Boolean).join(" ")),
    fact("Model", span.model),
    span.request_model && span.request_model !== span.model ? ["Asked for", span.request_model] : null,
    fact("Provider", span.provider),
    fact("Tool", span.tool),
    span.has_usage ? ["Tokens", tokens(span)] : null,
    span.cost_usd
      ? [
          "Cost",
          <span key="cost" title={fullMoney(span.cost_usd)}>
            {money(span.cost_usd)}
          </span>,
        ]
      : null,
    fact("Finished", span.finish_reasons.join(", ")),
    ...below(trace, row),
    fact("Service", [span.service, span.environment].filter(Boolean).join(" · ")),
    fact("Session", span.session_id),
    fact("User", span.user_id),
    fact("Dialect", span.dialect),
    fact("Scope", [span.scope_name, span.scope_version].filter(Boolean).join(" ")),
    parent >= 0 ? ["Parent", parentLink(trace, parent, onSelect)] : null,
    [
      "Span id",
      <span key="id" className="mono">
        {span.span_id}
      </span>,
    ],
    span.issues.length ? ["On arrival", span.issues.join(", ")] : null,
  ];
  return (
    <>
      {span.status === "error" ? (
        <pre className={`${side.text} ${styles.wrong} mono`}>
          {[span.error_type, span.status_message].filter(Boolean).join(": ") || "It failed; the source did not say why."}
        </pre>
      ) : null}
      <dl className={side.facts} style={span.status === "error" ? { marginTop: 12 } : {}}>
        {facts.map((one) =>
          one ? (
            <Fragment key={one[0]}>
              <dt>{one[0]}</dt>
              <dd>{one[1]}</dd>
            </Fragment>
          ) : null,
        )}
      </dl>
      {CAUSING.has(span.kind) ? <Caused of={of} /> : null}
      <Text label="Input" text={span.input} />
      <Text label="Output" text={span.output} />
    </>
  );
}

function Took({ of, span }: { readonly of: SpanOf; readonly span: Span }) {
  const peers = usePeers(of, !span.pending).data;
  if (span.pending) return "still running";
  const rank =
    peers && peers.count > 1 ? `longer than ${percent(peers.percentile - 1 / peers.count)} of ${plural(peers.count, "peer")}` : "";
  return (
    <>
      <span title={fullDuration(span.duration_ns)}>{duration(span.duration_ns)}</span>
      {peers && rank ? (
        <span
          className="quiet"
          title={`Spans with this name and kind within 7 days${peers.sampled ? ", a part of them" : ""}: median ${duration(peers.p50_ns)}, 95 of 100 within ${duration(peers.p95_ns)}`}
        >
          {` · ${rank}`}
        </span>
      ) : null}
    </>
  );
}

function fact(label: string, value: string): Fact | null {
  return value ? [label, value] : null;
}

function selfTime(trace: TraceRows, row: number): string {
  const own = trace.outline.self_ns[row] ?? 0;
  const took = trace.outline.duration_ns[row] ?? 0;
  return `${duration(own)} · ${percent(took ? own / took : 1)}${trace.is(row, "critical") ? " · on the critical path" : ""}`;
}

function tokens(span: Span): string {
  const cached = span.cache_read_tokens ? ` (${fullCount(span.cache_read_tokens)} cached)` : "";
  const thought = span.reasoning_tokens ? ` (${fullCount(span.reasoning_tokens)} reasoning)` : "";
  return `${fullCount(span.input_tokens)} in${cached} · ${fullCount(span.output_tokens)} out${thought}`;
}

/** Sums of what is below, where something is. */
function below(trace: TraceRows, row: number): readonly (Fact | null)[] {
  if (row < 0 || !trace.outline.descendants[row]) return [];
  const sum = trace.sum(row);
  const parts = [plural(sum.spans - 1, "span")];
  if (sum.tokens) parts.push(`${count(sum.tokens)} tokens`);
  if (sum.cost) parts.push(money(sum.cost));
  const own = trace.is(row, "error") ? 1 : 0;
  if (sum.errors > own) parts.push(plural(sum.errors - own, "error"));
  return [["With all below", parts.join(" · ")]];
}

function parentLink(trace: TraceRows, parent: number, onSelect: (span: string) => void): ReactNode {
  return (
    <button type="button" className={side.link} onClick={() => onSelect(trace.outline.span_id[parent] ?? "")}>
      {trace.text(parent, "name") || "its parent"}
    </button>
  );
}

function Text({ label, text }: { readonly label: string; readonly text: string }) {
  if (!text) return null;
  return (
    <>
      <h4 className={side.part}>{label}</h4>
      <pre className={`${side.text} mono`}>{text}</pre>
    </>
  );
}
