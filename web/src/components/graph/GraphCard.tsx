import { Handle, type NodeProps, Position } from "@xyflow/react";
import { KindIcon } from "@/components/KindIcon";
import type { GraphNode } from "@/model/agent-graph";
import { kindOf } from "@/model/colours";
import { count, duration, money, plural } from "@/model/format";
import styles from "./GraphCard.module.css";

/** How a step stands, in place of the figures of its calls. */
export interface Told {
  readonly words: string;
  readonly tone: "ok" | "error" | "pending" | "unset" | null;
  /** It did not run. */
  readonly absent: boolean;
}

/** One agent, tool, model or step of a graph. */
export function GraphCard({ data, selected }: NodeProps) {
  const node = data["node"] as GraphNode;
  const told = data["told"] as Told | undefined;
  return (
    <div
      className={styles.card}
      data-selected={selected}
      data-absent={told?.absent ?? false}
      style={{ borderLeftColor: `var(--kind-${kindOf(node.kind)})` }}
    >
      <Handle type="target" position={Position.Top} className={styles.handle ?? ""} />
      <div className={styles.name}>
        <KindIcon kind={node.kind} size={14} />
        <span className="cut" title={node.label}>
          {node.label}
        </span>
      </div>
      <div className={styles.told} style={told?.tone ? { color: `var(--status-${told.tone})` } : {}}>
        {told ? told.words : <Figures node={node} />}
      </div>
      <Handle type="source" position={Position.Bottom} className={styles.handle ?? ""} />
    </div>
  );
}

function Figures({ node }: { readonly node: GraphNode }) {
  return (
    <>
      <span title={plural(node.calls, "call")}>{count(node.calls)}×</span>
      <span title="Median of their durations">{duration(node.p50)}</span>
      {node.errors ? <span className={styles.wrong}>{plural(node.errors, "error")}</span> : null}
      {node.cost ? <span>{money(node.cost)}</span> : null}
      {node.tokens ? <span>{count(node.tokens)} tok</span> : null}
    </>
  );
}
