/** Which agents call which, drawn, or as lines where there is no room: calls, their median and their failures. A click or Enter opens the agent. */
import { useCallback, useMemo } from "react";
import { Graph } from "@/components/graph/Graph";
import { useNarrow } from "@/components/useNarrow";
import type { AgentGraph, GraphNode } from "@/model/agent-graph";
import { plural } from "@/model/format";
import { callLine } from "@/model/graph-lines";
import { GraphList } from "@/pages/trace/graph/GraphList";
import styles from "./CallGraph.module.css";

interface Props {
  readonly graph: AgentGraph;
  /** The agent whose page this is. */
  readonly here?: string;
  readonly onOpen: (agent: string) => void;
}

export function CallGraph({ graph, here = "", onOpen }: Props) {
  const narrow = useNarrow();
  const lines = useMemo(() => graph.edges.map(callLine), [graph]);
  const card = useCallback(
    (node: GraphNode) => ({ says: `Agent ${node.label}, ${plural(node.calls, "run")}`, selected: node.id === here }),
    [here],
  );
  const open = (node: GraphNode) => onOpen(node.id);
  return (
    <div className={styles.calls}>
      {narrow ? (
        <GraphList graph={graph} selected={-1} onOpen={open} />
      ) : (
        <Graph
          label="Calls between agents, drawn"
          nodes={graph.nodes}
          lines={lines}
          card={card}
          sort={here}
          className={styles.graph}
          onOpen={open}
        />
      )}
      {graph.left ? <p className="quiet">{plural(graph.left, "agent")} with fewer calls are left out.</p> : null}
    </div>
  );
}
