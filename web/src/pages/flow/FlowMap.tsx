/** The flow drawn. All that it tells stands in the lists, too, for those who do not see it. */
import { useCallback, useMemo } from "react";
import { Graph } from "@/components/graph/Graph";
import type { GraphNode } from "@/model/agent-graph";
import { plural } from "@/model/format";
import type { Line } from "@/model/graph-lines";
import { changeColour, type Drawn, type Edge, edgeLabel } from "@/model/ways";
import styles from "./FlowPage.module.css";

export function FlowMap({ drawn, label }: { readonly drawn: Drawn; readonly label: string }) {
  const lines = useMemo(
    () =>
      drawn.graph.edges.flatMap(({ id, from, to }) => {
        const edge = drawn.edges.get(id);
        return edge ? [{ id, from, to, ...look(edge) }] : [];
      }),
    [drawn],
  );
  const card = useCallback(
    (node: GraphNode) => {
      const absent = drawn.gone.has(node.id);
      const words = absent ? "no longer called" : (drawn.words.get(node.id) ?? "");
      return { says: `${node.label}: ${words}`, told: { words, tone: null, absent } };
    },
    [drawn],
  );
  const { nodes } = drawn.graph;
  const sort = nodes.map(({ id }) => id).join("\n"); // another version is another graph where it has other steps
  return (
    <>
      <Graph label={label} nodes={nodes} lines={lines} card={card} sort={sort} className={styles.graph} />
      {drawn.left > 0 || drawn.graph.left ? (
        <p className="quiet">{plural(Math.max(drawn.left, 0), "edge")} that are taken least stand in the list only.</p>
      ) : null}
    </>
  );
}

function look(edge: Edge): Pick<Line, "label" | "colour" | "width" | "dashed"> {
  const share = Math.max(edge.share, edge.change?.kind === "disappeared" ? 0.3 : 0);
  return { label: edgeLabel(edge), colour: changeColour(edge.change), width: 1 + 2 * share, dashed: !edge.count };
}
