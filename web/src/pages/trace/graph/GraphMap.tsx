/** The graph of calls, drawn; a click or Enter on a node goes through its spans. */
import { useCallback, useMemo } from "react";
import { Graph } from "@/components/graph/Graph";
import type { AgentGraph, GraphNode } from "@/model/agent-graph";
import { callLine } from "@/model/graph-lines";
import styles from "./GraphView.module.css";

interface Props {
  readonly graph: AgentGraph;
  /** Another one is another graph. */
  readonly sort: string;
  readonly selected: number;
  readonly onOpen: (node: GraphNode) => void;
}

export function GraphMap({ graph, sort, selected, onOpen }: Props) {
  const lines = useMemo(() => graph.edges.map(callLine), [graph]);
  const card = useCallback(
    (node: GraphNode) => ({ says: `${node.kind} ${node.label}, ${node.calls} calls`, selected: node.rows.includes(selected) }),
    [selected],
  );
  return (
    <Graph
      label="Agents, tools and models"
      nodes={graph.nodes}
      lines={lines}
      card={card}
      sort={sort}
      className={styles.map}
      alone
      onOpen={onOpen}
    />
  );
}
