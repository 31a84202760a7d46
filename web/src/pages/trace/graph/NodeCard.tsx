import { Handle, type NodeProps, Position } from "@xyflow/react";
import { KindIcon } from "@/components/KindIcon";
import type { GraphNode } from "@/model/agent-graph";
import { kindOf } from "@/model/colours";
import { count, duration, money, plural } from "@/model/format";
import styles from "./NodeCard.module.css";

/** One agent, tool or model, with the figures of all its calls. */
export function NodeCard({ data, selected, sourcePosition = Position.Bottom, targetPosition = Position.Top }: NodeProps) {
  const node = data["node"] as GraphNode;
  return (
    <div className={`${styles.card} ${selected ? styles.selected : ""}`} style={{ borderLeftColor: `var(--kind-${kindOf(node.kind)})` }}>
      <Handle type="target" position={targetPosition} className={styles.handle ?? ""} />
      <div className={styles.name}>
        <KindIcon kind={node.kind} size={14} />
        <span className="cut" title={node.label}>
          {node.label}
        </span>
      </div>
      <div className={styles.figures}>
        <span title={plural(node.calls, "call")}>{count(node.calls)}×</span>
        <span title="Median of their durations">{duration(node.p50)}</span>
        {node.errors ? <span className={styles.wrong}>{plural(node.errors, "error")}</span> : null}
        {node.cost ? <span>{money(node.cost)}</span> : null}
        {node.tokens ? <span>{count(node.tokens)} tok</span> : null}
      </div>
      <Handle type="source" position={sourcePosition} className={styles.handle ?? ""} />
    </div>
  );
}
