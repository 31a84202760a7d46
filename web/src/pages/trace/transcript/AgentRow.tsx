import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { KindIcon } from "@/components/KindIcon";
import { Status } from "@/components/Status";
import { count, duration, fullDuration, fullMoney, money, plural } from "@/model/format";
import type { Sum } from "@/model/trace-rows";
import { nameOf, type StoryRow } from "@/model/transcript";
import type { RowOf } from "./row-of";
import styles from "./Transcript.module.css";

const NONE: Sum = { spans: 0, errors: 0, calls: 0, tools: 0, tokens: 0, cost: 0 };

/** An agent begins: its name and what its run came to. */
export function AgentRow({ row, trace, folded, onSelect, onFold }: RowOf & { readonly row: StoryRow & { readonly type: "agent" } }) {
  const { span } = row;
  const at = trace.rowOf(span.span_id);
  const figures = at < 0 ? NONE : trace.sum(at);
  const Fold = folded ? IconChevronRight : IconChevronDown;
  return (
    <div className={styles.head}>
      <button
        type="button"
        className={styles.fold}
        onClick={() => onFold(span.span_id)}
        aria-expanded={!folded}
        aria-label={`${folded ? "Unfold" : "Fold"} ${nameOf(span)}`}
      >
        <Fold size={15} aria-hidden />
      </button>
      <KindIcon kind="agent" />
      <button type="button" className={`${styles.name} cut`} onClick={onSelect}>
        {nameOf(span)}
      </button>
      {span.status === "error" || span.pending ? <Status status={span.status} pending={span.pending} /> : null}
      <span className={styles.figures}>
        {figures.errors ? <span className={styles.failed}>{plural(figures.errors, "error")}</span> : null}
        {figures.calls ? <span className={styles.wideOnly}>{plural(figures.calls, "call")}</span> : null}
        {figures.tools ? <span className={styles.wideOnly}>{plural(figures.tools, "tool use")}</span> : null}
        {figures.tokens ? <span>{count(figures.tokens)} tokens</span> : null}
        {figures.cost ? <span title={fullMoney(figures.cost)}>{money(figures.cost)}</span> : null}
        <span title={fullDuration(span.duration_ns)}>{duration(span.duration_ns)}</span>
      </span>
    </div>
  );
}
