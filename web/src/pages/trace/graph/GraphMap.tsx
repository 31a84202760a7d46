/** The graph of calls, drawn. It begins with what can be read of it, and is dragged and zoomed; a click or Enter on a node goes through its spans. */
import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { Background, Controls, type Edge, MarkerType, type Node, type NodeTypes, Position, ReactFlow } from "@xyflow/react";
import { useMemo, useState } from "react";
import { Skeleton } from "@/components/Skeleton";
import type { AgentGraph, GraphEdge, GraphNode } from "@/model/agent-graph";
import { callsText } from "@/model/graph-list";
import { firstSight, type Size } from "@/model/graph-window";
import styles from "./GraphView.module.css";
import { NodeCard } from "./NodeCard";
import { NODE, type Placed } from "./placeGraph";
import { usePlaced } from "./usePlaced";

interface Props {
  readonly graph: AgentGraph;
  /** Another one is another graph, which is laid out and brought into the window anew. */
  readonly sort: string;
  readonly selected: number;
  readonly onOpen: (node: GraphNode) => void;
}

const TYPES: NodeTypes = { card: NodeCard };

export function GraphMap({ graph, sort, selected, onOpen }: Props) {
  const [room, setRoom] = useState<Size | null>(null);
  const [measure] = useState(() => (box: HTMLElement | null) => {
    if (box) setRoom((before) => before ?? { width: box.clientWidth, height: box.clientHeight });
  });
  const placed = usePlaced(graph, sort, room);
  const scheme = useComputedColorScheme("light");
  const nodes = useMemo(() => (placed ? drawnNodes(graph, placed, selected) : []), [graph, placed, selected]);
  const edges = useMemo(() => graph.edges.map(drawnEdge), [graph]);
  const open = (id: string | null | undefined) => {
    const node = graph.nodes.find((one) => one.id === id);
    if (node) onOpen(node);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the nodes inside have the focus; their library leaves Enter to the page
    <div
      ref={measure}
      className={styles.map}
      onKeyDown={(event) => (event.key === "Enter" ? open(document.activeElement?.getAttribute("data-id")) : undefined)}
    >
      {placed && room ? (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={TYPES}
          defaultViewport={viewport(graph, placed, room)}
          fitViewOptions={{ maxZoom: 1.1, padding: 0.12 }}
          minZoom={0.1}
          colorMode={scheme}
          nodesDraggable={false}
          nodesConnectable={false}
          deleteKeyCode={null}
          onNodeClick={(_, { id }) => open(id)}
          aria-label="Agents, tools and models"
        >
          <Background />
          <Controls showInteractive={false} />
        </ReactFlow>
      ) : (
        <Skeleton rows={8} height={28} />
      )}
    </div>
  );
}

function viewport(graph: AgentGraph, placed: Placed, room: Size) {
  const root = placed.get(graph.nodes[0]?.id ?? "") ?? { x: 0, y: 0 };
  return firstSight(placed.size, room, { x: root.x + NODE.width / 2, y: root.y + NODE.height / 2 }, placed.across);
}

function drawnNodes(graph: AgentGraph, placed: Placed, selected: number): Node[] {
  const sides = placed.across
    ? { sourcePosition: Position.Right, targetPosition: Position.Left }
    : { sourcePosition: Position.Bottom, targetPosition: Position.Top };
  return graph.nodes.flatMap((node) => {
    const position = placed.get(node.id);
    if (!position) return [];
    return [
      {
        id: node.id,
        type: "card",
        position,
        data: { node },
        selected: node.rows.includes(selected),
        draggable: false,
        connectable: false,
        ariaLabel: `${node.kind} ${node.label}, ${node.calls} calls`,
        ...sides,
      },
    ];
  });
}

function drawnEdge(edge: GraphEdge): Edge {
  const colour = edge.errors ? "var(--status-error)" : "var(--text-quiet)";
  return {
    id: edge.id,
    source: edge.from,
    target: edge.to,
    markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, color: colour },
    label: callsText(edge),
    style: { stroke: colour, strokeWidth: 1 + Math.min(3, Math.log10(edge.calls)) },
    labelStyle: { fill: colour, fontSize: 11 },
    labelBgStyle: { fill: "var(--surface-panel)" },
    focusable: false,
  };
}
