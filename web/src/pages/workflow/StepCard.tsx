import { Handle, type NodeProps, Position } from "@xyflow/react";
import { KindIcon } from "@/components/KindIcon";
import type { GraphNode } from "@/model/agent-graph";
import { kindOf } from "@/model/colours";
import styles from "./StepCard.module.css";

export interface Told {
  readonly words: string;
  readonly tone: "ok" | "error" | "pending" | "unset" | null;
  /** It did not run. */
  readonly absent: boolean;
}

/** One step of a workflow, and how it stands. */
export function StepCard({ data, sourcePosition = Position.Bottom, targetPosition = Position.Top }: NodeProps) {
  const node = data["node"] as GraphNode;
  const told = data["told"] as Told;
  return (
    <div className={`${styles.card} ${told.absent ? styles.absent : ""}`} style={{ borderLeftColor: `var(--kind-${kindOf(node.kind)})` }}>
      <Handle type="target" position={targetPosition} className={styles.handle ?? ""} />
      <div className={styles.name}>
        <KindIcon kind={node.kind} size={14} />
        <span className="cut" title={node.label}>
          {node.label}
        </span>
      </div>
      <div className={styles.told} style={told.tone ? { color: `var(--status-${told.tone})` } : {}}>
        {told.words}
      </div>
      <Handle type="source" position={sourcePosition} className={styles.handle ?? ""} />
    </div>
  );
}
