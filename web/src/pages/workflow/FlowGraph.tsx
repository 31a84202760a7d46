/** A workflow drawn: steps, what follows what, and how each step stands. What it tells stands in the table below, too, for those who do not see it. */
import { useCallback, useMemo } from "react";
import { Graph } from "@/components/graph/Graph";
import type { Told } from "@/components/graph/GraphCard";
import type { AgentGraph, GraphNode } from "@/model/agent-graph";
import { plural } from "@/model/format";
import { callWidth } from "@/model/graph-lines";
import styles from "./WorkflowPage.module.css";

interface Props {
  readonly label: string;
  readonly graph: AgentGraph;
  /** How the step of a node stands, by the node's id. */
  readonly told: ReadonlyMap<string, Told>;
  /** Whether edges tell how many runs took them. */
  readonly counted: boolean;
  /** Edges that were declared and never taken, by their ids. */
  readonly meant: ReadonlySet<string>;
}

const NOTHING: Told = { words: "", tone: null, absent: false };

export function FlowGraph({ label, graph, told, counted, meant }: Props) {
  const lines = useMemo(
    () =>
      graph.edges.map((edge) => {
        const never = meant.has(edge.id);
        const words = never ? "never" : `${edge.calls}×`;
        const look = { label: counted ? words : "", colour: "var(--text-quiet)", width: callWidth(edge), dashed: never };
        return { id: edge.id, from: edge.from, to: edge.to, ...look };
      }),
    [graph, counted, meant],
  );
  const card = useCallback(
    (node: GraphNode) => {
      const how = told.get(node.id) ?? NOTHING;
      return { says: `${node.label}: ${how.words}`, told: how };
    },
    [told],
  );
  return (
    <>
      <Graph label={label} nodes={graph.nodes} lines={lines} card={card} sort={label} className={styles.graph} />
      {graph.left ? <p className="quiet">{plural(graph.left, "step")} that ran least are left out of the drawing.</p> : null}
    </>
  );
}
