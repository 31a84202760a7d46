/** A workflow drawn: steps, what follows what, and how each step stands. What it tells stands in the table below, too, for those who do not see it. */
import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { Background, Controls, type Edge, MarkerType, type Node, type NodeTypes, Position, ReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { Skeleton } from "@/components/Skeleton";
import type { AgentGraph } from "@/model/agent-graph";
import { plural } from "@/model/format";
import { usePlaced } from "@/pages/trace/graph/usePlaced";
import { StepCard, type Told } from "./StepCard";
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

const TYPES: NodeTypes = { step: StepCard };
const ROOM = { width: 1100, height: 420 };
const NOTHING: Told = { words: "", tone: null, absent: false };

export function FlowGraph({ label, graph, told, counted, meant }: Props) {
  const placed = usePlaced(graph, "", ROOM);
  const scheme = useComputedColorScheme("light");
  const nodes: Node[] = useMemo(
    () =>
      graph.nodes.flatMap((node) => {
        const position = placed?.get(node.id);
        if (!placed || !position) return [];
        const how = told.get(node.id) ?? NOTHING;
        const sides = placed.across ? { sourcePosition: Position.Right, targetPosition: Position.Left } : {};
        const fixed = { draggable: false, connectable: false, selectable: false };
        return [
          { id: node.id, type: "step", position, data: { node, told: how }, ariaLabel: `${node.label}: ${how.words}`, ...sides, ...fixed },
        ];
      }),
    [graph, placed, told],
  );
  const edges = useMemo(() => graph.edges.map((edge) => drawn(edge, counted, meant.has(edge.id))), [graph, counted, meant]);
  if (!placed) return <Skeleton rows={6} height={28} />;
  return (
    <>
      <div className={styles.graph}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={TYPES}
          fitView
          fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
          minZoom={0.1}
          colorMode={scheme}
          nodesDraggable={false}
          nodesConnectable={false}
          deleteKeyCode={null}
          preventScrolling={false}
          zoomOnScroll={false}
          aria-label={label}
        >
          <Background />
          <Controls showInteractive={false} />
        </ReactFlow>
      </div>
      {graph.left ? <p className="quiet">{plural(graph.left, "step")} that ran least are left out of the drawing.</p> : null}
    </>
  );
}

function drawn(edge: AgentGraph["edges"][number], counted: boolean, meant: boolean): Edge {
  return {
    id: edge.id,
    source: edge.from,
    target: edge.to,
    markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--text-quiet)", markerUnits: "userSpaceOnUse" },
    ...(counted ? { label: meant ? "never" : `${edge.calls}×` } : {}),
    style: {
      stroke: "var(--text-quiet)",
      strokeWidth: 1 + Math.min(2, Math.log10(Math.max(1, edge.calls))),
      ...(meant ? { strokeDasharray: "5 4" } : {}),
    },
    labelStyle: { fill: "var(--text-quiet)", fontSize: 11 },
    labelBgStyle: { fill: "var(--surface-page)" },
    focusable: false,
  };
}
